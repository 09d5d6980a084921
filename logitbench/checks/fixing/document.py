"""A file as it stands on disk, and the same file with some of it changed: every other byte stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logitbench.checks import notebooks
from logitbench.checks.fixing.cells import with_lines
from logitbench.checks.lines import lines_of
from logitbench.checks.reading import Source, is_notebook, source_of, text_of


class LeftError(Exception):
    """A fix cannot be made; the message says why."""


@dataclass(frozen=True)
class Change:
    """Text in the place of other text.

    Args:
        start: The line, from 1, and the column, from 0, in characters.
        end: Likewise, behind the last character.
        text: What is to stand there.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True)
class Document:
    """A file, line by line.

    Args:
        path: As it was asked for.
        raw: Its bytes.
        source: What the checks see.
        lines: As they stand in the file, with their ends; those of a notebook's cells one after the other.
    """

    path: str
    raw: bytes
    source: Source
    lines: tuple[str, ...]

    @property
    def newline(self) -> str:
        """How its first line ends."""
        found = re.search(r"\r\n|\r|\n", self.lines[0]) if self.lines else None
        return found[0] if found else "\n"

    def where(self, line: int) -> str:
        """Name a line: in a notebook, within its cell."""
        place = self.source.places[line - 1] if self.source.places else None
        return f"cell {place.cell}, line {place.line}" if place else f"line {line}"


def opened(path: str, raw: bytes) -> Document:
    """Return a file that can be changed.

    Raises:
        UnreadableError: It is no Python.
    """
    source = source_of(path, raw)
    text, _ = text_of(raw)
    if not is_notebook(path, raw):
        return Document(path, raw, source, tuple(lines_of(text) or [""]))
    _, codes = notebooks.parts_of(text)
    lines = [lines_of(notebooks.source_of(cell)) for cell in codes]
    return Document(path, raw, source, tuple(lines[place.cell - 1][place.line - 1] for place in source.places))


def rewritten(document: Document, changes: Iterable[Change]) -> bytes:
    """Return a file's bytes with changes made.

    Raises:
        LeftError: A change meets a line that only IPython understands, or another change; or the file cannot be
            written as it was read.
    """
    lines = _changed(document, sorted(set(changes), key=lambda one: (one.start, one.end, one.text), reverse=True))
    text, encoding = text_of(document.raw)
    try:
        if text.encode(encoding) != document.raw:
            raise LeftError(f"it cannot be written back as {encoding}")
        whole = _notebook(document, text, lines) if document.source.places else "".join(lines)
        return whole.encode(encoding)
    except UnicodeError as error:
        raise LeftError(f"it cannot be written back as {encoding}") from error


def _changed(document: Document, changes: Sequence[Change]) -> list[str]:
    """Return what stands for each line; of those that a change joins, the first has all. Changes are last first."""
    lines = list(document.lines)
    behind = (len(lines) + 1, 0)
    for change in changes:
        first, last = change.start[0] - 1, change.end[0] - 1
        if change.end > behind:
            raise LeftError("two fixes meet in one place")
        if any(_is_blanked(document, index) for index in range(first, last + 1)):
            raise LeftError("a line there is IPython's")
        head, tail = lines[first][: change.start[1]], lines[last][change.end[1] :]
        lines[first : last + 1] = [head + change.text + tail] + [""] * (last - first)
        behind = change.start
    return lines


def _is_blanked(document: Document, index: int) -> bool:
    """Return whether the checks saw something else than what stands there."""
    return document.lines[index].rstrip("\r\n") != document.source.lines[index].rstrip("\r\n")


def _notebook(document: Document, text: str, lines: Sequence[str]) -> str:
    """Return a notebook with new lines in those of its cells that change."""
    cells: dict[int, list[str]] = {}
    changed: set[int] = set()
    for place, old, new in zip(document.source.places, document.lines, lines, strict=True):
        cells.setdefault(place.cell, []).append(new)
        if old != new:
            changed.add(place.cell)
    try:
        return with_lines(text, {number: cells[number] for number in changed})
    except RecursionError as error:
        raise LeftError("the notebook is nested too deep") from error
