from __future__ import annotations

import numpy as np
import pytest

from logitbench.compare import doubts
from logitbench.compare.statistics import Array
from logitbench.compare.verdict import Declared

NAN = float("nan")


def of_arm(values: list[list[float]], declared: Declared | None = None) -> list[str]:
    declared = declared or Declared()
    return list(doubts.of_arm("probs", {declared.metric: np.array(values)}, declared))


def figures(values: list[float]) -> dict[str, Array]:
    return {"val_nll": np.array(values)[:, None]}


def test_a_spread_above_a_tenth_of_the_mean_is_doubted() -> None:
    # mean 1, standard deviation .3
    assert of_arm([[0.7], [1.0], [1.3]]) == ["val_nll of probs spreads over seeds by 30 % of its mean"]


@pytest.mark.parametrize("values", [[[0.91], [1.0], [1.09]], [[1.0], [NAN], [NAN]], [[NAN]], [[0.0], [0.0]]])
def test_a_small_spread_or_none_is_not_doubted(values: list[list[float]]) -> None:
    assert of_arm(values) == []


def test_a_spread_is_that_of_the_seeds_that_have_a_number() -> None:
    assert len(of_arm([[0.7], [NAN], [1.3]])) == 1


def test_a_spread_around_zero_is_told_without_a_share() -> None:
    assert of_arm([[-1.0], [1.0]]) == ["val_nll of probs spreads over seeds around a mean of 0"]


def test_a_negative_mean_has_a_share_that_is_positive() -> None:
    assert of_arm([[-0.7], [-1.0], [-1.3]]) == ["val_nll of probs spreads over seeds by 30 % of its mean"]


def test_the_spread_is_that_of_the_declared_number() -> None:
    declared = Declared(at="best:val_nll")
    assert of_arm([[0.5, 0.9], [0.5, 0.7]], declared) == []
    assert len(of_arm([[0.5, 0.9], [0.5, 0.7]])) == 1


@pytest.mark.parametrize(
    ("metric", "values", "told"),
    [
        ("val_nll", [0.5, 0.48], "val_nll of probs still falls at the last epoch (0.5000 to 0.4800)"),
        ("val_nll", [0.5, 0.52], None),
        ("val_nll", [0.5, 0.495], None),
        (
            "val_matched_accuracy",
            [0.5, 0.51],
            "val_matched_accuracy of probs still rises at the last epoch (0.5000 to 0.5100)",
        ),
        ("val_matched_accuracy", [0.5, 0.49], None),
        ("dead_fraction", [0.5, 0.49], "dead_fraction of probs still falls at the last epoch (0.5000 to 0.4900)"),
    ],
)
def test_an_arm_that_still_gets_better_by_more_than_the_margin_is_doubted(
    metric: str, values: list[float], told: str | None
) -> None:
    found = of_arm([values], Declared(metric))
    assert found == ([f"{told}: more epochs may change what is found"] if told else [])


def test_whether_it_still_gets_better_is_told_of_the_seeds_that_have_all_epochs() -> None:
    assert of_arm([[0.5, 0.5], [0.5, NAN]]) == []
    assert of_arm([[NAN, NAN]]) == []


def test_a_single_epoch_and_the_best_one_cannot_be_unfinished() -> None:
    assert of_arm([[0.9]]) == []
    assert of_arm([[0.9, 0.5]], Declared(at="best:val_nll")) == []


def test_a_number_that_chose_its_own_epoch_is_doubted_once_for_both_arms() -> None:
    arms = {"logits": figures([0.5, 0.5]), "probs": figures([0.6, 0.6])}
    told = "val_nll is judged at the epoch that it chose itself, and is better there than on new data"
    assert list(doubts.of_numbers(arms, Declared(at="best:val_nll"))) == [told]
    assert list(doubts.of_numbers(arms, Declared())) == []


def test_arms_with_unequal_numbers_of_seeds_are_doubted() -> None:
    arms = {"logits": figures([0.5, 0.5, 0.5]), "probs": figures([0.5, NAN, 0.5])}
    assert list(doubts.of_numbers(arms, Declared())) == [
        "val_nll is a finite number in unequal numbers of seeds (logits in 3, probs in 2), and compared where all are"
    ]


def test_arms_with_equal_numbers_of_seeds_are_not() -> None:
    arms = {"logits": figures([0.5, NAN, 0.5]), "probs": figures([0.5, 0.4, NAN])}
    assert list(doubts.of_numbers(arms, Declared())) == []
