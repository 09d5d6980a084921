"""Tables for a terminal; plain text where there is none."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.compare.overview import Overall
from logitbench.compare.verdict import Verdict
from logitbench.report import figures, sentences

PLAIN_WIDTH = 124
"""Columns where there is no terminal to ask: room for five arms."""

FIRST_COLUMN, ARM_COLUMN, PAIR_COLUMN = 24, 20, 33
"""Columns that the names of metrics, an arm's figures and a difference take, with the space around them."""


def comparison(record: Comparison, width: int) -> RenderableType:
    """Return a run's arms side by side, as many as fit the width, and what their figures say."""
    epochs = figures.epochs_shown(record)
    parts: list[RenderableType] = [
        Text(figures.printable(figures.heading(record)), style="bold"),
        Text(figures.printable(figures.setting(record)), style="dim"),
    ]
    at_a_time = max(1, (width - FIRST_COLUMN) // ARM_COLUMN)
    parts.extend(
        _figures(record, record.arms[first : first + at_a_time], epochs)
        for first in range(0, len(record.arms), at_a_time)
    )
    pairs = record.different
    if pairs:
        parts.append(_indented(figures.OF_DIFFERENCES, "dim"))
    at_a_time = max(1, (width - FIRST_COLUMN) // PAIR_COLUMN)
    parts.extend(
        _differences(record, pairs[first : first + at_a_time], epochs) for first in range(0, len(pairs), at_a_time)
    )
    if len(epochs) < len(record.epochs):
        parts.append(
            _indented(f"{len(epochs)} of {len(record.epochs)} epochs are shown; compare --format csv has them all.")
        )
    parts.extend(_indented(note, _style(note)) for note in sentences.notes(record))
    return Group(*parts)


def _table(
    first: str,
    heads: Sequence[str],
    record: Comparison,
    epochs: Sequence[int],
    cells: Callable[[str, int], list[str]],
) -> Table:
    """Return a block of rows for each metric, a row an epoch."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(first, no_wrap=True)
    for head in heads:
        table.add_column(Text(figures.printable(head)), justify="right", overflow="fold")
    for metric in record.metrics:
        table.add_row(Text(metric, style="bold"))
        for epoch in epochs:
            table.add_row(f"{epoch:>5}", *cells(metric, epoch), end_section=epoch == epochs[-1])
    return table


def _figures(record: Comparison, arms: Sequence[str], epochs: Sequence[int]) -> Table:
    """Return figures, an arm a column, its loss path under its name."""
    heads = [f"{arm}\n[{'/'.join(record.loss_paths[arm])}]" for arm in arms]
    return _table(
        "metric, epoch",
        heads,
        record,
        epochs,
        lambda metric, epoch: [figures.cell(record.cells[metric, epoch, arm]) for arm in arms],
    )


def _differences(record: Comparison, pairs: Sequence[ArmPair], epochs: Sequence[int]) -> Table:
    """Return what figures differ by, a pair of arms a column."""
    heads = [f"{pair.arm}\nminus {pair.baseline}" for pair in pairs]
    return _table(
        "paired by seed",
        heads,
        record,
        epochs,
        lambda metric, epoch: [figures.difference(pair.differences[metric, epoch]) for pair in pairs],
    )


STYLES = {
    Verdict.IDENTICAL: "bold green",
    Verdict.EQUIVALENT: "bold green",
    Verdict.A_BETTER: "bold yellow",
    Verdict.B_BETTER: "bold yellow",
    Verdict.DIVERGED: "bold red",
}


def _style(note: str) -> str:
    start = note.partition(":")[0]
    return STYLES.get(Verdict(start), "bold") if start in list(Verdict) else ""


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(figures.printable(text), style=style), (0, 0, 0, 1))


def render_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> str:
    """Return the tables as plain text, ``PLAIN_WIDTH`` columns wide."""
    stream = io.StringIO()
    print_comparisons(records, Console(file=stream, width=PLAIN_WIDTH, color_system=None), groups)
    # rich fills every line of a table with blanks
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def show_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> None:
    """Print the tables on standard output: as wide as the terminal, or as plain text where there is none."""
    if sys.stdout.isatty():
        print_comparisons(records, Console(), groups)
    else:
        sys.stdout.write(render_comparisons(records, groups))


def print_comparisons(records: Sequence[Comparison], console: Console, groups: Sequence[Overall] = ()) -> None:
    """Print the tables on a console."""
    for number, record in enumerate(records):
        if number:
            console.print()
        console.print(comparison(record, console.width))
    for sentence in sentences.over_experiments(groups, records[0].declared) if records else ():
        console.print()
        console.print(_indented(sentence))
