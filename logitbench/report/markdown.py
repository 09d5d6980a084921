"""Markdown tables, for an issue or a README."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from logitbench.compare.comparison import Comparison
from logitbench.report import figures


def render_comparisons(records: Sequence[Comparison]) -> str:
    """Return a heading, a table and the notes for each run."""
    return "\n".join(line for record in records for line in _lines(record)) + "\n"


def _lines(record: Comparison) -> Iterator[str]:
    yield f"### {_escaped(figures.heading(record))}"
    yield ""
    yield _escaped(figures.setting(record))
    yield ""
    yield "| metric | epoch | " + " | ".join(_escaped(arm) for arm in record.arms) + " |"
    yield "| --- | ---: |" + " ---: |" * len(record.arms)
    yield "| loss path | | " + " | ".join("/".join(record.loss_paths[arm]) for arm in record.arms) + " |"
    for metric in record.metrics:
        for epoch in record.epochs:
            cells = " | ".join(figures.cell(record.cells[metric, epoch, arm]) for arm in record.arms)
            yield f"| {metric} | {epoch} | {cells} |"
    yield ""
    for note in figures.notes(record):
        yield f"* {_sentence(note) if note in record.findings else _escaped(note)}"
    yield ""


def _sentence(finding: str) -> str:
    """Escape a finding but for the code that it has between backticks."""
    parts = finding.split("`")
    return "`".join(part if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    """Keep text from being read as Markdown or HTML."""
    text = re.sub(r"[\\`*\[\]<>|#]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", text)
    return figures.printable(text).replace("\n", " ")
