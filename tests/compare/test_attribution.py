from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench.compare import attribution
from logitbench.compare.attribution import Split
from logitbench.compare.statistics import Array

METRICS = {
    attribution.accuracy: ("val_accuracy", "val_matched_accuracy"),
    attribution.loss: ("val_loss", "val_nll"),
}


def arm(reported: list[list[float]], fair: list[list[float]], kind: str = "accuracy") -> dict[str, Array]:
    names = METRICS[attribution.accuracy if kind == "accuracy" else attribution.loss]
    return dict(zip(names, (np.array(reported), np.array(fair)), strict=True))


def test_a_gap_of_accuracies_is_the_threshold_and_the_weights() -> None:
    # reported 0.9 against 0.6; at the fitting thresholds 0.8 against 0.7: 0.3 = ((0.9 - 0.8) - (0.6 - 0.7)) + 0.1
    (split,) = attribution.accuracy(arm([[0.9]], [[0.8]]), arm([[0.6]], [[0.7]]))
    assert (split.epoch, split.n, split.arm, split.baseline) == (1, 1, 0.9, 0.6)
    assert (split.of_measuring, split.of_weights, split.gap) == pytest.approx((0.2, 0.1, 0.3))


def test_a_gap_of_losses_is_the_arithmetic_and_the_weights() -> None:
    (split,) = attribution.loss(arm([[0.5]], [[0.7]], "loss"), arm([[0.4]], [[0.4]], "loss"))
    assert (split.of_measuring, split.of_weights, split.gap) == pytest.approx((-0.2, 0.3, 0.1))


def test_parts_are_means_over_seeds_epoch_by_epoch() -> None:
    ours, theirs = arm([[0.9, 0.5], [0.7, 0.5]], [[0.8, 0.5], [0.7, 0.4]]), arm([[0.6, 0.5]] * 2, [[0.6, 0.5]] * 2)
    first, last = attribution.accuracy(ours, theirs)
    assert (first.epoch, first.n, last.epoch, last.n) == (1, 2, 2, 2)
    assert (first.arm, first.of_measuring, first.of_weights) == pytest.approx((0.8, 0.05, 0.15))
    assert (last.gap, last.of_measuring, last.of_weights) == pytest.approx((0.0, 0.05, -0.05))


@pytest.mark.parametrize("place", range(4))
def test_a_seed_without_one_of_the_four_figures_takes_no_part_in_any(place: int) -> None:
    figures = [[[0.9], [0.5]], [[0.8], [0.5]], [[0.6], [0.4]], [[0.7], [0.4]]]
    figures[place][1][0] = float("nan")
    (split,) = attribution.accuracy(arm(figures[0], figures[1]), arm(figures[2], figures[3]))
    assert (split.n, split.arm, split.baseline) == (1, 0.9, 0.6)
    assert (split.of_measuring, split.of_weights) == pytest.approx((0.2, 0.1))


def test_an_epoch_without_a_whole_seed_is_left_out() -> None:
    ours = arm([[0.9, np.nan, 0.7], [np.nan, np.nan, 0.7]], [[0.9, 0.9, 0.9]] * 2)
    splits = attribution.accuracy(ours, arm([[0.5] * 3] * 2, [[0.5] * 3] * 2))
    assert [(split.epoch, split.n) for split in splits] == [(1, 1), (3, 2)]


numbers = st.floats(-1e6, 1e6)


@given(st.lists(numbers, min_size=4, max_size=4), st.integers(0, 6))
def test_what_is_printed_adds_up_in_the_last_digit(figures: list[float], digits: int) -> None:
    split = Split(1, 1, *figures)
    gap, measuring, weights = (Decimal(f"{part:.{digits}f}") for part in split.rounded(digits))
    assert gap == measuring + weights
    assert gap == Decimal(f"{split.arm:.{digits}f}") - Decimal(f"{split.baseline:.{digits}f}")
    unit = Decimal(10) ** -digits
    assert abs(gap - Decimal(split.gap)) <= unit + Decimal("1e-9")
    assert abs(weights - Decimal(split.of_weights)) <= unit / 2 + Decimal("1e-9")
    assert abs(measuring - Decimal(split.of_measuring)) <= 3 * unit / 2 + Decimal("1e-9")


def test_parts_that_do_not_add_up_when_rounded_alone_do_so_together() -> None:
    assert Split(1, 1, baseline=0.0, arm=0.0008, baseline_fair=0.0, arm_fair=0.0004).rounded(3) == (0.001, 0.001, 0.0)
