from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from logitbench.compare.power import POWER, seeds_needed
from logitbench.compare.statistics import ALPHA, FEWEST, Paired, mean_p, paired


def of(*numbers: float) -> Paired:
    """The one column of these differences."""
    (sample,) = paired(np.array(numbers)[:, None])
    return sample


def power(effect: float, n: int, alpha: float = 0.05, alternative: str = "two-sided") -> float:
    return float(TTestPower().power(effect, n, alpha, alternative=alternative))


@pytest.mark.parametrize("effect", [0.2, 0.5, -0.8, 1.2])
def test_the_seeds_needed_to_show_a_difference_are_statsmodels(effect: float) -> None:
    needed = seeds_needed(Paired(6, effect, 1.0), margin=1e-9)
    solved = TTestPower().solve_power(abs(effect), alpha=0.05, power=POWER, alternative="two-sided")
    assert needed == max(7, math.ceil(np.squeeze(solved)))


@pytest.mark.parametrize(("mean", "margin"), [(0.0, 0.5), (0.1, 0.5), (-0.1, 0.5), (0.0, 1.0)])
def test_the_seeds_needed_to_show_equivalence_are_the_first_with_the_power_of_both_tests(
    mean: float, margin: float
) -> None:
    enough = (
        n
        for n in itertools.count(FEWEST)
        if power(margin - mean, n, 0.025, "larger") + power(margin + mean, n, 0.025, "larger") - 1 >= POWER
    )
    assert seeds_needed(Paired(6, mean, 1.0), margin) == next(enough)


def test_without_a_difference_equivalence_needs_more_seeds_than_one_of_its_tests() -> None:
    one = next(n for n in itertools.count(6) if power(0.5, n, alternative="larger") >= POWER)
    needed = seeds_needed(Paired(6, 0.0, 1.0), 0.5)
    assert needed is not None
    assert needed > one


def test_a_family_needs_more_seeds() -> None:
    sample = Paired(6, 0.5, 1.0)
    assert seeds_needed(sample, 1e-9, tests=4) == next(n for n in itertools.count(6) if power(0.5, n, 0.0125) >= POWER)


def test_differences_that_are_equal_need_as_many_seeds_as_the_sign_flip_test_of_their_family() -> None:
    # 4 tests: p has to be below .0125, and 2 / 2^8 is the first that is.
    assert seeds_needed(of(*[0.5] * 6), 0.01, tests=4) == 8


def test_seeds_that_are_there_and_do_not_settle_it_are_not_said_to_be_enough() -> None:
    assert seeds_needed(Paired(30, 1.0, 1.0), 0.01) == 31


@pytest.mark.parametrize("sample", [Paired(0), Paired(1, 0.3)])
def test_without_a_spread_it_is_not_known_how_many_seeds_are_needed(sample: Paired) -> None:
    assert seeds_needed(sample, 0.01) is None


def test_more_than_ten_thousand_seeds_are_not_told() -> None:
    assert seeds_needed(Paired(8, 0.02, 1.0), 0.001) is None
    assert seeds_needed(Paired(8, 0.0, 1.0), 1e-9) is None
    edge = seeds_needed(Paired(8, 0.0305, 1.0), 0.001)
    assert edge is not None
    assert 9_000 < edge < 10_000


@pytest.mark.parametrize("spread", [0.0, 5e-324, 1e-308, 1e-16, 0.02, 0.09, 0.11, 0.5])
def test_an_effect_of_any_size_needs_a_number_of_seeds(spread: float) -> None:
    needed = seeds_needed(Paired(6, 1.0, spread), 0.01)
    assert needed is not None
    assert 7 <= needed < 12


@pytest.mark.parametrize(("effect", "draws"), [(1.0, 1000), (0.6, 400)])
def test_so_many_seeds_show_a_normal_difference_in_about_four_fifths_of_runs(effect: float, draws: int) -> None:
    needed = seeds_needed(Paired(6, effect, 1.0), margin=1e-9)
    assert needed is not None
    runs = np.random.default_rng(0).normal(effect, size=(needed, draws))
    assert 0.77 < np.mean(mean_p(runs)[0] < ALPHA) < 0.9
