"""Losses that mask labels, or need labels of another form: a training that works raises no alarm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from logitbench import HeadCheck
from logitbench.heads import LossPath
from logitbench.probes.model import labels
from logitbench.probes.model.models import probe_model
from logitbench.probes.model.records import Level, ModelProbe
from tests.probes.model import small

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

Loss = Callable[[Any, Any], Any]


def each(label: Any, output: Any, from_logits: bool = True) -> Any:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits, reduction="none")(label, output)


def masked(ignored: int, *, from_logits: bool = True, divided: bool = True) -> Loss:
    """The loss of TensorFlow's Transformer tutorial, which masks 0."""

    def masked_loss(label: Any, output: Any) -> Any:
        loss = each(label, output, from_logits)
        mask = ops.cast(ops.not_equal(label, ignored), loss.dtype)
        return ops.sum(loss * mask) / ops.sum(mask) if divided else ops.mean(loss * mask)

    return masked_loss


def sequence(loss: Any, activation: str | None = None, units: int = 5) -> Any:
    model = keras.Sequential(
        [keras.Input((None,), dtype="int32"), layers.Embedding(10, 4), layers.Dense(units, activation)]
    )
    model.compile(loss=loss)
    return model


def alarms(probe: ModelProbe) -> list[Any]:
    return [one for one in probe.advice if one.level in {Level.WRONG, Level.RISK}]


@pytest.mark.parametrize("divided", [True, False])
@pytest.mark.parametrize("ignored", [0, 1, -1, 255])
def test_a_loss_that_masks_a_class_is_measured_with_other_classes(ignored: int, divided: bool) -> None:
    probe = probe_model(sequence(masked(ignored, divided=divided)))
    reading = probe.outputs[0].reading
    assert (reading.path, reading.labels, reading.broken_at) == (LossPath.FUSED, "class numbers", None)
    assert (reading.dead_from, alarms(probe)) == (None, [])


def test_a_masked_loss_that_treats_logits_as_probabilities_is_still_found() -> None:
    reading = probe_model(sequence(masked(0, from_logits=False))).outputs[0].reading
    assert reading.path is LossPath.RAW


def test_the_tutorials_training_is_not_stopped() -> None:
    x = np.random.default_rng(0).integers(1, 10, (16, 6))
    y = np.where(np.arange(6) < 4, x % 5, 0)
    history = sequence(masked(0)).fit(
        x, y, epochs=2, shuffle=False, verbose=0, callbacks=[HeadCheck(on_mismatch="raise")]
    )
    assert np.isfinite(history.history["loss"]).all()


def masked_accuracy(label: Any, output: Any) -> Any:
    """The accuracy of the tutorial, which counts the axes of its output."""
    right = ops.equal(ops.cast(label, "int32"), ops.argmax(output, axis=2))
    mask = ops.not_equal(label, 0)
    return ops.sum(ops.cast(ops.logical_and(right, mask), "float32")) / ops.sum(ops.cast(mask, "float32"))


def test_the_tutorials_metric_is_read_on_outputs_with_as_many_axes_as_the_models() -> None:
    model = sequence(masked(0))
    model.compile(loss=masked(0), metrics=[masked_accuracy])
    probe = probe_model(model)
    assert [(metric.reads, metric.fits) for metric in probe.outputs[0].metrics] == [("order", True)]
    assert probe.advice == ()


def only_positives(label: Any, output: Any) -> Any:
    loss = keras.losses.binary_crossentropy(label, output, from_logits=True)
    return ops.sum(loss * label[:, 0]) / ops.sum(label)


def soft_f1(label: Any, output: Any) -> Any:
    p = ops.sigmoid(output)
    hits = ops.sum(label * p)
    return 1 - 2 * hits / (ops.sum(label) + ops.sum(p))


def standardised(label: Any, output: Any) -> Any:
    off = label - output
    return ops.mean(off**2) / ops.std(label)


def with_weights(label: Any, output: Any) -> Any:
    weights = label[:, 3:]
    return ops.sum(each(ops.argmax(label[:, :3], axis=1), output)[:, None] * weights) / ops.sum(weights)


@pytest.mark.parametrize("loss", [only_positives, soft_f1, standardised])
def test_a_loss_that_divides_by_a_count_in_the_batch_raises_no_alarm(loss: Loss) -> None:
    probe = probe_model(small.classes(None, loss, units=1))
    assert alarms(probe) == []


def test_labels_of_a_form_that_nobody_can_guess_are_undetermined() -> None:
    probe = probe_model(small.classes(None, with_weights))
    reading = probe.outputs[0].reading
    assert (reading.path, "could not be measured" in reading.why, alarms(probe)) == (None, True, [])


def test_beside_labels_of_a_form_that_nobody_can_guess_no_metric_raises_an_alarm() -> None:
    for metric in (keras.metrics.SparseCategoricalAccuracy(), keras.metrics.CategoricalAccuracy()):
        assert alarms(probe_model(small.classes("softmax", with_weights, [metric]))) == []


def test_two_classes_of_which_one_is_masked_raise_no_alarm() -> None:
    for divided in (True, False):
        assert alarms(probe_model(sequence(masked(0, divided=divided), units=2))) == []


def of_a_column(label: Any, output: Any) -> Any:
    return ops.mean(each(ops.cast(label[:, 0], "int32"), output))


def test_class_numbers_in_a_column_are_tried() -> None:
    reading = probe_model(small.classes(None, of_a_column)).outputs[0].reading
    assert (reading.path, reading.labels) == (LossPath.FUSED, "class numbers")


def unclipped(label: Any, output: Any) -> Any:
    p = ops.sigmoid(output)
    return -ops.mean(label * ops.log(p) + (1 - label) * ops.log(1 - p))


def test_a_log_of_0_is_still_an_alarm() -> None:
    (alarm,) = alarms(probe_model(small.classes(None, unclipped, units=1)))
    assert (alarm.level, alarm.rule, "At a logit of 30.5" in alarm.what) == (Level.WRONG, "LB105", True)


@pytest.mark.parametrize(
    ("ignored", "units", "expected"), [(None, 4, [0, 1, 2]), (0, 4, [1, 2]), (2, 3, [0]), (0, 2, []), (None, 1, [0])]
)
def test_an_ignored_class_is_left_out_of_the_classes_that_are_tried(
    ignored: int | None, units: int, expected: list[int]
) -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=ignored)
    assert labels.shifts(loss, units) == expected
