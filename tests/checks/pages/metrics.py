"""What the pages say of Keras's metrics. Each function takes numbers of its text and returns the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from tests.checks.pages.activations import threshold_of_logits

Numbers = dict[str, float]


def counted(metric: Any, outputs: Sequence[Sequence[float]], labels: Any, activation: str | None = None) -> float:
    """Return a metric of a compiled model that gives these outputs, or an activation of them."""
    head = [layers.Activation(activation)] if activation else [layers.Identity()]
    model = keras.Sequential([keras.Input((len(outputs[0]),)), *head])
    model.compile(loss="binary_crossentropy", metrics=[metric], run_eagerly=True)
    shown = model.evaluate(np.array(outputs), np.array(labels, "float32"), verbose=0, return_dict=True)
    return float(next(value for name, value in shown.items() if name != "loss"))


def default_threshold(default: float) -> Numbers:
    for name in ("BinaryAccuracy", "Precision", "Recall", "BinaryIoU", "TruePositives", "FalsePositives"):
        metric = getattr(keras.metrics, name)
        below, above = ([[default + z], [default - z]] for z in (-0.01, 0.01))
        assert counted(metric(), below, [[1], [0]]) != counted(metric(), above, [[1], [0]]), name
    return {}


def default_threshold_of_f_scores(default: float) -> Numbers:
    for name in ("F1Score", "FBetaScore"):
        above, below = (
            counted(getattr(keras.metrics, name)(average="micro", threshold=default), [[default + z]], [[1]])
            for z in (0.01, -0.01)
        )
        assert above == pytest.approx(1), name
        assert below == 0, name
    return {}


def threshold_on_logits(threshold: float, low: float) -> Numbers:
    for z in (0.1, 0.4):
        assert counted("accuracy", [[z]], [[1]]) == 0
        assert counted(keras.metrics.BinaryAccuracy(threshold=low), [[z]], [[1]]) == 1
    return threshold_of_logits(threshold, low)


def f1_score(zero: float) -> Numbers:
    with pytest.raises(ValueError, match="threshold"):
        keras.metrics.F1Score(threshold=zero)
    rows, labels = [[1.0, 3.0], [2.0, -1.0]], [[0, 1], [0, 1]]
    assert counted(keras.metrics.F1Score("micro"), rows, labels) == pytest.approx(0.5)
    assert counted(keras.metrics.F1Score("micro"), rows, labels, "softmax") == pytest.approx(0.5)
    one_of_four = counted(keras.metrics.F1Score("micro"), [[-9.0]] * 4, [[1], [0], [0], [0]])
    assert one_of_four == pytest.approx(2 * 0.25 / 1.25)  # as if all four were positive
    return {}


def accuracy_of_classes(threshold: float) -> Numbers:
    """The text says that the threshold is ignored with a categorical loss on several units."""
    logits = [[threshold - 5, threshold - 3.0], [threshold + 5, threshold + 7]]
    model = keras.Sequential([keras.Input((2,)), layers.Identity()])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    assert model.evaluate(np.array(logits), np.array([1, 1]), verbose=0)[1] == 1
    return {}


def auc(first: float, second: float, label: float, other: float, low: float, high: float) -> Numbers:
    outputs, labels = [[first], [second]], [[label], [other]]
    assert counted(keras.metrics.AUC(), [[high + 1], [high + 5]], labels) == counted(
        keras.metrics.AUC(), outputs, labels
    )
    thresholds = keras.metrics.AUC().thresholds
    assert low == pytest.approx(min(thresholds), abs=1e-6)
    assert high == pytest.approx(max(thresholds), abs=1e-6)
    return {
        "raw": counted(keras.metrics.AUC(), outputs, labels),
        "right": counted(keras.metrics.AUC(from_logits=True), outputs, labels),
    }


def crossentropy(low: float, high: float, z: float, label: float) -> Numbers:
    assert counted(keras.metrics.BinaryCrossentropy(), [[high]], [[label]]) == counted(
        keras.metrics.BinaryCrossentropy(), [[z]], [[label]]
    )
    assert counted(keras.metrics.BinaryCrossentropy(), [[low - 5]], [[1 - label]]) == counted(
        keras.metrics.BinaryCrossentropy(), [[low]], [[1 - label]]
    )

    def metric(from_logits: bool, activation: str | None = None) -> float:
        return counted(keras.metrics.BinaryCrossentropy(from_logits=from_logits), [[z]], [[label]], activation)

    return {"raw": metric(False), "right": metric(True), "double": metric(True, "sigmoid")}


def metrics_without_from_logits() -> Numbers:
    for name in ("PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"):
        with pytest.raises(TypeError):
            getattr(keras.metrics, name)(0.5, from_logits=True)
    return {}


def accuracy_of_labels(a: float, b: float, c: float, x: float, y: float, z: float) -> Numbers:
    outputs, labels = [[a, b, c]], [[x, y, z]]
    return {
        "accuracy": counted("accuracy", outputs, labels),
        "share": counted("binary_accuracy", outputs, labels),
    }


def remedy_on_logits(threshold: float) -> Numbers:
    metric = keras.metrics.BinaryAccuracy(threshold=threshold)
    logits, labels = [[2.0, -1.0, 0.3]], [[1, 1, 1]]
    assert counted(metric, logits, labels) == counted("binary_accuracy", logits, labels, "sigmoid")
    return {}


def accuracy_of_one_hot(one: float) -> Numbers:
    """With one-hot labels, accuracy is the share of rows whose largest output is the right one."""
    assert counted("accuracy", [[0.2, 0.3, 0.1], [0.6, 0.7, 0.1]], [[0, one, 0], [one, 0, 0]]) == 0.5
    return {}


def class_numbers_as_one_hot_labels(position: float) -> Numbers:
    outputs = [[0.9, 0.1, 0.0], [0.0, 0.9, 0.1], [0.0, 0.1, 0.9], [0.1, 0.9, 0.0]]
    for numbers in ([[2], [1], [0], [1]], [[0], [1], [2], [1]]):
        metric = keras.metrics.CategoricalAccuracy()
        metric.update_state(np.array(numbers), np.array(outputs))
        assert float(metric.result()) == np.mean(np.argmax(outputs, 1) == position)
    return {}


def binary_accuracy_of_classes(threshold: float, classes: float) -> Numbers:
    default_threshold(threshold)
    labels, outputs = np.eye(int(classes))[:1].tolist(), (0.99 * np.eye(int(classes))[1:2]).tolist()
    return {"accuracy": counted(keras.metrics.BinaryAccuracy(), outputs, labels)}
