from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from logitbench.compare.signflip import DRAWS, EXACT_UP_TO, Array, drawn_error, least_p, sign_flip_p


def of(*numbers: float) -> float:
    """Return the p of one column, scaled as ``sign_flip_p`` expects it."""
    column = np.array(numbers)[:, None]
    (p,) = sign_flip_p(column / np.abs(column).max())
    return float(p)


def normal(n: int, columns: int, mean: float = 0.0) -> Array:
    return np.random.default_rng(n).normal(mean, 1, (n, columns)) / 8


def brute_force(numbers: list[int]) -> float:
    """Two-sided p by all changes of sign of whole numbers, which add up exactly."""
    sums = [
        sum(sign * number for sign, number in zip(signs, numbers, strict=True))
        for signs in itertools.product((1, -1), repeat=len(numbers))
    ]
    above = sum(one >= sum(numbers) for one in sums) / len(sums)
    below = sum(one <= sum(numbers) for one in sums) / len(sums)
    return min(1.0, 2 * min(above, below))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=6, max_size=9).filter(any))
def test_p_counts_all_changes_of_sign(numbers: list[int]) -> None:
    assert of(*map(float, numbers)) == brute_force(numbers)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=6, max_size=9).filter(any))
def test_sums_that_are_equal_on_paper_tie_although_floats_have_noise(numbers: list[int]) -> None:
    assert of(*(number * 0.1 for number in numbers)) == brute_force(numbers)
    assert of(*(number / 114 for number in numbers)) == brute_force(numbers)


def test_p_of_a_tenth_and_a_fifth_less_three_tenths_is_one() -> None:
    assert of(0.1, 0.2, -0.3, 0.1, 0.2, -0.3) == 1.0


def test_darwins_maize_has_the_p_of_the_textbooks() -> None:
    # Fisher, 1935, The Design of Experiments, section 21: 863 of 32,768 sums are as large, on either side.
    darwin = (49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48)
    assert of(*darwin) == 1726 / 32768


@pytest.mark.parametrize("n", [6, 15, EXACT_UP_TO])
def test_an_exact_p_is_a_multiple_of_the_least_one(n: int) -> None:
    for p in sign_flip_p(normal(n, 20, mean=0.3)):
        assert (p / least_p(n)).is_integer()
        assert p >= least_p(n)


def test_twenty_seeds_are_counted_as_an_enumeration_of_all_signs_counts_them() -> None:
    d = normal(20, 2, mean=0.2)
    signs = np.array(list(itertools.product((1, -1), repeat=10)))
    for column, p in zip(d.T, sign_flip_p(d), strict=True):
        sums = np.add.outer(signs @ column[:10], signs @ column[10:])
        assert p == np.mean(np.abs(sums) >= abs(column.sum()) - 1e-12)


@pytest.mark.parametrize(("n", "exact"), [(EXACT_UP_TO, True), (EXACT_UP_TO + 1, False)])
def test_all_changes_of_sign_are_counted_up_to_a_number_of_seeds(n: int, exact: bool) -> None:
    assert (of(*range(1, n + 1)) == least_p(n)) is exact
    assert (of(*range(1, n + 1)) == 2 / (DRAWS + 1)) is not exact


@pytest.mark.parametrize("n", [6, 14, EXACT_UP_TO + 1, 300])
def test_p_is_that_of_scipys_permutation_test(n: int) -> None:
    d = normal(n, 2, mean=0.1)
    for column, p in enumerate(sign_flip_p(d)):
        reference = stats.permutation_test(
            (d[:, column],),
            np.mean,
            permutation_type="samples",
            vectorized=True,
            n_resamples=DRAWS,
            batch=1000,
            rng=np.random.default_rng(0),
        )
        assert p == reference.pvalue


def test_p_does_not_depend_on_the_company_of_other_columns() -> None:
    d = normal(30, 300, mean=0.2)
    assert sign_flip_p(d)[299] == sign_flip_p(d[:, 299:])[0]


def test_the_error_of_a_drawn_p_is_the_spread_of_p_over_draws() -> None:
    d = normal(40, 1, mean=0.3)[:, 0]
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (200, DRAWS, 40))
    shares = (signs @ d >= d.sum()).mean(axis=1)
    assert 2 * shares.std() == pytest.approx(float(drawn_error(2 * shares.mean())), rel=0.2)
