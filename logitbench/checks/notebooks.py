"""The code cells of a notebook, with what only IPython understands blanked out."""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import dataclass
from typing import Any

from logitbench.checks.limits import has_too_many_tokens
from logitbench.checks.lines import lines_of


class NotANotebookError(Exception):
    """It is no notebook; the message says why."""


@dataclass(frozen=True)
class Line:
    """Where a line stands.

    Args:
        cell: Which code cell, from 1.
        line: Which line of it, from 1.
    """

    cell: int
    line: int


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Args:
        number: From 1, among the code cells.
        lines: Python, line by line as they stand there.
    """

    number: int
    lines: tuple[str, ...]


PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")
"""Cell magics under which Python stands."""

_LINE = re.compile(r"^(\s*)(?:[%!?]|.*[^#'\"]\?{1,2}\s*$)")
_ASSIGNED = re.compile(r"^(\s*[\w.,\s]+=\s*)[%!].*$")


def cells_of(text: str) -> list[Cell]:
    """Return a notebook's code cells, as Python.

    Raises:
        NotANotebookError: It is no notebook.
    """
    _, codes = parts_of(text)
    return [Cell(number, _python(source_of(cell))) for number, cell in enumerate(codes, 1)]


def parts_of(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a notebook, and those of its parts that are code cells.

    Raises:
        NotANotebookError: It is no notebook.
    """
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotANotebookError(f"it is no notebook: {error}") from error
    cells = _cells(whole)
    if cells is None:
        raise NotANotebookError("it is no notebook: it has no list of cells")
    return whole, [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _cells(whole: Any) -> list[Any] | None:
    if not isinstance(whole, dict):
        return None
    cells = whole.get("cells")
    if cells is None and isinstance(sheets := whole.get("worksheets"), list):  # notebooks of format 3
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []]
    return cells if isinstance(cells, list) else None


def source_of(cell: dict[str, Any]) -> str:
    """Return what stands in a cell: in format 3 it has another name."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _python(source: str) -> tuple[str, ...]:
    lines = [line.rstrip("\r\n") for line in lines_of(source.replace("\0", " "))]
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(PYTHON_MAGICS):
        return tuple("" for _ in lines)
    if has_too_many_tokens(source):
        return tuple(lines)  # never parsed
    while (wrong := _not_python(lines)) is not None and _blank(lines, wrong):
        pass
    return tuple(lines)


def _not_python(lines: list[str]) -> int | None:
    """Return the line at which a cell stops being Python; None where it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse("\n".join(lines))
    except SyntaxError as error:
        return (error.lineno or 1) - 1
    except (ValueError, RecursionError, MemoryError):
        pass
    return None


def _blank(lines: list[str], index: int) -> bool:
    """Blank a line of IPython, and the lines that it goes on in behind a backslash; False where it is none."""
    if index >= len(lines):
        return False
    line = lines[index]
    magic = _LINE.match(line)
    lines[index] = f"{magic[1]}pass" if magic else _ASSIGNED.sub(r"\1...", line)
    changed = lines[index] != line
    while changed and line.rstrip().endswith("\\") and index + 1 < len(lines):
        index += 1
        line, lines[index] = lines[index], ""
    return changed
