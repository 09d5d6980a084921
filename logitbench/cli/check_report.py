"""How ``logitbench check`` gives what it found."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from logitbench import tables
from logitbench.checks.records import Report, Severity
from logitbench.cli.output import write
from logitbench.report.checks import FORMATS, text


@dataclass(frozen=True)
class Form:
    """How a report is given.

    Args:
        name: Of the format.
        statistics: Whether findings are only counted.
        output: The file; None for stdout.
    """

    name: str
    statistics: bool
    output: Path | None


def give(report: Report, form: Form, summary: str) -> None:
    """Print the report, or write it to a file; what was left out, and one line on the whole, go to stderr."""
    if form.name == "text" and form.output is None and not form.statistics:
        text.show(report)
    else:
        write(text.statistics(report) if form.statistics else tables.load(FORMATS[form.name])(report), form.output)
    tell(report, summary)


def tell(report: Report, summary: str) -> None:
    """Say on stderr what was left out, and the summary."""
    for one in report.unparsable:
        sys.stderr.write(text.left_out(one) + "\n")
    for told in report.untold:
        sys.stderr.write(text.untold(told) + "\n")
    sys.stderr.write(summary + "\n")


def exit_code(report: Report) -> int:
    """Return 2 where something could not be looked at, 1 where something was found, else 0."""
    if report.unparsable:
        return 2
    return int(any(finding.severity is not Severity.UNKNOWN for finding in report.findings))
