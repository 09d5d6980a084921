"""Tables of any records: what a person reads, rounded; what a program reads, whole."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from logitbench.report import FORMAT_ENDINGS
from logitbench.report.extra import needed
from logitbench.report.markdown import escaped
from logitbench.report.plain import printable

PLAIN_WIDTH = 124
"""Columns where there is no terminal to ask."""

GAP = 2
"""Blanks between columns, of which rich draws one itself."""

Cell = str | float | int | bool | None


@dataclass(frozen=True)
class Grid:
    """A table.

    Args:
        title: What it shows, one line.
        columns: Their names.
        rows: Cells; None where there is nothing to say.
        notes: Sentences under it.
        digits: Significant digits of numbers for a person's eye.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    digits: int = 6


def render(shown: Sequence[Grid], whole: Grid, form: str) -> str:
    """Return tables as text.

    Args:
        shown: What a person is to see: ``table``, ``markdown`` and ``html`` have these.
        whole: What a program is to read, ``json`` and ``csv``, with no digit lost.
        form: One of ``FORMATS``.

    Raises:
        UsageError: A package that the format needs is not installed.
    """
    if form in _FOR_PROGRAMS:
        return _FOR_PROGRAMS[form](whole)
    return _FOR_PEOPLE[form](shown)


def show(shown: Sequence[Grid]) -> None:
    """Print tables on standard output: as wide as the terminal, or as plain text where there is none."""
    if sys.stdout.isatty():
        _print(shown, Console())
    else:
        sys.stdout.write(_table(shown))


def written(cell: Cell, digits: int) -> str:
    """Write a cell for a person; what is not a finite number is named."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return _named(cell) or f"{cell + 0.0:.{digits}g}"  # no -0
    return printable(str(cell))


def _named(number: float) -> str | None:
    if math.isnan(number):
        return "NaN"
    return ("inf" if number > 0 else "-inf") if math.isinf(number) else None


def _is_number(grid: Grid, column: int) -> bool:
    cells = [row[column] for row in grid.rows if row[column] is not None]
    return bool(cells) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)


def _table(grids: Sequence[Grid]) -> str:
    stream = io.StringIO()
    _print(grids, Console(file=stream, width=PLAIN_WIDTH, color_system=None))
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def _print(grids: Sequence[Grid], console: Console) -> None:
    for number, grid in enumerate(grids):
        if number:
            console.print()
        console.print(Text(printable(grid.title), style="bold"))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0))
        for place, (column, width) in enumerate(zip(grid.columns, widths(grid, console.width), strict=True)):
            justify: Literal["left", "right"] = "right" if _is_number(grid, place) else "left"
            table.add_column(Text(printable(column)), justify=justify, overflow="fold", width=width)
        for row in grid.rows:
            table.add_row(*(Text(written(cell, grid.digits)) for cell in row))
        console.print(table)
        for note in grid.notes:
            console.print(Text(printable(note)))


def widths(grid: Grid, available: int) -> list[int]:
    """Return the columns' widths: as wide as what stands in them, or, where that is too much, the widest narrowed.

    Words are broken only where all columns are as narrow as their longest.

    Args:
        grid: The table.
        available: Characters of a line.
    """
    texts = [
        [printable(column), *(written(row[place], grid.digits) for row in grid.rows)]
        for place, column in enumerate(grid.columns)
    ]
    wanted = [max(len(line) for text in column for line in text.splitlines() or [""]) for column in texts]
    words = [max(len(word) for text in column for word in text.split() or [""]) for column in texts]
    left = available - GAP * len(wanted) - 2  # with an edge on either side
    while sum(wanted) > left and max(wanted) > 1:
        breakable = [width if width > word else 0 for width, word in zip(wanted, words, strict=True)]
        by = breakable if any(breakable) else wanted
        wanted[by.index(max(by))] -= 1
    return wanted


def _markdown(grids: Sequence[Grid]) -> str:
    lines = []
    for grid in grids:
        lines += [f"### {escaped(grid.title)}", ""]
        lines.append("| " + " | ".join(escaped(column) for column in grid.columns) + " |")
        ends = ("---:" if _is_number(grid, place) else "---" for place in range(len(grid.columns)))
        lines.append("| " + " | ".join(ends) + " |")
        lines += ["| " + " | ".join(_lines(written(cell, grid.digits)) for cell in row) + " |" for row in grid.rows]
        lines += ["", *(f"* {escaped(note)}" for note in grid.notes), *([""] if grid.notes else [])]
    return "\n".join(lines)


def _lines(text: str) -> str:
    return "<br>".join(escaped(line) for line in text.splitlines())


def _html(grids: Sequence[Grid]) -> str:
    templates = needed("An HTML page", "jinja2", "jinja2")
    environment = templates.Environment(
        loader=templates.PackageLoader("logitbench", "report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return str(
        environment.get_template("grids.html.j2").render(
            grids=[
                {
                    "title": printable(grid.title),
                    "columns": [printable(column) for column in grid.columns],
                    "numbers": [_is_number(grid, place) for place in range(len(grid.columns))],
                    "rows": [[written(cell, grid.digits) for cell in row] for row in grid.rows],
                    "notes": [printable(note) for note in grid.notes],
                }
                for grid in grids
            ]
        )
    )


def _csv(grid: Grid) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(grid.columns)
    writer.writerows([_no_formula(cell) for cell in row] for row in grid.rows)
    return stream.getvalue()


def _no_formula(cell: Cell) -> Cell:
    """Keep a spreadsheet from taking text for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _json(grid: Grid) -> str:
    """Return a list of objects; NaN and infinities, which JSON does not have, are the texts NaN, inf and -inf."""
    rows = [dict(zip(grid.columns, map(_for_json, row), strict=True)) for row in grid.rows]
    return json.dumps(rows, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _for_json(cell: Cell) -> Cell:
    return (_named(cell) or cell) if isinstance(cell, float) else cell


_FOR_PEOPLE: dict[str, Callable[[Sequence[Grid]], str]] = {"table": _table, "markdown": _markdown, "html": _html}
_FOR_PROGRAMS: dict[str, Callable[[Grid], str]] = {"json": _json, "csv": _csv}

FORMATS = ("table", *_FOR_PROGRAMS, "markdown", "html")

ENDINGS = {ending: form for ending, form in FORMAT_ENDINGS.items() if form in FORMATS}
"""Formats by the ending of the file that is written."""
