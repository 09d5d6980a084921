from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from logitbench.compare.skewness import half_widths, p_above, skewness


def test_skewness_is_scipys_without_bias() -> None:
    d = np.random.default_rng(0).exponential(size=(9, 4))
    assert skewness(d, d.std(axis=0, ddof=1)) == pytest.approx(stats.skew(d, bias=False))
    assert skewness(np.ones((9, 1)), np.zeros(1)) == 0
    assert skewness(d[:2], d[:2].std(axis=0, ddof=1)).tolist() == [0.0] * 4


def test_without_skewness_the_ends_are_students() -> None:
    below, above = half_widths(8, np.zeros(1), 0.95)
    assert below == above == pytest.approx(stats.t.ppf(0.975, 7))


@pytest.mark.parametrize("skew", [0.3, 1.5, 2.4])
def test_the_end_on_the_long_side_is_where_halls_t_is_the_quantile(skew: float) -> None:
    n, quantile = 8, stats.t.ppf(0.975, 7)
    below, above = half_widths(n, np.array([skew, -skew]), 0.95)
    # Hall, 1992, with the tested value at the upper end: t = -above.
    t = -above[0]
    halls = t + skew * t**2 / 3 / n**0.5 + skew**2 * t**3 / 27 / n + skew / 6 / n**0.5
    assert halls == pytest.approx(-quantile)
    assert below[0] == pytest.approx(quantile)  # Student's reaches farther on the short side
    assert (below[1], above[1]) == pytest.approx((above[0], below[0]))


def test_p_is_the_larger_of_students_and_halls() -> None:
    t = np.array([2.5, 2.5, -2.5])
    ps = p_above(10, t, np.array([0.0, -1.5, 1.5]))
    assert ps[0] == pytest.approx(stats.t.sf(2.5, 9))
    assert ps[1] > ps[0]
    assert ps[2] == pytest.approx(stats.t.sf(-2.5, 9))


@pytest.mark.parametrize(("least", "n"), [(0.92, 10), (0.94, 20)])
def test_of_exponential_differences_more_intervals_cover_the_mean_than_of_students(least: float, n: int) -> None:
    d = np.random.default_rng(5).exponential(size=(n, 2000)) - 1
    spreads = d.std(axis=0, ddof=1)
    below, above = half_widths(n, skewness(d, spreads), 0.95)
    means, errors, half = d.mean(axis=0), spreads / n**0.5, stats.t.ppf(0.975, n - 1)
    covered = np.mean((means - below * errors <= 0) & (means + above * errors >= 0))
    students = np.mean(np.abs(means) <= half * errors)
    assert covered > least > students
