"""Markdown tables, for an issue or a README."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from logitbench.compare.comparison import Comparison
from logitbench.compare.overview import Overall
from logitbench.report import figures, sentences


def render_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> str:
    """Return a heading, tables and the notes for each experiment, and what holds over them."""
    lines = [line for record in records for line in _lines(record)]
    if records:
        lines += [f"* {escaped(sentence)}" for sentence in sentences.over_experiments(groups, records[0].declared)]
    return "\n".join(lines) + "\n"


def _lines(record: Comparison) -> Iterator[str]:
    yield f"### {escaped(figures.heading(record))}"
    yield ""
    yield escaped(figures.setting(record))
    yield ""
    yield "| metric | epoch | " + " | ".join(escaped(arm) for arm in record.arms) + " |"
    yield "| --- | ---: |" + " ---: |" * len(record.arms)
    yield "| loss path | | " + " | ".join("/".join(record.loss_paths[arm]) for arm in record.arms) + " |"
    for metric in record.metrics:
        for epoch in record.epochs:
            cells = " | ".join(figures.cell(record.cells[metric, epoch, arm]) for arm in record.arms)
            yield f"| {metric} | {epoch} | {cells} |"
    yield ""
    yield from _differences(record)
    for note in sentences.notes(record):
        yield f"* {_sentence(note) if note in record.findings else escaped(note)}"
    yield ""


def _differences(record: Comparison) -> Iterator[str]:
    pairs = record.different
    if not pairs:
        return
    yield escaped(figures.OF_DIFFERENCES)
    yield ""
    yield "| paired by seed | epoch | " + " | ".join(escaped(f"{p.arm} minus {p.baseline}") for p in pairs) + " |"
    yield "| --- | ---: |" + " ---: |" * len(pairs)
    for metric in record.metrics:
        for epoch in record.epochs:
            cells = " | ".join(figures.difference(pair.differences[metric, epoch]) for pair in pairs)
            yield f"| {metric} | {epoch} | {cells} |"
    yield ""


def _sentence(finding: str) -> str:
    """Escape a finding but for the code that it has between backticks."""
    parts = finding.split("`")
    return "`".join(part if number % 2 else escaped(part) for number, part in enumerate(parts))


def escaped(text: str) -> str:
    """Keep text from being read as Markdown or HTML."""
    text = re.sub(r"[\\`*\[\]<>|#]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", text)
    return figures.printable(text).replace("\n", " ")
