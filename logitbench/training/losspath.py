"""Which loss an arm really computes, measured on its compiled model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from logitbench.crossentropy import PATHS
from logitbench.heads import Activation, LossPath, Task
from logitbench.models.head import ArmModel, targets

POINTS = (-100.0, -30.5, -2.0, -0.5, 0.25, 0.5, 2.0, 30.5, 100.0)
"""Logits at which an arm's loss is measured: within ±2 a logit read as a probability stands out, past ±17 a clip."""

OTHERS = 3 / 16
"""The logit of every other class of a softmax: exact in bfloat16, and no row's sum is ever near 0."""

TOLERANCE = 0.02
"""Relative; a bfloat16 probability is good to 0.004, and the paths lie further apart somewhere among the points."""


def measure(model: ArmModel) -> LossPath:
    """Return the path whose exact value and gradient agree with the compiled model's own loss at every point.

    The loss is taken in a graph, as in training, of the same layers, loss and precision.
    """
    logits, labels = _points(model.task)
    value, gradient = _measured(model, logits, labels)
    for path, formula in PATHS[model.task.activation]:
        expected_value, expected_gradient = formula(logits, labels, keras.config.epsilon())
        if _agree(value, expected_value) and _agree(gradient, expected_gradient):
            return path
    return LossPath.OTHER


def _points(task: Task) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Every point with every label of the first two classes; for softmax the point is the first class's logit."""
    points = np.repeat(POINTS, 2)
    labels = np.tile([0, 1], len(POINTS))
    logits = np.zeros((len(points), task.units))
    logits[:, 0] = points
    if task.activation is Activation.SOFTMAX:
        logits[:, 1:] = OTHERS
    return logits, labels


def _measured(
    model: ArmModel, logits: NDArray[np.float64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # The head with the model's own loss, and without the trunk's regularisers, which are no part of that loss.
    model.head.compile(loss=model.model.loss)
    dtype = model.head.inputs[0].dtype
    rows = targets(model.task, labels)

    @tf.function(reduce_retracing=True, autograph=False)  # type: ignore[untyped-decorator]
    def loss_at(row: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(row)
            value = model.head.compute_loss(None, target, model.head(row, training=True), training=True)
        return value, tape.gradient(value, row)

    values, gradients = [], []
    for row, target in zip(logits, rows, strict=True):
        value, gradient = loss_at(tf.constant(row[None], dtype=dtype), tf.constant(target[None]))
        values.append(float(value))
        gradients.append(np.asarray(tf.convert_to_tensor(gradient), dtype=np.float64)[0])
    return np.array(values), np.array(gradients)


def _agree(measured: NDArray[np.float64], expected: NDArray[np.float64]) -> bool:
    return bool(np.allclose(measured, expected, rtol=TOLERANCE, atol=TOLERANCE))
