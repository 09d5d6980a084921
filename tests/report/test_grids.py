from __future__ import annotations

import csv
import io
import json
import math

import pytest

from logitbench.report.grids import FORMATS, Grid, render, widths, written

HOSTILE = '<img src=x onerror="alert(1)">'
GRID = Grid(
    "A title",
    ("name", "number", "flag"),
    (("plain", 0.1 + 0.2, True), (HOSTILE, math.nan, False), ("=1+1", -math.inf, None), ("two\nlines", 1e-9, None)),
    ("A note.",),
)


def test_numbers_are_rounded_for_a_person_and_what_is_none_is_named() -> None:
    assert [written(cell, 4) for cell in (0.1 + 0.2, -0.0, 7, True, None, math.nan, math.inf, -math.inf, 123456.0)] == [
        *("0.3", "0", "7", "yes", "", "NaN", "inf", "-inf", "1.235e+05")
    ]


def test_json_loses_no_digit_and_names_what_it_has_no_number_for() -> None:
    rows = json.loads(render((), GRID, "json"))
    assert rows[0] == {"name": "plain", "number": 0.1 + 0.2, "flag": True}
    assert [row["number"] for row in rows[1:3]] == ["NaN", "-inf"]


def test_csv_loses_no_digit_and_has_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(render((), GRID, "csv"))))
    assert [float(row["number"]) for row in rows[::2]] == [0.1 + 0.2, -math.inf]
    assert rows[2]["name"] == "'=1+1"


def test_text_is_escaped_in_html_and_markdown() -> None:
    page = render([GRID], GRID, "html")
    assert "<img" not in page
    assert "&lt;img" in page
    assert "http" not in page.replace("http-equiv", "")
    markdown = render([GRID], GRID, "markdown")
    assert r"\<img" in markdown
    assert "two<br>lines" in markdown


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_every_row(form: str) -> None:
    text = render([GRID], GRID, form)
    assert "plain" in text
    assert "lines" in text


def test_a_table_too_wide_for_its_line_is_broken_within_cells_and_loses_nothing() -> None:
    cells = tuple(chr(97 + place) * 40 for place in range(8))
    wide = Grid("Wide", tuple("ABCDEFGH"), (cells, tuple("x" for _ in cells)))
    lines = render([wide], wide, "table").splitlines()
    assert max(map(len, lines)) <= 124
    text = "".join(lines)
    assert [text.count(cell[0]) - ("Wide".count(cell[0])) for cell in cells] == [40] * 8


def test_the_widest_column_gives_way_first() -> None:
    grid = Grid("T", ("short", "long"), (("abcde", "word " * 30),))
    assert widths(grid, 60) == [5, 49]
    assert widths(grid, 400) == [5, 150]
    assert widths(Grid("T", ("a", "b"), (("unbreakable" * 3, "a word or two"),)), 45) == [33, 6]
