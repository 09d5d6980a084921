"""The sign-flip permutation test of a mean of paired differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EXACT_UP_TO = 24
"""Seeds up to which every change of sign is counted; beyond, ``DRAWS`` of them are drawn."""

DRAWS = 2**14

TIE = 2.0**-30
"""Relative tolerance. Sums that differ by less count as equal: rounding separates equal sums (0.1 + 0.2 and 0.3) by
about 2^-40. Differences below 2^-30 of the largest one therefore count as ties, and p is larger."""

_INTEGERS_AT_ONCE, _COLUMNS_AT_ONCE = 2**21, 256


def sign_flip_p(unit: Array) -> Array:
    """Return two-sided p-values of means, [columns]: the share of sign changes whose mean is at least as far from 0.

    Exact up to ``EXACT_UP_TO`` seeds. Beyond, 2 (extreme draws + 1) / (``DRAWS`` + 1), where the draws of the smaller
    tail count; that keeps the level (Phipson and Smyth, 2010, https://doi.org/10.2202/1544-6115.1585). All columns
    share the draws.

    Args:
        unit: Finite numbers, [seeds, columns]; the largest absolute number of a column is about 1.
    """
    if len(unit) <= EXACT_UP_TO:
        return np.array([_exact(column) for column in unit.T], dtype=np.float64)
    starts = range(0, unit.shape[1], _COLUMNS_AT_ONCE)  # as many columns at once as memory allows
    return np.concatenate([_drawn(unit[:, start : start + _COLUMNS_AT_ONCE]) for start in starts])


def least_p(n: int) -> float:
    """Return the least two-sided p that ``n`` differences can reach, 2 / 2^n."""
    return 2.0 ** (1 - n)


def drawn_error(p: Array) -> Array:
    """Return the standard errors of p-values that are drawn: each is twice a share of the draws."""
    return np.asarray(np.sqrt(p * (2 - p) / DRAWS))


def _exact(column: Array) -> float:
    """Count sign changes by halves of the seeds: for each sum of one half, how many of the other half complete it."""
    observed = abs(column.sum()) - TIE
    if observed <= 0:
        return 1.0
    half = len(column) // 2
    left, right = (_signed_sums(part) for part in (column[:half], column[half:]))
    right.sort()
    above = len(right) - np.searchsorted(right, observed - left)  # the distribution is symmetric: below are as many
    return float(2 * above.sum() / 2.0 ** len(column))


def _signed_sums(numbers: Array) -> Array:
    sums = np.zeros(1)
    for number in numbers:
        sums = np.concatenate([sums + number, sums - number])
    return sums


def _drawn(unit: Array) -> Array:
    from scipy import stats

    observed = unit.sum(axis=0)

    def sums(signs: Array, axis: int = -1) -> Array:
        """Return sums, [..., columns], of changes of sign, [..., seeds]."""
        del axis  # always the last one
        totals = signs @ unit
        return np.where(np.abs(totals - observed) <= TIE, observed, totals)

    test = stats.permutation_test(
        (np.ones(len(unit)),),
        sums,
        permutation_type="samples",  # of a single sample: changes of sign
        vectorized=True,
        n_resamples=DRAWS,
        batch=_INTEGERS_AT_ONCE // len(unit),
        rng=np.random.default_rng(0),
    )
    return np.asarray(test.pvalue)
