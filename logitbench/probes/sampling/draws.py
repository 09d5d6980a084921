"""Tokens drawn from a distribution with given random numbers, and how far two distributions are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logitbench.probes.sampling.chances import Floats, Numbers, running_total


def draw(weights: Numbers, uniform: Floats) -> NDArray[np.intp] | None:
    """Return the tokens that random numbers choose: the first whose running total exceeds u times the last total.

    Args:
        weights: [tokens], in the order of the vocabulary; running totals are rounded to their precision.
        uniform: [draws], in [0, 1).

    Returns:
        [draws], numbers of tokens; None where the weights are no distribution.
    """
    total = running_total(weights).astype(np.float64)
    if not 0 < total[-1] < np.inf:
        return None
    # u is at most 1 - 2^-53, so u times the last total never rounds up to it
    chosen: NDArray[np.intp] = np.searchsorted(total, uniform * total[-1], side="right")
    return chosen


def share_of_others(one: NDArray[np.intp] | None, other: NDArray[np.intp] | None) -> float:
    """Return the share of draws in which another token was drawn; NaN where one could not be made."""
    return float("nan") if one is None or other is None else float(np.mean(one != other))


def distance(one: Floats, other: Floats) -> float:
    """Return the total variation distance of two distributions [tokens], each over its sum; NaN where one is none.

    Half the sum of |p - q|, from 0 to 1: the greatest difference in the chance of any event, and so the least share of
    draws in which two samplers can differ, whatever random numbers they share.
    """
    with np.errstate(all="ignore"):
        return float(np.minimum(np.abs(one / one.sum() - other / other.sum()).sum() / 2, 1.0))
