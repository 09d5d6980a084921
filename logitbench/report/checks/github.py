"""Workflow commands of GitHub Actions, which show findings beside the lines of a pull request."""

from __future__ import annotations

from logitbench.checks.records import Finding, Report, Severity, Unparsable
from logitbench.report.checks import places
from logitbench.report.plain import encodable

COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
    Severity.UNKNOWN: "notice",
}


def render(report: Report) -> str:
    """Return a command for each finding and for what cannot be checked."""
    return "".join([*map(_finding, report.findings), *map(_unparsable, report.unparsable)])


def _finding(finding: Finding) -> str:
    where: dict[str, str | int] = {}
    if not places.part(finding):
        where |= {"line": finding.line, "endLine": finding.end_line}
        if finding.line == finding.end_line:  # GitHub takes columns within one line only
            where |= {"col": finding.column, "endColumn": finding.end_column}
    return _command(COMMANDS[finding.severity], finding.path, {**where, "title": finding.code}, places.told(finding))


def _unparsable(one: Unparsable) -> str:
    return _command("error", one.path, {"title": "logitbench"}, places.why(one))


def _command(name: str, path: str, properties: dict[str, str | int], said: str) -> str:
    named = {"file": places.relative(path) or path, **properties}
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in named.items())
    return f"::{name} {listed}::{_data(said)}\n"


def _data(text: str) -> str:
    return encodable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
