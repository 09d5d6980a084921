"""The exact cross-entropy of every loss path, in float64, as a function of the pre-activation logits.

These are the yardsticks: ``nll`` is fair to every arm, and ``PATHS`` says what each loss path would give, value and
gradient, so that a measured loss can be told by its behaviour.

Shapes: ``logits`` is [examples, 1] for a sigmoid head and [examples, classes] for a softmax head; ``labels`` is
[examples], class numbers from 0. A value is [examples], in nats; a gradient is by the logits and has their shape.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from logitbench.heads import Activation, LossPath

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ValueAndGradient = tuple[Floats, Floats]
Formula = Callable[[Floats, Ints, float], ValueAndGradient]


def nll(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """Return the negative log-likelihood of each example, in nats, >= 0.

    It is log(1 + e^-m) of the margin m by which the label is ahead: z or -z for sigmoid, z_y - log(sum of the others'
    e^z) for softmax. No probability is formed and nothing cancels, so neither tail overflows or is lost.

    Raises:
        ValueError: The shapes do not fit each other.
    """
    z = np.asarray(logits, dtype=np.float64)
    y = np.asarray(labels, dtype=np.int64)
    if z.ndim != 2 or y.shape != z.shape[:1]:
        raise ValueError(f"expected logits [examples, units] and labels [examples], got {z.shape} and {y.shape}")
    return (_binary_fused if z.shape[1] == 1 else _softmax_fused)(z, y, 0.0)[0]


def _binary_fused(z: Floats, y: Ints, _: float) -> ValueAndGradient:
    target = y[:, None].astype(np.float64)
    value: Floats = np.logaddexp(0.0, np.where(target == 1, -z, z))
    return value[:, 0], special.expit(z) - target


def _of_probability(q: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    """-log of the clipped probability of the label; past the clip the gradient is exactly 0."""
    target = y[:, None].astype(np.float64)
    clipped = np.clip(q, epsilon, 1.0 - epsilon)
    value = -(target * np.log(clipped) + (1 - target) * np.log1p(-clipped))
    return value[:, 0], (clipped == q) * (clipped - target) / (clipped * (1.0 - clipped))


def _binary_clipped(z: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    p = special.expit(z)
    value, by_p = _of_probability(p, y, epsilon)
    return value, by_p * p * (1.0 - p)


def _binary_double(z: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    p = special.expit(z)
    value, by_p = _binary_fused(p, y, epsilon)
    return value, by_p * p * (1.0 - p)


def _softmax_fused(z: Floats, y: Ints, _: float) -> ValueAndGradient:
    target = _one_hot(z, y)
    others = special.logsumexp(np.where(target == 1, -np.inf, z), axis=1)
    return np.logaddexp(0.0, others - _picked(z, y)), special.softmax(z, axis=1) - target


def _of_probabilities(q: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    clipped = np.clip(q, epsilon, 1.0 - epsilon)
    return -np.log(_picked(clipped, y)), (clipped == q) * -_one_hot(q, y) / clipped


def _through_softmax(p: Floats, by_p: Floats) -> Floats:
    by_z: Floats = p * (by_p - (by_p * p).sum(axis=1, keepdims=True))
    return by_z


def _softmax_clipped(z: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    p = special.softmax(z, axis=1)
    value, by_p = _of_probabilities(p, y, epsilon)
    return value, _through_softmax(p, by_p)


def _softmax_double(z: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    p = special.softmax(z, axis=1)
    value, by_p = _softmax_fused(p, y, epsilon)
    return value, _through_softmax(p, by_p)


def _raw_divided_then_clipped(z: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    """What Keras does to one-hot labels: rows are divided by their sum before they are clipped."""
    total = z.sum(axis=1, keepdims=True)
    q = z / total
    value, by_q = _of_probabilities(q, y, epsilon)
    return value, (by_q - (by_q * q).sum(axis=1, keepdims=True)) / total


def _raw_clipped_then_divided(z: Floats, y: Ints, epsilon: float) -> ValueAndGradient:
    """What TensorFlow does to class numbers: its cross-entropy of log(clipped) divides by the sum afterwards."""
    clipped = np.clip(z, epsilon, 1.0 - epsilon)
    total = clipped.sum(axis=1, keepdims=True)
    value = np.log(total[:, 0]) - np.log(_picked(clipped, y))
    return value, (clipped == z) * (1.0 / total - _one_hot(z, y) / clipped)


def _picked(rows: Floats, y: Ints) -> Floats:
    picked: Floats = np.take_along_axis(rows, y[:, None], axis=1)[:, 0]
    return picked


def _one_hot(rows: Floats, y: Ints) -> Floats:
    return np.eye(rows.shape[1])[y]


PATHS: dict[Activation, tuple[tuple[LossPath, Formula], ...]] = {
    Activation.SIGMOID: (
        (LossPath.FUSED, _binary_fused),
        (LossPath.CLIPPED, _binary_clipped),
        (LossPath.DOUBLE, _binary_double),
        (LossPath.RAW, _of_probability),
    ),
    Activation.SOFTMAX: (
        (LossPath.FUSED, _softmax_fused),
        (LossPath.CLIPPED, _softmax_clipped),
        (LossPath.DOUBLE, _softmax_double),
        (LossPath.RAW, _raw_divided_then_clipped),
        (LossPath.RAW, _raw_clipped_then_divided),
    ),
}
"""Every known way to compute the loss of a head: (name, formula(logits, labels, epsilon) -> value, gradient)."""
