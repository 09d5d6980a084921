"""What the pages say of losses of TensorFlow and PyTorch.

Each function takes numbers of its text and returns the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

Numbers = dict[str, float]


def with_logits(z: float, label: float) -> Numbers:
    import tensorflow as tf

    logits, labels = tf.constant([[z]]), tf.constant([[label]])
    twice = tf.nn.sigmoid_cross_entropy_with_logits(labels, tf.sigmoid(logits))
    right = tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)
    return {"loss": float(twice[0, 0]), "right": float(right[0, 0])}


def measure(loss: Any, logits: Sequence[float], labels: Any, activation: Any = None) -> tuple[float, list[float]]:
    """Return a loss of PyTorch on an activation of one row of logits, and its gradient by the logits."""
    import torch

    row = torch.tensor([logits], requires_grad=True)
    value = loss(activation(row) if activation else row, torch.tensor(labels))
    value.backward()
    assert row.grad is not None
    return float(value.detach()), row.grad[0].tolist()


def bce_with_logits(z: float, label: float) -> Numbers:
    from torch import nn

    loss, (gradient,) = measure(nn.BCEWithLogitsLoss(), [z], [[label]], nn.Sigmoid())
    right, (slope,) = measure(nn.BCEWithLogitsLoss(), [z], [[label]])
    return {"loss": loss, "right": right, "gradient": gradient, "slope": slope}


def cross_entropy(a: float, b: float, c: float) -> Numbers:
    from torch import nn

    loss, gradient = measure(nn.CrossEntropyLoss(), [a, b, c], [1], nn.Softmax(dim=1))
    right, slope = measure(nn.CrossEntropyLoss(), [a, b, c], [1])
    return {"loss": loss, "right": right, "gradient": gradient[1], "slope": slope[1]}


def bce(low: float, high: float, z: float, label: float) -> Numbers:
    from torch import nn

    for outside in (low - 0.01, high + 0.01):
        with pytest.raises(RuntimeError, match="between 0 and 1"):
            measure(nn.BCELoss(), [outside], [[label]])
    loss, _ = measure(nn.BCELoss(), [z], [[label]])
    right, _ = measure(nn.BCEWithLogitsLoss(), [z], [[label]])
    return {"loss": loss, "right": right}


def nll_of_logits(a: float, b: float, c: float, scale: float) -> Numbers:
    from torch import nn

    loss, _ = measure(nn.NLLLoss(), [a, b, c], [1])
    scaled, _ = measure(nn.NLLLoss(), [scale * a, scale * b, scale * c], [1])
    return {"loss": loss, "scaled": scaled}


def nll_of_probabilities(a: float, b: float, c: float) -> Numbers:
    from torch import nn

    loss, gradient = measure(nn.NLLLoss(), [a, b, c], [1], nn.Softmax(dim=1))
    right, slope = measure(nn.NLLLoss(), [a, b, c], [1], nn.LogSoftmax(dim=1))
    return {"loss": loss, "right": right, "gradient": gradient[1], "slope": slope[1]}
