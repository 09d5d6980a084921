"""Intervals and tests of a mean that stay honest where differences are skewed.

Student's t assumes a symmetric distribution: of 10 exponential differences its 95 % interval covers the mean in 90 %,
of 10 lognormal ones in 84 %. Hall's monotone transformation of t (Hall, 1992, On the Removal of Skewness by
Transformation, https://doi.org/10.1111/j.2517-6161.1992.tb01876.x) corrects t by the skewness of the sample. Both are
used: an interval is the union of the two, a test needs both. ``tests/benchmarks/README.md`` has the measured coverage
and rates of wrong verdicts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LARGEST_T = 1e50
"""Its cube is a float; beyond it p is 0 in any case."""


def skewness(unit: Array, spreads: Array) -> Array:
    """Return the skewness of columns without the bias of small samples (G1), [columns]; 0 where it is undefined.

    Args:
        unit: Finite numbers, [seeds, columns].
        spreads: Standard deviations (n - 1) of the columns, [columns].
    """
    n = len(unit)
    if n < 3:
        return np.zeros(unit.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        standardized = (unit - unit.mean(axis=0)) / spreads
        cubes = (standardized**3).sum(axis=0) * n / (n - 1) / (n - 2)
    return np.asarray(np.where(spreads > 0, cubes, 0.0))


def half_widths(n: int, skewness: Array, confidence: float) -> tuple[Array, Array]:
    """Return how far the ends of intervals lie below and above the mean, in standard errors, [columns] each.

    Args:
        n: Number of seeds, at least 2.
        skewness: Of the columns.
        confidence: Of the interval, between 0 and 1.
    """
    from scipy import special  # imported in a fraction of the time of scipy.stats

    quantile = float(special.stdtrit(n - 1, (1 + confidence) / 2))
    b = skewness / np.sqrt(n)
    return np.maximum(_inverse(b, quantile), quantile), np.maximum(-_inverse(b, -quantile), quantile)


def p_above(n: int, t: Array, skewness: Array) -> Array:
    """Return one-sided p-values against means of at most the tested value, the larger of Student's and Hall's.

    Args:
        n: Number of seeds, at least 2.
        t: Student's t, (mean - tested value) / standard error.
        skewness: Of the differences.
    """
    from scipy import special

    t = np.clip(t, -LARGEST_T, LARGEST_T)
    return np.asarray(special.stdtr(n - 1, -np.minimum(t, _transformed(skewness / np.sqrt(n), t))))


def _transformed(b: Array, t: Array) -> Array:
    """Return Hall's transformation of t, t + b/3 t^2 + b^2/27 t^3 + b/6, where b is the skewness over sqrt(n)."""
    return np.asarray(t + b / 3 * t**2 + b**2 / 27 * t**3 + b / 6)


def _inverse(b: Array, y: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (np.cbrt(1 + b * (y - b / 6)) - 1) * 3 / b
    return np.asarray(np.where(np.abs(b) > 1e-6, t, y))
