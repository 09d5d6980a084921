"""SARIF 2.1.0, which code scanning services read: OASIS standard, sections 3.13 to 3.58.

URIs are relative to ``%SRCROOT%``, the folder that the program was started in: start it at the top of the repository.

A notebook's finding has no region, which would count lines of its JSON: services show it at the top of the file. Which
cell and line it is about stands in the message, and as a logical location.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any

from logitbench import __version__
from logitbench.checks.records import UNDETERMINED, Finding, Place, Report, Severity, Unparsable
from logitbench.checks.registry import all_rules
from logitbench.checks.rule import Rule
from logitbench.report.checks import places
from logitbench.report.checks.json import written
from logitbench.report.plain import encodable

Json = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"

LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
    Severity.UNKNOWN: "note",
}

_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
"""Where a reader of a message would see a link, as in ``layers[0](x)`` (section 3.11.6)."""


def render(report: Report) -> str:
    """Return everything, as a SARIF log."""
    rules = [*map(_rule, all_rules().values()), _untold()]
    run = {
        "tool": {"driver": {"name": "logitbench", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that logitbench was started in."}}},
        "invocations": [
            {
                "executionSuccessful": not report.unparsable,
                "toolExecutionNotifications": [_notification(one) for one in report.unparsable],
            }
        ],
        "results": _results(report, {rule["id"]: index for index, rule in enumerate(rules)}),
    }
    log: Json = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return written(log)


def _rule(rule: Rule) -> Json:
    what = rule.page.partition("## What it does\n")[2].partition("\n## ")[0]
    return {
        "id": rule.code,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": " ".join(what.split())},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _untold() -> Json:
    text = "logitbench could not determine whether a head fits its loss."
    return {"id": UNDETERMINED, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "note"}}


def _results(report: Report, index: dict[str, int]) -> list[Json]:
    seen: Counter[tuple[str, str]] = Counter()
    results = []
    for finding in report.findings:
        alike = _alike(finding)
        result = {
            "ruleId": finding.code,
            "ruleIndex": index[finding.code],
            "level": LEVELS[finding.severity],
            "message": _message(places.told(finding)),
            "locations": [_location(finding)],
            "partialFingerprints": {"logitbench/v1": f"{alike}:{seen[finding.path, alike]}"},
        }
        if finding.head is not None:
            result["relatedLocations"] = [_head(finding, finding.head)]
        seen[finding.path, alike] += 1
        results.append(result)
    return results


def _alike(finding: Finding) -> str:
    """Return what stays the same when lines are added above, or a file is moved: the rule, and what stands there."""
    return hashlib.sha256(encodable(f"{finding.code}\n{finding.part or finding.source.strip()}").encode()).hexdigest()[
        :16
    ]


def _message(text: str) -> Json:
    return {"text": _LINK.sub(r"\\[", text)}


def _location(finding: Finding) -> Json:
    if part := places.part(finding):
        return _in_part(finding.path, part)
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
        "snippet": {"text": finding.source},
    }
    return {"physicalLocation": {"artifactLocation": _artifact(finding.path), "region": region}}


def _head(finding: Finding, head: Place) -> Json:
    """Return where the head is; line and what stands there are all that is known of it."""
    path = finding.path
    if part := head.source if finding.part else places.part(head):
        place = _in_part(path, part)
    else:
        region = {"startLine": head.line, "snippet": {"text": head.source}}
        place = {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}
    return {"id": 1, **place, "message": _message(f"The head: {head.source}")}


def _in_part(path: str, part: str) -> Json:
    where = {"artifactLocation": _artifact(path)}
    return {"physicalLocation": where, "logicalLocations": [{"fullyQualifiedName": part}]}


def _artifact(path: str) -> Json:
    where = places.uri(path)
    return {"uri": where} if where.startswith("file:") else {"uri": where, "uriBaseId": ROOT}


def _notification(one: Unparsable) -> Json:
    return {
        "level": "error",
        "message": _message(places.why(one)),
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(one.path)}}],
    }
