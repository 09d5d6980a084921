"""Doubts about a sample of paired differences that its mean and interval do not show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from logitbench.compare.signflip import DRAWS
from logitbench.compare.statistics import ALPHA, FEWEST, Array, Paired

DOMINANT = 0.5
"""Share of the sum of absolute differences from which one seed dominates the mean."""


def of_seeds(d: Array, sample: Paired) -> Iterator[str]:
    """Yield a doubt if one seed makes up a sample of at least ``FEWEST`` differences, or all seeds are equal.

    Args:
        d: Finite differences, [seeds].
        sample: Their description.
    """
    if sample.n < FEWEST or sample.mean is None or sample.median is None:
        return
    if not sample.spread:
        yield f"all {sample.n} differences are equal, so the interval has no width; other seeds may differ"
        return
    share = float(np.abs(d).max() / np.abs(d).sum())
    rest = np.delete(d, np.abs(d).argmax()).mean()
    if share > DOMINANT:
        yield f"one of the {sample.n} seeds dominates the mean difference: without it the mean is {rest:+.4g}"


def of_skewness(sample: Paired) -> Iterator[str]:
    """Yield a doubt if a sample of at least ``FEWEST`` differences is skewed."""
    if sample.n < FEWEST or sample.mean is None or sample.median is None or sample.skewness is None:
        return
    if abs(sample.skewness) > 2 * _skewness_error(sample.n):
        yield (
            f"the differences are skewed (skewness {sample.skewness:+.1f}): the mean is {sample.mean:+.4g}, the median "
            f"{sample.median:+.4g}; more seeds may move the mean more than its interval says"
        )


def of_drawn_p(p: float | None, error: float) -> Iterator[str]:
    """Yield a doubt if other draws could move a p-value to the other side of ``ALPHA``.

    Args:
        p: Corrected for everything.
        error: Its standard error; 0 where it is exact.
    """
    if p is not None and error and abs(p - ALPHA) < 2 * error:
        yield f"p comes from {DRAWS:,} drawn changes of sign, and is too close to {ALPHA} to tell on which side it is"


def unseen(n: int) -> str:
    """Say how frequent an event has to be for ``n`` seeds to show it with a probability of .95."""
    share = 1 - ALPHA ** (1 / n)
    return (
        f"{n} seeds may miss what happens in fewer than {100 * share:.0f} % of seeds, a divergence for instance; no "
        "interval or verdict covers that."
    )


def _skewness_error(n: int) -> float:
    """Return the standard error of the skewness of normal differences (Fisher, 1930)."""
    return float(np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3))))
