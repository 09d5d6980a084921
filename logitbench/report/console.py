"""Tables for a terminal; plain text where there is none."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from logitbench.compare.comparison import Comparison
from logitbench.report import figures


def comparison(record: Comparison) -> RenderableType:
    """Return a run's arms side by side, each arm's loss path under its name, and what the figures say."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("metric", no_wrap=True)
    table.add_column("epoch", justify="right")
    for arm in record.arms:
        paths = "/".join(record.loss_paths[arm])
        table.add_column(Text(figures.printable(f"{arm}\n[{paths}]")), justify="right", overflow="fold")
    epochs = figures.epochs_shown(record)
    for metric in record.metrics:
        for epoch in epochs:
            cells = [figures.cell(record.cells[metric, epoch, arm]) for arm in record.arms]
            table.add_row(metric if epoch == epochs[0] else "", str(epoch), *cells, end_section=epoch == epochs[-1])
    lines: list[RenderableType] = []
    if len(epochs) < len(record.epochs):
        lines.append(Text(f"{len(epochs)} of {len(record.epochs)} epochs are shown; --format csv has them all."))
    for note in figures.notes(record):
        style = "bold green" if note.startswith("IDENTICAL") else "bold yellow" if note.startswith("DIFFERENT") else ""
        lines.append(Text(figures.printable(note), style=style))
    heading = Text(figures.printable(figures.heading(record)), style="bold")
    return Group(heading, table, *(Padding(line, (0, 0, 0, 1)) for line in lines))


def render_comparisons(records: Sequence[Comparison]) -> str:
    """Return the tables as plain text, 120 columns wide."""
    stream = io.StringIO()
    print_comparisons(records, Console(file=stream, width=120, color_system=None))
    return stream.getvalue()


def print_comparisons(records: Iterable[Comparison], console: Console) -> None:
    """Print the tables on a console."""
    for record in records:
        console.print(comparison(record))
