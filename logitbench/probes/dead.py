"""The logit past which a loss teaches nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logitbench.probes.decision import Floats, Measured

COARSE: NDArray[np.float64] = np.exp2(np.arange(-12, 8))
"""Logits tried first; between two of them a gradient that has come to 0 is taken to stay there."""


def labelled(logits: NDArray[np.float64], units: int, *, right: bool) -> tuple[Floats, Floats]:
    """Return rows whose first unit has these logits and the others 0, with the label that is right, or is wrong."""
    rows = np.zeros((len(logits), units))
    rows[:, 0] = logits
    first = (logits >= 0) == right
    return rows, first[:, None].astype(np.float64) if units == 1 else np.eye(2, units)[np.where(first, 0, 1)]


def dead_from(measured: Measured, units: int, *, right: bool) -> float | None:
    """Return the least |logit| at which its own gradient is exactly 0, of either sign, to 1/4096; None up to 128.

    It is 0 where there is none at the least logit tried, 1/4096.
    """

    def dead(logits: NDArray[np.float64]) -> NDArray[np.bool_]:
        both = np.concatenate([logits, -logits])
        _, gradients = measured(*labelled(both, units, right=right))
        return np.asarray((gradients[:, 0] == 0).reshape(2, len(logits)).any(axis=0))

    found = dead(COARSE)
    if not found.any():
        return None
    first = int(found.argmax())
    if first == 0:
        return 0.0
    low, high = float(COARSE[first - 1]), float(COARSE[first])
    while high - low > 1 / 4096:
        middle = (low + high) / 2
        low, high = (low, middle) if dead(np.array([middle]))[0] else (middle, high)
    return high
