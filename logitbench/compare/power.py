"""How many seeds would reach a verdict; statsmodels does the arithmetic."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable

from logitbench.compare.signflip import least_p
from logitbench.compare.statistics import ALPHA, FEWEST, Paired

POWER = 0.85
"""Of a t-test. The tests of a verdict are stricter: with so many seeds their power is about .8 (simulated)."""

MOST_SEEDS = 10_000
"""More are not considered."""

ENOUGH = 10.0
"""An effect size with which the fewest seeds suffice; of those above 10^7 SciPy's noncentral t makes NaN."""


def fewest_seeds(tests: float = 1) -> int:
    """Return the fewest seeds with which the sign-flip test can show a difference.

    Args:
        tests: Number of tests of the family: the difference is to be shown at ``ALPHA`` over this number.
    """
    return next(n for n in itertools.count(FEWEST) if least_p(n) * max(tests, 1) < ALPHA)


def seeds_needed(sample: Paired, margin: float, tests: float = 1) -> int | None:
    """Return how many seeds reach a verdict with a probability of about .8, if mean and spread stay the same.

    The verdict is either a difference, by a two-sided t-test, or, where the mean is within the margin, equivalence, by
    an interval within the margin; the smaller number is returned, and it is larger than the present one.

    Args:
        sample: The present differences.
        margin: Above 0.
        tests: Number of tests of the family: either is to be shown at ``ALPHA`` over this number.

    Returns:
        None where 10,000 do not reach a verdict, or the spread is unknown.
    """
    if sample.mean is None or sample.spread is None:
        return None
    mean, alpha = abs(sample.mean), ALPHA / tests
    found = [_fewest(fewest_seeds(tests), lambda n: _t_test_power(mean, sample.spread or 0.0, n, alpha / 2))]
    if mean < margin:
        found.append(_fewest(FEWEST, lambda n: _equivalence_power(mean, sample.spread or 0.0, n, margin, alpha / 2)))
    settled = min((n for n in found if n is not None), default=None)
    return None if settled is None else max(settled, sample.n + 1)


def _fewest(least: int, power: Callable[[int], float]) -> int | None:
    """Return the least number of seeds with ``POWER``, which grows with it; None where ``MOST_SEEDS`` lack it."""
    low, high = least, least
    while power(high) < POWER:
        if high >= MOST_SEEDS:
            return None
        low, high = high + 1, min(2 * high, MOST_SEEDS)
    return low + bisect.bisect_left(range(low, high), POWER, key=power)


def _equivalence_power(mean: float, spread: float, n: int, margin: float, alpha: float) -> float:
    """Return a lower bound of the power of both one-sided tests."""
    return sum(_t_test_power(margin + side * mean, spread, n, alpha) for side in (-1, 1)) - 1


def _t_test_power(mean: float, spread: float, n: int, alpha: float) -> float:
    """Return the power of a one-sided t-test of a mean above 0; at half of alpha also that of a two-sided one."""
    from statsmodels.stats.power import TTestPower

    effect = ENOUGH if mean >= ENOUGH * spread else mean / spread
    return float(TTestPower().power(effect, n, alpha, alternative="larger"))
