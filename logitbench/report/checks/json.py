"""For a program: everything."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from logitbench.checks.records import Report
from logitbench.report.plain import encodable

VERSION = 1
"""Raised when a field changes its meaning or goes."""


def render(report: Report) -> str:
    """Return everything, as JSON."""
    whole = {
        "version": VERSION,
        "files": report.files,
        "models": report.measured,
        "fixed": report.fixed,
        "findings": [asdict(finding) for finding in report.findings],
        "unparsable": [asdict(one) for one in report.unparsable],
    }
    return written(whole)


def written(whole: dict[str, Any]) -> str:
    """Return JSON in ASCII, so that it is what it says in every encoding, and with no halves of surrogate pairs."""
    text = json.dumps(whole, ensure_ascii=False)
    return json.dumps(json.loads(encodable(text)), indent=2) + "\n"
