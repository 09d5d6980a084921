"""Where files are, as machines that show findings beside the code want it."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from urllib.parse import quote

from logitbench.checks.records import Finding, Place, Unparsable


def part(of: Finding | Place) -> str | None:
    """Return where in a notebook or a model something is; None in a file whose own lines say it.

    Lines of a notebook's file are JSON that nobody wrote, and a line of a cell is another one there.
    """
    if isinstance(of, Finding) and of.part:
        return of.part
    return f"cell {of.cell}, line {of.line}" if of.cell else None


def told(finding: Finding) -> str:
    """Return what is wrong and what puts it right, and the part of the file where lines do not say it."""
    where = part(finding)
    use = f"\nUse: {finding.remedy}" if finding.remedy else ""
    return (f"In {where}: " if where else "") + finding.message + use


def why(one: Unparsable) -> str:
    """Return why something cannot be checked."""
    return (f"Cell {one.cell}" if one.cell else "It") + f" cannot be checked: {one.reason}"


def relative(path: str) -> str | None:
    """Return a path from the working folder, with slashes; None for what is not under it."""
    inside = os.path.relpath(path)
    return None if PurePath(inside).parts[0] == os.pardir else PurePath(inside).as_posix()


def uri(path: str) -> str:
    """Return a path from the working folder as a relative URI, or a ``file:`` one for what is not under it."""
    inside = relative(path)
    return quote(os.fsencode(inside)) if inside is not None else Path(path).absolute().as_uri()
