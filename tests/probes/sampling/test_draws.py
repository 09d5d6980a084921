from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench.probes.sampling.chances import Floats, rounded
from logitbench.probes.sampling.draws import distance, draw, share_of_others

WEIGHTS = st.lists(st.integers(0, 100), min_size=5, max_size=5).filter(any).map(lambda row: np.array(row, float))


@given(WEIGHTS, WEIGHTS)
def test_a_distance_is_from_0_to_1_and_the_same_both_ways(one: Floats, other: Floats) -> None:
    assert 0 <= distance(one, other) <= 1
    assert distance(one, other) == distance(other, one)
    assert distance(one, 3 * one) == pytest.approx(0, abs=1e-15)


def test_distances_that_are_known() -> None:
    assert distance(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1
    assert distance(np.array([0.5, 0.5]), np.array([0.75, 0.25])) == 0.25
    assert math.isnan(distance(np.array([0.0, 0.0]), np.array([0.5, 0.5])))
    assert math.isnan(distance(np.array([np.nan, 0.0]), np.array([0.5, 0.5])))


@given(WEIGHTS, st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20))
def test_a_token_is_drawn_where_its_share_of_the_line_lies(weights: Floats, uniform: list[float]) -> None:
    drawn = draw(weights, np.array(uniform))
    assert drawn is not None
    for token, u in zip(drawn, uniform, strict=True):
        assert weights[token] > 0
        assert weights[:token].sum() <= u * weights.sum() <= weights[: token + 1].sum()


def test_the_greatest_random_number_draws_the_last_token_that_has_a_chance() -> None:
    last = np.array([np.nextafter(1.0, 0.0)])
    for weights in (np.array([0.1, 0.2, 0.0]), np.array([0.1] * 3 + [0.0] * 3), np.array([1e-3, 7.0, 0.0])):
        assert draw(weights, last) == [np.flatnonzero(weights)[-1]]


def test_a_running_total_rounded_to_bfloat16_cannot_reach_small_tokens_behind_large_ones() -> None:
    weights = rounded(np.array([0.75, *[0.001] * 250]), "bfloat16")
    uniform = np.linspace(0, 1, 20_000, endpoint=False)
    exact, through_bfloat16 = draw(weights.astype(np.float64), uniform), draw(weights, uniform)
    assert exact is not None
    assert through_bfloat16 is not None
    assert len(set(exact)) == 251
    assert len(set(through_bfloat16)) < 100  # one number for about four tokens


def test_what_is_no_distribution_draws_nothing() -> None:
    for weights in ([0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]):
        assert draw(np.array(weights), np.array([0.5])) is None
    assert math.isnan(share_of_others(None, np.array([1])))
    assert share_of_others(np.array([1, 2, 3, 4]), np.array([1, 2, 4, 3])) == 0.5


@given(WEIGHTS, WEIGHTS)
def test_no_fewer_draws_differ_than_the_distance_says(one: Floats, other: Floats) -> None:
    uniform = (np.arange(10_000) + 0.5) / 10_000
    share = share_of_others(draw(one, uniform), draw(other, uniform))
    assert share >= distance(one, other) - 0.01
