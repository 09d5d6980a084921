"""For a person: each finding with its place, its line with a caret under it, and what puts it right."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator

from logitbench.checks.records import Finding, Report, Severity, Unparsable
from logitbench.report.plain import one_line

Span = tuple[str, str]
"""Some text, and how a terminal shows it."""

STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.NOTE: "bold cyan",
    Severity.UNKNOWN: "bold magenta",
}


def render(report: Report) -> str:
    """Return all findings as plain text."""
    return "".join(f"{''.join(text for text, _ in line)}\n" for line in _lines(report))


def show(report: Report) -> None:
    """Print all findings: in colours on a terminal, but for ``NO_COLOR``; else plain."""
    if not sys.stdout.isatty():
        sys.stdout.write(render(report))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in _lines(report):
        console.print(Text.assemble(*line), soft_wrap=True)


def _lines(report: Report) -> Iterator[list[Span]]:
    for finding in report.findings:
        for line in lines_of(finding):
            yield [(one_line(text), style) for text, style in line]


def lines_of(finding: Finding) -> Iterator[list[Span]]:
    """Yield the lines of one finding."""
    style = STYLES[finding.severity]
    cell = f"cell {finding.cell}:" if finding.cell else ""
    level = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
    place = f" {finding.part}" if finding.part else f"{cell}{finding.line}:{finding.column}"
    yield [(f"{finding.path}:{place}: ", "bold"), (finding.code, style), (f" {level}{finding.message}", "")]
    source = finding.source.rstrip()
    shown = source.lstrip()
    if shown:
        start = len(source) - len(shown)
        end = finding.end_column - 1 if finding.end_line == finding.line else len(source)
        before, marked = source[start : finding.column - 1], source[finding.column - 1 : end]
        yield [(f"    {shown}".replace("\t", " "), "")]
        yield [("    " + " " * _width(before), ""), ("^" * max(1, _width(marked)), style)]
    if finding.part:
        if finding.head and finding.head.source not in {"", finding.part}:
            yield [(f"    head: {finding.head.source}", "dim")]
    elif finding.head and (finding.head.line, finding.head.cell) != (finding.line, finding.cell):
        cell = f"cell {finding.head.cell}, " if finding.head.cell else ""
        yield [(f"    head, {cell}line {finding.head.line}: {finding.head.source}".replace("\t", " "), "dim")]
    for index, line in enumerate(finding.remedy.splitlines()):
        yield [(f"    {'use: ' if index == 0 else '     '}{line}", "green")]


def _width(text: str) -> int:
    """Return how many columns of a terminal some text takes: signs of East Asia take two."""
    return len(text) + sum(unicodedata.east_asian_width(character) in {"W", "F"} for character in text)


def statistics(report: Report) -> str:
    """Return how many findings each rule has, the most first."""
    counts = Counter(finding.code for finding in report.findings)
    return "".join(f"{count:6} {code}\n" for code, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def left_out(one: Unparsable) -> str:
    """Return one line on what cannot be checked."""
    cell = f", cell {one.cell}," if one.cell else ""
    return one_line(f"left out: {one.path}{cell} cannot be checked: {one.reason}")


def untold(one: Finding) -> str:
    """Return one line on what could not be told of a model, or of a file that is followed to a part only."""
    return one_line(f"could not be told: {one.path}, {one.part or f'line {one.line}'}: {one.message}")


def summary(report: Report) -> str:
    """Return one line on the whole."""
    return f"{_findings(report) or 'nothing found'} in {_looked_at(report)}"


def fix_summary(report: Report, unsafe: int, would: bool) -> str:
    """Return one line on what was fixed, or would be, and on what is left.

    Args:
        report: What is left.
        unsafe: How many more unsafe fixes would put right.
        would: Whether nothing was written.
    """
    more = f"; {unsafe} more with --unsafe-fixes" if unsafe else ""
    left = f"{_findings(report) or 'nothing'} left in {_looked_at(report)}"
    return f"{report.fixed} {'would be ' if would else ''}fixed, {left}{more}"


def _findings(report: Report) -> str:
    return _counted(len(report.findings), "finding") if report.findings else ""


def _looked_at(report: Report) -> str:
    kinds = {"file": report.files, "model": report.measured}
    looked = " and ".join(_counted(count, kind) for kind, count in kinds.items() if count) or "0 files"
    return looked + (f", {len(report.left_out)} left out" if report.left_out else "")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
