from __future__ import annotations

import re

import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Comparison
from logitbench.report.markdown import render_comparisons
from tests.handmade import ASSETS
from tests.report.conftest import Hostile

HOSTILE = {
    "column": "a|b",
    "escaped column": "a\\|b",
    "tag": "<script>alert(1)</script>",
    "link": "[x](javascript:alert(1))",
    "image": "![x](http://example.org/x.png)",
    "heading": "a\n# b",
    "row": "a\n| b | c |",
    "code": "`a``b",
    "bold": "**a** __b__",
    "escape": "\x1b[31mred",
    "right-to-left": "\u202egpj.exe",
    "return": "a\rb",
}


def columns(line: str) -> int:
    """Count a row's columns as Markdown does: a bar after a backslash is none."""
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) - 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(hostile: Hostile, text: str) -> None:
    lines = render_comparisons(hostile(text)).splitlines()
    harmless = render_comparisons(hostile("harmless")).splitlines()
    assert len(lines) == len(harmless)
    assert [line[:2] for line in lines] == [line[:2] for line in harmless]
    for line, plain in zip(lines, harmless, strict=True):
        if plain.startswith("|"):
            assert columns(line) == columns(plain)
        for special in "<>[]`*_#|":
            unescaped = re.findall(rf"(?<!\\)(?:\\\\)*{re.escape(special)}", line)
            assert len(unescaped) == len(re.findall(rf"(?<!\\){re.escape(special)}", plain))
        assert not {"\x1b", "\r", "\u202e"} & set(line)


def test_every_row_of_a_table_is_as_wide_as_its_heading(awkward: list[Comparison]) -> None:
    comparisons = [*compare(store.read([ASSETS]).trials), *awkward]
    for comparison in comparisons:
        rows = [line for line in render_comparisons([comparison]).splitlines() if line.startswith("|")]
        different = [pair for pair in comparison.pairs if pair.verdict != "IDENTICAL"]
        figures = 3 + len(comparison.metrics) * len(comparison.epochs)
        assert {columns(row) for row in rows[:figures]} == {2 + len(comparison.arms)}
        assert {columns(row) for row in rows[figures:]} <= {2 + len(different)}
        assert len(rows) == figures + (figures - 1 if different else 0)


def test_what_diverged_is_shown_and_counted(awkward: list[Comparison]) -> None:
    text = render_comparisons(awkward)
    assert "| loss | 1 | 2.0000e-05 ± 1.4142e-05 | 1.2346e+04 (1 diverged) | diverged (2) |" in text
