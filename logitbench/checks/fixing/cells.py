"""The code cells of a notebook as they stand in its JSON: some lines are put anew, every other byte stays."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from logitbench.checks.lines import lines_of

_SPACE = re.compile(r"[ \t\r\n]*")
_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_PLAIN = re.compile(r"[^\s,\]}]+")


@dataclass
class _Value:
    """A value of JSON, and where it stands."""

    start: int
    end: int = 0
    entries: dict[str, _Value] = field(default_factory=dict)
    items: list[_Value] = field(default_factory=list)


def with_lines(text: str, changed: Mapping[int, Sequence[str]]) -> str:
    """Return a notebook with other lines in some of its code cells.

    Args:
        text: The notebook: JSON that can be read.
        changed: By the number of a code cell, from 1: for each of its lines what is to stand there, with the line's
            end; it may be several lines, or nothing.
    """
    whole = _value(text, _space(text, 0))
    codes = [cell for cell in _cells(whole) if _said(text, cell.entries.get("cell_type")) == "code"]
    for number in sorted(changed, reverse=True):
        entries = codes[number - 1].entries
        source = entries.get("source") or entries["input"]
        items = [str(_said(text, one)) for one in source.items]
        if items and items == lines_of("".join(items)):
            text = _with_items(text, source.items, changed[number])
        else:
            new = "".join(changed[number])
            text = _put(text, source, _json(lines_of(new) if source.items else new, text))
    return text


def _cells(whole: _Value) -> list[_Value]:
    if "cells" in whole.entries:
        return whole.entries["cells"].items
    sheets = whole.entries.get("worksheets")
    return [cell for sheet in (sheets.items if sheets else ()) for cell in _cells(sheet)]


def _with_items(text: str, items: Sequence[_Value], lines: Sequence[str]) -> str:
    """Put lines in the place of the items of a list that are other than they, the last first."""
    parted = text[items[0].end : items[1].start] if len(items) > 1 else ", "
    for index in reversed(range(len(items))):
        if lines[index] == _said(text, items[index]):
            continue
        new = parted.join(_json(line, text) for line in lines_of(lines[index]))
        gone = not new and index > 0  # with what parts it from the one before
        text = text[: items[index - 1].end if gone else items[index].start] + new + text[items[index].end :]
    return text


def _put(text: str, value: _Value, new: str) -> str:
    return text[: value.start] + new + text[value.end :]


def _json(value: object, text: str) -> str:
    return json.dumps(value, ensure_ascii=text.isascii())


def _said(text: str, value: _Value | None) -> object:
    return json.loads(text[value.start : value.end]) if value and text[value.start] == '"' else None


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int) -> _Value:
    """Return the value that begins at a place; the JSON is known to be right."""
    value = _Value(at)
    if text[at] not in "{[":
        found = (_TEXT if text[at] == '"' else _PLAIN).match(text, at)
        value.end = found.end() if found else at + 1
        return value
    at = _space(text, at + 1)
    while text[at] not in "}]":
        if text[value.start] == "{":
            key = _value(text, at)
            at = _space(text, key.end) + 1  # behind the colon
            held = _value(text, _space(text, at))
            value.entries[str(_said(text, key))] = held
        else:
            held = _value(text, at)
            value.items.append(held)
        at = _space(text, held.end)
        if text[at] == ",":
            at = _space(text, at + 1)
    value.end = at + 1
    return value
