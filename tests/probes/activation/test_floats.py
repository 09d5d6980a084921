from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench.probes.activation.floats import between, edge, floats, over_all, per_power

GREATEST = {"bfloat16": 3.3895313892515355e38, "float16": 65504.0, "float32": 3.4028234663852886e38}


@pytest.mark.parametrize("precision", ["bfloat16", "float16", "float32", "float64"])
def test_all_floats_are_in_order_from_the_least_to_the_greatest_with_0_in_the_middle(precision: str) -> None:
    numbers = floats(over_all(precision, 1000), precision)
    assert (np.diff(numbers) > 0).all()
    assert numbers[len(numbers) // 2] == 0
    assert numbers[-1] == -numbers[0] == GREATEST.get(precision, np.finfo(np.float64).max)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_enough_steps_reach_every_float_of_16_bits(precision: str) -> None:
    assert (np.diff(over_all(precision, 1 << 15)) == 1).all()


@pytest.mark.parametrize(("precision", "kind"), [("float16", np.float16), ("float32", np.float32)])
def test_neighbours_are_numpys(precision: str, kind: type[np.floating]) -> None:
    ordinals = np.arange(1, 5000, 7)
    up = np.nextafter(floats(ordinals, precision).astype(kind), kind(np.inf))
    np.testing.assert_array_equal(floats(ordinals + 1, precision), up.astype(np.float64))
    assert floats(np.array([1]), precision)[0] == np.finfo(kind).smallest_normal


def test_a_power_of_2_further_is_twice_as_large() -> None:
    for precision in ("bfloat16", "float16", "float32", "float64"):
        one, two = floats(np.array([per_power(precision), 2 * per_power(precision)]), precision)
        assert two == 2 * one


@given(st.integers(-(2**62), 2**62), st.integers(1, 2**40), st.integers(2, 100))
def test_even_steps_have_both_ends_and_are_not_too_many(low: int, width: int, steps: int) -> None:
    ordinals = between(low, low + width, steps)
    assert (ordinals[0], ordinals[-1]) == (low, low + width)
    assert len(ordinals) <= steps + 1
    assert (np.diff(ordinals) > 0).all()


@given(st.integers(-(2**61), 2**61), st.integers(1, 2**50), st.integers(0, 2**50), st.sampled_from([2, 3, 1000]))
def test_an_edge_is_found_from_either_side(last: int, inside: int, outside: int, steps: int) -> None:
    assert edge(lambda n: n <= last, last - inside, last + 1 + outside, steps) == last
    assert edge(lambda n: n > last, last + inside, last - outside, steps) == last + 1
