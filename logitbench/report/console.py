"""Tables for a terminal; plain text where there is none."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from logitbench.compare.comparison import Comparison
from logitbench.report import figures

PLAIN_WIDTH = 124
"""Columns where there is no terminal to ask: room for five arms."""

FIRST_COLUMN, ARM_COLUMN = 24, 20
"""Columns that the names of metrics and an arm's figures take, with the space around them."""


def comparison(record: Comparison, width: int) -> RenderableType:
    """Return a run's arms side by side, as many as fit the width, and what their figures say."""
    epochs = figures.epochs_shown(record)
    parts: list[RenderableType] = [
        Text(figures.printable(figures.heading(record)), style="bold"),
        Text(figures.printable(figures.setting(record)), style="dim"),
    ]
    at_a_time = max(1, (width - FIRST_COLUMN) // ARM_COLUMN)
    parts.extend(
        _table(record, record.arms[first : first + at_a_time], epochs)
        for first in range(0, len(record.arms), at_a_time)
    )
    if len(epochs) < len(record.epochs):
        parts.append(
            _indented(f"{len(epochs)} of {len(record.epochs)} epochs are shown; compare --format csv has them all.")
        )
    parts.extend(_indented(note, _style(note)) for note in figures.notes(record))
    return Group(*parts)


def _table(record: Comparison, arms: Sequence[str], epochs: Sequence[int]) -> Table:
    """Return a block of rows for each metric, an arm a column, its loss path under its name."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("metric, epoch", no_wrap=True)
    for arm in arms:
        paths = "/".join(record.loss_paths[arm])
        table.add_column(Text(figures.printable(f"{arm}\n[{paths}]")), justify="right", overflow="fold")
    for metric in record.metrics:
        table.add_row(Text(metric, style="bold"))
        for epoch in epochs:
            cells = [figures.cell(record.cells[metric, epoch, arm]) for arm in arms]
            table.add_row(f"{epoch:>5}", *cells, end_section=epoch == epochs[-1])
    return table


def _style(note: str) -> str:
    return {"IDENTICAL": "bold green", "DIFFERENT": "bold yellow", "DIVERGED": "bold red"}.get(
        note.partition(":")[0], ""
    )


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(figures.printable(text), style=style), (0, 0, 0, 1))


def render_comparisons(records: Sequence[Comparison]) -> str:
    """Return the tables as plain text, ``PLAIN_WIDTH`` columns wide."""
    stream = io.StringIO()
    print_comparisons(records, Console(file=stream, width=PLAIN_WIDTH, color_system=None))
    # rich fills every line of a table with blanks
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def show_comparisons(records: Sequence[Comparison]) -> None:
    """Print the tables on standard output: as wide as the terminal, or as plain text where there is none."""
    if sys.stdout.isatty():
        print_comparisons(records, Console())
    else:
        sys.stdout.write(render_comparisons(records))


def print_comparisons(records: Iterable[Comparison], console: Console) -> None:
    """Print the tables on a console."""
    for number, record in enumerate(records):
        if number:
            console.print()
        console.print(comparison(record, console.width))
