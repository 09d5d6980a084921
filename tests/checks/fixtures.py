"""The fixtures of the rules, found in their folders: what is to be reported is written at the end of its line."""

from __future__ import annotations

import re
from pathlib import Path

from logitbench.checks.engine import Settings, check
from logitbench.checks.records import Finding, Severity

FOLDER = Path(__file__).parents[1] / "fixtures" / "checks"


def of_kind(kind: str) -> list[Path]:
    """Return the fixtures of every rule's ``hits``, ``lookalikes`` or ``misses``."""
    return sorted(FOLDER.glob(f"LB*/{kind}/*.py"))


def name(path: Path) -> str:
    """Return a fixture's name in a test's."""
    return path.relative_to(FOLDER).as_posix()


def expected(path: Path) -> set[tuple[int, str]]:
    """Return the lines and codes that a fixture says."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {
        (number, code)
        for number, line in enumerate(lines, 1)
        if (comment := re.search(r"#((?: LB\d{3})+)$", line))
        for code in comment[1].split()
    }


def found(path: Path, severity: Severity = Severity.NOTE) -> list[Finding]:
    """Return what is found in a file."""
    report = check([str(path)], Settings(severity=severity))
    assert not report.unparsable
    return list(report.findings)
