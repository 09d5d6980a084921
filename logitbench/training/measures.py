"""Figures that Keras does not have: examples without a gradient in training, float64 likelihood in validation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from logitbench.crossentropy import nll
from logitbench.heads import Activation, Arm, Labels
from logitbench.models.head import ArmModel
from logitbench.records import METRICS, ONLY_CLASS, EpochRecord

BESIDE = (
    (("loss",), ("accuracy", "matched_accuracy", "saturated_fraction", "dead_fraction")),
    (("val_loss", "val_nll"), ("val_accuracy", "val_matched_accuracy")),
)
"""Losses, and what means nothing where one of them is not finite."""

STILL = ("saturated_fraction", "dead_fraction")
"""What ``still`` returns, in order."""


def still(model: ArmModel, target: Any, outputs: Any, by_logits: Any) -> Any:
    """Return 1.0 for each example whose gradient is exactly 0, and for each such that is predicted wrong, [2, batch].

    Args:
        model: The arm.
        target: Labels as the loss takes them.
        outputs: What the model gave for them.
        by_logits: Gradient of the loss by the pre-activation, [batch, units].
    """
    if model.task.activation is Activation.SIGMOID:
        right = keras.metrics.binary_accuracy(target, outputs, threshold=model.arm.threshold)
    elif model.task.labels is Labels.ONE_HOT:
        right = keras.metrics.categorical_accuracy(target, outputs)
    else:
        right = keras.metrics.sparse_categorical_accuracy(target, outputs)
    saturated = tf.reduce_all(tf.equal(by_logits, 0), axis=1)
    # Keras gives [batch, 1] for binary accuracy and [batch] for the others.
    dead = saturated & tf.equal(tf.reshape(right, [-1]), 0)
    return tf.cast(tf.stack([saturated, dead]), "float32")


def of_logits(arm: Arm, logits: NDArray[Any], labels: NDArray[np.int32]) -> dict[str, float]:
    """Return what the validation set's pre-activation logits say; NaN for an arm that diverged.

    Args:
        arm: The arm that gave them.
        logits: [examples, units].
        labels: Class numbers, [examples].

    Returns:
        ``val_nll``, the mean cross-entropy in float64, in nats. ``only_class``, the number of the class that is
        predicted for every example; NaN where predictions differ.
    """
    with np.errstate(invalid="ignore"):
        mean_nll = float(nll(logits, labels).mean())
    predicted = logits.argmax(axis=1) if logits.shape[1] > 1 else logits[:, 0] > arm.logit_threshold
    same = math.isfinite(mean_nll) and bool((predicted == predicted[0]).all())
    return {"val_nll": mean_nll, ONLY_CLASS: float(predicted[0]) if same else math.nan}


def record(arm: str, epoch: int, figures: Mapping[str, float], seconds: float) -> EpochRecord:
    """Make the record of an arm's epoch; a figure that is not finite becomes None and the status ``diverged``.

    So do the accuracies beside a loss that is not finite: an output that is NaN would count as class 0.
    """
    values = {metric: float(figures[metric]) for metric in METRICS}
    void = {
        metric
        for losses, beside in BESIDE
        if not all(math.isfinite(values[loss]) for loss in losses)
        for metric in beside
    }
    finite = {
        metric: value if math.isfinite(value) and metric not in void else None for metric, value in values.items()
    }
    only_class = math.nan if finite["val_matched_accuracy"] is None else figures[ONLY_CLASS]
    return EpochRecord(
        arm=arm,
        epoch=epoch,
        **finite,
        seconds=round(seconds, 6),
        status="diverged" if None in finite.values() else "ok",
        only_class=int(only_class) if math.isfinite(only_class) else None,
    )
