"""What each loss path would give, value and gradient by the logits, in float64: what a measured loss is told by.

A path is put together from an activation and a family of losses, each with its derivative. Shapes: ``logits`` and
``targets`` are [examples, units]; a value is [examples], in nats; a gradient has the shape of the logits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import special

from logitbench.heads import Activation, LossPath

Floats = NDArray[np.float64]
ValueAndGradient = tuple[Floats, Floats]
OfLogits = Callable[[Floats, Floats], ValueAndGradient]
OfProbabilities = Callable[[Floats, Floats, float], ValueAndGradient]
"""By the probabilities, of which the third argument, epsilon, is what they are clipped to at either end."""
Formula = Callable[[Floats, Floats, float], ValueAndGradient]


@dataclass(frozen=True)
class Family:
    """Losses that are one function of the logits, or of probabilities.

    Args:
        activation: The one that turns its logits into its probabilities.
        of_logits: The loss from logits, exact for every one.
        of_probabilities: The ways to take it from probabilities; they differ in rows that do not add up to 1.
    """

    activation: Activation
    of_logits: OfLogits
    of_probabilities: tuple[OfProbabilities, ...]

    def formulas(self) -> Iterator[tuple[LossPath, Activation | None, Formula]]:
        """Yield every way to compute the loss: its path, the activation in it, and the formula."""
        yield LossPath.FUSED, None, lambda z, t, _: self.of_logits(z, t)
        for activation in Activation:
            for of_probabilities in self.of_probabilities:
                yield LossPath.CLIPPED, activation, partial(_after, ACTIVATIONS[activation], of_probabilities)
        for activation in Activation:
            yield (
                LossPath.DOUBLE,
                activation,
                partial(_after, ACTIVATIONS[activation], lambda p, t, _: self.of_logits(p, t)),
            )
        for of_probabilities in self.of_probabilities:
            yield LossPath.RAW, None, of_probabilities


def _after(
    activation: Callable[[Floats], tuple[Floats, Callable[[Floats], Floats]]],
    loss: OfProbabilities,
    z: Floats,
    t: Floats,
    epsilon: float,
) -> ValueAndGradient:
    p, pull_back = activation(z)
    value, by_p = loss(p, t, epsilon)
    return value, pull_back(by_p)


def _sigmoid(z: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    p = special.expit(z)
    return p, lambda by_p: by_p * p * special.expit(-z)


def _softmax(z: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    p = special.softmax(z, axis=1)
    return p, lambda by_p: p * (by_p - (by_p * p).sum(axis=1, keepdims=True))


ACTIVATIONS = {Activation.SIGMOID: _sigmoid, Activation.SOFTMAX: _softmax}


def _binary_of_logits(z: Floats, t: Floats) -> ValueAndGradient:
    value = t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z)
    return value.mean(axis=1), (special.expit(z) - t) / z.shape[1]


def _binary_of_probabilities(p: Floats, t: Floats, epsilon: float) -> ValueAndGradient:
    value, by_p = _each_binary(p, t, epsilon)
    return value.mean(axis=1), by_p / p.shape[1]


def _each_binary(p: Floats, t: Floats, epsilon: float) -> ValueAndGradient:
    clipped = np.clip(p, epsilon, 1 - epsilon)
    value = -(t * np.log(clipped) + (1 - t) * np.log1p(-clipped))
    return value, (clipped == p) * (clipped - t) / (clipped * (1 - clipped))


def _categorical_of_logits(z: Floats, t: Floats) -> ValueAndGradient:
    """log(1 + e^-m) of the margin m by which a class is ahead of the others together: nothing cancels."""
    columns, counts = np.unique(np.concatenate([z, t]), axis=1, return_counts=True)  # many units are alike
    z_of, t_of = np.split(columns, 2)
    alone = np.eye(len(counts))
    others = [special.logsumexp(z_of, axis=1, b=counts - alone[unit]) for unit in range(len(counts))]
    value = (counts * t_of * np.logaddexp(0, np.stack(others, axis=1) - z_of)).sum(axis=1)
    return value, special.softmax(z, axis=1) * t.sum(axis=1, keepdims=True) - t


def _divided_then_clipped(p: Floats, t: Floats, epsilon: float) -> ValueAndGradient:
    """What Keras does to one-hot labels: rows are divided by their sum before they are clipped."""
    total = p.sum(axis=1, keepdims=True)
    q = p / total
    clipped = np.clip(q, epsilon, 1 - epsilon)
    by_q = (clipped == q) * -t / clipped
    return -(t * np.log(clipped)).sum(axis=1), (by_q - (by_q * q).sum(axis=1, keepdims=True)) / total


def _clipped_then_divided(p: Floats, t: Floats, epsilon: float) -> ValueAndGradient:
    """What TensorFlow does to class numbers: its cross-entropy of log(clipped) divides by the sum afterwards."""
    clipped = np.clip(p, epsilon, 1 - epsilon)
    total = clipped.sum(axis=1, keepdims=True)
    weight = t.sum(axis=1, keepdims=True)
    value = (t * (np.log(total) - np.log(clipped))).sum(axis=1)
    return value, (clipped == p) * (weight / total - t / clipped)


BINARY = Family(Activation.SIGMOID, _binary_of_logits, (_binary_of_probabilities,))
CATEGORICAL = Family(Activation.SOFTMAX, _categorical_of_logits, (_divided_then_clipped, _clipped_then_divided))


def binary_focal(gamma: float, alpha: float | None = None) -> Family:
    """Return the focal loss of two classes (Lin et al., 2017, https://arxiv.org/abs/1708.02002).

    Args:
        gamma: The focusing parameter.
        alpha: The weight of the class 1, against 1 - alpha; None for equal weights.
    """

    def weight(t: Floats) -> Floats:
        return np.ones_like(t) if alpha is None else t * alpha + (1 - t) * (1 - alpha)

    def of_probabilities(p: Floats, t: Floats, epsilon: float) -> ValueAndGradient:
        loss, by_p = _each_binary(p, t, epsilon)
        missed = t * (1 - p) + (1 - t) * p  # 1 - p_t, of probabilities that are not clipped
        return _focused(loss, by_p, missed, 1 - 2 * t, t)

    def of_logits(z: Floats, t: Floats) -> ValueAndGradient:
        loss = t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z)
        missed = t * special.expit(-z) + (1 - t) * special.expit(z)
        slope = (1 - 2 * t) * special.expit(z) * special.expit(-z)
        return _focused(loss, special.expit(z) - t, missed, slope, t)

    def _focused(loss: Floats, by: Floats, missed: Floats, slope: Floats, t: Floats) -> ValueAndGradient:
        units = t.shape[1]
        factor = weight(t) * missed**gamma
        by_factor = weight(t) * gamma * missed ** (gamma - 1) * slope
        return (factor * loss).mean(axis=1), (factor * by + by_factor * loss) / units

    return Family(Activation.SIGMOID, of_logits, (of_probabilities,))


def categorical_focal(gamma: float, alpha: float) -> Family:
    """Return the focal loss of several classes.

    Args:
        gamma: The focusing parameter.
        alpha: The weight of every class.
    """

    def of_probabilities(p: Floats, t: Floats, epsilon: float) -> ValueAndGradient:
        total = p.sum(axis=1, keepdims=True)
        q = p / total
        clipped = np.clip(q, epsilon, 1 - epsilon)
        value, by_q = _focused(clipped, np.log(clipped), 1 - clipped, t)
        by_q = (clipped == q) * by_q
        return value, (by_q - (by_q * q).sum(axis=1, keepdims=True)) / total

    def of_logits(z: Floats, t: Floats) -> ValueAndGradient:
        p, pull_back = _softmax(z)
        value, by_p = _focused(p, special.log_softmax(z, axis=1), 1 - p, t)
        return value, pull_back(by_p)

    def _focused(p: Floats, log_p: Floats, missed: Floats, t: Floats) -> ValueAndGradient:
        factor = alpha * missed**gamma
        by_p = t * (alpha * gamma * missed ** (gamma - 1) * log_p - factor / p)
        return -(t * factor * log_p).sum(axis=1), by_p

    return Family(Activation.SOFTMAX, of_logits, (of_probabilities,))
