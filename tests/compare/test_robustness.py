from __future__ import annotations

import numpy as np
import pytest

from logitbench.compare import robustness
from logitbench.compare.statistics import paired


def doubts(*numbers: float) -> list[str]:
    d = np.array(numbers)
    sample = paired(d[:, None])[0]
    return list(robustness.of_seeds(d, sample)) or list(robustness.of_skewness(sample))


def test_plain_differences_are_not_doubted() -> None:
    assert doubts(0.1, 0.2, 0.3, 0.4, 0.5, 0.6) == []
    assert doubts(0.1, 5.0) == []  # too few seeds to judge


def test_a_seed_with_more_than_half_of_all_differences_is_named_with_the_mean_of_the_others() -> None:
    (doubt,) = doubts(0.1, 0.1, 0.1, 0.1, 0.1, 0.51)
    assert doubt == "one of the 6 seeds dominates the mean difference: without it the mean is +0.1"
    assert doubts(0.1, 0.1, 0.1, -0.1, 0.1, 0.49) == []


def test_skewed_differences_are_named_with_their_median() -> None:
    (doubt,) = doubts(0.1, 0.12, 0.08, 0.11, 0.09, 0.1, 0.1, 0.45)
    assert doubt.startswith("the differences are skewed (skewness +2.8): the mean is +0.1437, the median +0.1;")


def test_half_of_normal_differences_and_more_are_not_called_skewed() -> None:
    d = np.random.default_rng(0).normal(size=(12, 500))
    skewed = [bool(list(robustness.of_skewness(sample))) for sample in paired(d)]
    assert np.mean(skewed) < 0.1


def test_differences_that_are_all_equal_are_doubted() -> None:
    for number in (0.3, 0.0):
        (doubt,) = doubts(*[number] * 6)
        assert doubt.startswith("all 6 differences are equal")


@pytest.mark.parametrize(
    ("p", "error", "doubted"),
    [(0.0498, 0.0017, True), (0.053, 0.0017, True), (0.06, 0.0017, False), (0.0498, 0.0, False)],
)
def test_a_drawn_p_that_its_error_could_move_across_the_level_is_doubted(p: float, error: float, doubted: bool) -> None:
    assert bool(list(robustness.of_drawn_p(p, error))) is doubted


def test_how_frequent_an_event_has_to_be_follows_from_the_number_of_seeds() -> None:
    # .69^8 = .05: eight seeds miss an event of 31 % of seeds with a probability of .05.
    assert robustness.unseen(8).startswith("8 seeds may miss what happens in fewer than 31 % of seeds,")
    assert "fewer than 5 %" in robustness.unseen(59)
