"""Which loss path a measured loss is: the one whose exact value and gradient it has at every point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from logitbench.formulas import Family
from logitbench.heads import Activation, LossPath

Floats = NDArray[np.float64]
Measured = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""From logits and targets, [examples, units], to losses [examples] and gradients by the logits."""

POINTS = (-100.0, -30.5, -2.0, -0.5, 0.25, 0.5, 2.0, 30.5, 100.0)
"""Logits at which a loss is measured: within ±2 a logit read as a probability stands out, past ±17 a clip."""

NARROW = 2.0
"""Up to this logit no path rounds a probability to 0 or 1."""

FAR = 100.0
"""From here on a value or gradient may be no number, as where e^100 overflows; the other points tell the path."""

OTHERS = 3 / 16
"""The logit of every other unit: exact in bfloat16, and no row's sum is ever near 0."""

TOLERANCE = 0.02
"""Relative; a bfloat16 probability is good to 0.004, and the paths lie further apart somewhere among the points."""


def rows(units: int) -> tuple[Floats, Floats]:
    """Return every point with either label: logits and targets, [examples, units].

    The first unit's logit is the point. Its label is 0 or 1; of several units, the first or the second is right.
    """
    logits = np.full((2 * len(POINTS), units), OTHERS)
    logits[:, 0] = np.repeat(POINTS, 2)
    labels = np.tile([0, 1], len(POINTS))
    return logits, labels[:, None].astype(np.float64) if units == 1 else np.eye(2, units)[labels]


def decide(
    value: Floats, gradient: Floats, family: Family, units: int, epsilon: float, smoothing: float = 0.0
) -> tuple[LossPath, Activation | None]:
    """Return the path, and the activation in it, of a loss measured at ``rows(units)``.

    Args:
        value: As measured, [examples].
        gradient: By the logits, [examples, units].
        family: The loss.
        units: Of the head.
        epsilon: Keras's.
        smoothing: The loss's label smoothing.
    """
    logits, labels = rows(units)
    targets = labels * (1 - smoothing) + smoothing / (2 if family.activation is Activation.SIGMOID else units)
    told = finite(value, gradient)
    may_fail = _may_fail(logits[:, 0], labels[:, 0] == 1)
    for path, activation, formula in family.formulas():
        with np.errstate(all="ignore"):
            expected, slope = formula(logits, targets, epsilon)
        both = told & (exact := finite(expected, slope))
        if not (both | may_fail | (~told & ~exact)).all() or not both.any():
            continue
        if _agree(value[both], expected[both]) and _agree(gradient[both], slope[both]):
            return path, activation
    return LossPath.OTHER, None


def _may_fail(logits: Floats, first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows at which a loss may be NaN or infinite; the other rows still identify it.

    These are the far ones, and predictions that are right and certain: a focal loss with gamma below 1 divides by a
    power of 1 - p there, and p is rounded to 1. Predictions that are wrong and certain tell a clipped loss.
    """
    return np.asarray((np.abs(logits) >= FAR) | ((np.abs(logits) > NARROW) & ((logits > 0) == first)))


def finite(value: Floats, gradient: Floats) -> NDArray[np.bool_]:
    """Return at which rows value and gradient are numbers."""
    return np.asarray(np.isfinite(value) & np.isfinite(gradient).all(axis=1))


def _agree(measured: Floats, expected: Floats) -> bool:
    return bool(np.allclose(measured, expected, rtol=TOLERANCE, atol=TOLERANCE))
