from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from logitbench.probes.activation.floats import Floats
from logitbench.probes.activation.records import Stretch
from logitbench.probes.activation.stretches import stretches

INF = np.inf


def of(value: Callable[[Floats], tuple[Any, Any]], precision: str = "float32") -> list[Stretch]:
    return list(stretches(value, precision))


@pytest.mark.parametrize("precision", ["bfloat16", "float16", "float32", "float64"])
def test_ends_where_nothing_changes_are_found_to_the_last_bit(precision: str) -> None:
    found = of(lambda x: (np.clip(x, -1.5, 6.0), ((x > -1.5) & (x < 6)) * 1.0), precision)
    assert found == [
        Stretch("value", -1.5, -INF, -1.5),
        Stretch("value", 6.0, 6.0, INF),
        Stretch("gradient", 0.0, -INF, -1.5),
        Stretch("gradient", 0.0, 6.0, INF),
    ]


def test_a_line_has_no_stretch_and_a_constant_is_one_everywhere() -> None:
    assert of(lambda x: (x, np.ones_like(x))) == []
    both = of(lambda x: (np.full_like(x, 2.0), np.zeros_like(x)))
    assert both == [Stretch("value", 2.0, -INF, INF), Stretch("gradient", 0.0, -INF, INF)]


def test_a_gradient_of_0_around_0_is_found_even_at_0_alone() -> None:
    assert of(lambda x: (x, (np.abs(x) > 0.25) * 1.0)) == [Stretch("gradient", 0.0, -0.25, 0.25)]
    assert of(lambda x: (x, np.sign(x))) == [Stretch("gradient", 0.0, 0.0, 0.0)]


def test_what_overflows_does_not_hide_what_is_constant_before_it() -> None:
    def value(x: Floats) -> tuple[Floats, Floats]:
        return np.where(x < -1e10, np.nan, np.maximum(x, 0)), np.where(x < -1e10, INF, (x > 0) * 1.0)

    found = of(value)
    assert [(one.what, one.high) for one in found] == [
        ("value", -10_000_001_024.0),
        ("value", 0.0),
        ("gradient", -10_000_001_024.0),
        ("gradient", 0.0),
    ]
    assert np.isnan(found[0].number)
    assert (found[2].number, found[1].low) == (INF, -1e10)


def test_a_value_that_comes_and_goes_before_it_stays_is_said_to() -> None:
    def value(x: Floats) -> tuple[Floats, Floats]:
        thousandths = np.floor(np.clip(x, -9, 9) * 1000) % 2 == 0
        return np.where((x >= 8) | ((x >= 6) & thousandths), 1.0, x / 10), np.ones_like(x)

    (found,) = of(value, "float64")
    assert found.low == 8
    assert found.met == pytest.approx(6, rel=1e-3)


def test_a_lone_zero_elsewhere_is_not_taken_for_coming_and_going() -> None:
    (found,) = of(lambda x: (x, np.where(x <= -3, 0.0, (2 * x + 3) / 6)))
    assert (found.high, found.met) == (-3.0, None)
