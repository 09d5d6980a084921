from __future__ import annotations

import math

import pytest

from logitbench.probes.activation.records import ActivationProbe, Found, InPrecision, Place, Stretch
from logitbench.report import activations
from logitbench.report.grids import PLAIN_WIDTH, render

INF = math.inf


def precise(precision: str, *stretches: Stretch, places: int = 2) -> InPrecision:
    at = tuple(Place(float(x), 0.006692850962281227, -0.25) for x in range(places))
    return InPrecision(precision, at, at[0], Place(16.64, INF, 0.0), (Place(-1e4, 0, 0), Place(1e4, 1, 0)), stretches)


@pytest.fixture
def found() -> Found:
    alone = ActivationProbe(
        "relu",
        {"negative_slope": 2, "max_value": None},
        False,
        (
            precise("bfloat16", Stretch("value", 1.0, 6.25, INF, 5.5625), Stretch("gradient", 0.0, -0.5, 0.5)),
            precise("float32", Stretch("value", 1.0, 16.6355, INF), Stretch("gradient", math.nan, -INF, -1e20)),
        ),
        (Place(0.0, 1.0, 2.0), Place(1.0, math.nan, 3.0)),
    )
    row = ActivationProbe("glu", {}, True, (precise("float32", Stretch("value", 2.0, -INF, INF), places=1),), ())
    return Found("tensorflow", "3.15.1", (alone, row), ("threshold is left out: why",))


def test_values_are_written_as_float32_has_them(found: Found) -> None:
    first = activations.grids(found)[0]
    assert first.columns == ("activation", "x=0", "x=1")
    assert first.rows == (("relu(negative_slope=2, max_value=None)", 0.006692851, 0.006692851),)
    assert "0.006692851 " in render([first], first, "table")


def test_what_acts_on_a_row_has_tables_of_its_own(found: Found) -> None:
    titles = [grid.title for grid in activations.grids(found)]
    assert [title.split(",")[0] for title in titles[:4]] == [
        "Value in float32",
        "Derivative in float32",
        "Value in float32",
        "Derivative in float32",
    ]
    assert "of the row" in titles[2]
    assert "x is one of two entries" in titles[4]


def test_where_it_saturates_and_dies_stands_by_precision(found: Found) -> None:
    last = activations.grids(found)[-1]
    name = "relu(negative_slope=2, max_value=None)"
    assert last.rows == (
        (name, "gradient NaN", "", "", "≤ -1e+20", ""),
        (name, "gradient 0", "-0.5 to 0.5", "", "", ""),
        (name, "value 1", "≥ 6.25 from 5.5625", "", "≥ 16.636", ""),
        ("glu", "value 2", "", "", "everywhere", ""),
    )
    assert last.notes[0].startswith("'from' says from where on")
    assert last.notes[-1] == "threshold is left out: why"


def test_a_stretch_stands_below_0_around_it_or_above_by_where_it_is() -> None:
    shown = [(2.0, 9.0), (-1.0, 1.0), (-9.0, -2.0)]
    stretches = [
        Stretch("gradient" if low == -1 else "value", float(place), low, high)
        for place, (low, high) in enumerate(shown)
    ]
    probe = ActivationProbe("f", {}, False, (precise("float32", *stretches),), ())
    rows = activations.grids(Found("torch", "3", (probe,), ()))[-1].rows
    assert [row[4] for row in rows] == ["-9 to -2", "-1 to 1", "2 to 9"]


def test_tables_keep_to_the_width_of_a_plain_page(found: Found) -> None:
    text = render(activations.grids(found), activations.whole(found), "table")
    assert max(map(len, text.splitlines())) <= PLAIN_WIDTH


def test_a_program_gets_every_number_whole(found: Found) -> None:
    whole = activations.whole(found)
    rows = [dict(zip(whole.columns, row, strict=True)) for row in whole.rows]
    value = next(row for row in rows if row["measure"] == "value")
    assert (value["number"], value["x"], value["to"]) == (0.006692850962281227, 0, 0)
    assert value["parameters"] == "negative_slope=2, max_value=None"
    constant = [row for row in rows if row["measure"] == "constant value" and row["precision"] == "bfloat16"]
    assert [(row["x"], row["to"], row["number"]) for row in constant] == [(6.25, INF, 1.0)]
    assert [row["x"] for row in rows if row["measure"] == "constant value first met"] == [5.5625]


def test_there_is_a_panel_with_value_and_derivative_for_each() -> None:
    curve = (Place(0.0, 1.0, 2.0), Place(1.0, 3.0, 4.0))
    probe = ActivationProbe("softmax", {}, True, (), curve)
    (panel,) = activations.panels(Found("torch", "3", (probe,), ()))
    assert panel.title == "softmax of x and 0"
    assert [(one.name, tuple(one.x), tuple(one.y)) for one in panel.curves] == [
        ("value", (0, 1), (1, 3)),
        ("derivative", (0, 1), (2, 4)),
    ]
