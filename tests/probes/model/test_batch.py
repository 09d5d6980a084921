"""Heads whose output for one example depends on the other examples of its batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from logitbench import HeadCheck, HeadMismatchError
from logitbench.checks.engine import Settings
from logitbench.checks.measured import findings_of
from logitbench.probes.model.models import probe_model
from logitbench.probes.model.records import Batch, Level
from tests.probes.model import small

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

Build = Callable[[], Any]


def of(*stack: Any, loss: Any = "categorical_crossentropy", inputs: tuple[int, ...] = (4,)) -> Any:
    model = keras.Sequential([keras.Input(inputs), *stack])
    model.compile(loss=loss)
    return model


def softmax_of_examples(x: Any) -> Any:
    return ops.softmax(x, axis=0)


def two_outputs() -> Any:
    inputs = keras.Input((4,))
    over_batch = layers.Softmax(axis=0, name="kind")(layers.Dense(3)(inputs))
    model = keras.Model(inputs, {"kind": over_batch, "size": layers.Dense(1, name="size")(inputs)})
    model.compile(loss={"kind": "sparse_categorical_crossentropy", "size": "mse"})
    return model


WRONG: dict[str, Build] = {
    "a layer": lambda: of(layers.Dense(3), layers.Softmax(axis=0)),
    "a function in the head": lambda: of(layers.Dense(3, activation=softmax_of_examples)),
    "a lambda": lambda: of(layers.Dense(3), layers.Lambda(softmax_of_examples)),
    "its logarithm": lambda: of(layers.Dense(3), layers.Lambda(lambda x: ops.log_softmax(x, axis=0))),
    "over the units too": lambda: of(layers.Dense(3), layers.Softmax(axis=(0, 1))),
    "of every place": lambda: of(layers.Dense(3), layers.Softmax(axis=0), inputs=(6, 4)),
    "after a trunk that normalises the batch": lambda: of(
        layers.Dense(5), layers.BatchNormalization(), layers.Dense(3), layers.Softmax(axis=0)
    ),
    "one of two outputs": two_outputs,
}


@pytest.mark.parametrize("build", WRONG.values(), ids=WRONG.keys())
def test_a_softmax_over_the_batch_is_found(build: Build) -> None:
    probe = probe_model(build())
    (advice,) = (one for one in probe.advice if one.level in {Level.WRONG, Level.RISK})
    assert (advice.level, advice.rule, advice.code[:39]) == (
        Level.WRONG,
        "LB108",
        'keras.layers.Dense(3, activation="softm',
    )
    found = [finding.code for finding in findings_of("mine:build", probe, Settings())]
    assert [code for code in found if code != "LB000"] == ["LB108"]


def test_a_training_on_a_softmax_over_the_batch_is_stopped() -> None:
    with pytest.raises(HeadMismatchError, match="LB108 The softmax is over the batch"):
        WRONG["a layer"]().fit(np.ones((8, 4)), np.eye(3)[np.arange(8) % 3], verbose=0, callbacks=[HeadCheck("raise")])


def listwise(label: Any, output: Any) -> Any:
    return -ops.sum(label * ops.log(output + 1e-7))


class Similarities(layers.Layer):  # type: ignore[misc]
    """Compares each example of a batch with each other one, as contrastive learning does."""

    def call(self, x: Any) -> Any:
        return ops.matmul(x, ops.transpose(x))


def normalised(x: Any) -> Any:
    return x / ops.max(ops.abs(x))


RIGHT: dict[str, Build] = {
    "over the units": lambda: of(layers.Dense(3), layers.Softmax()),
    "in the head": lambda: of(layers.Dense(3, activation="softmax")),
    "a trunk that normalises the batch": lambda: of(
        layers.Dense(5), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(3, activation="softmax")
    ),
    "over time": lambda: of(
        layers.Dense(1), layers.Flatten(), layers.Softmax(), inputs=(5, 4), loss=keras.losses.CategoricalCrossentropy()
    ),
    "a list of documents to rank": lambda: of(
        layers.Dense(1), layers.Softmax(axis=0), loss=keras.losses.CategoricalCrossentropy(axis=0)
    ),
    "a list of documents, a loss of one's own": lambda: of(layers.Dense(1), layers.Softmax(axis=0), loss=listwise),
    "a reshape before the softmax": lambda: of(layers.Dense(3), layers.Reshape((3,)), layers.Activation("softmax")),
}


@pytest.mark.parametrize("build", RIGHT.values(), ids=RIGHT.keys())
def test_what_only_resembles_a_softmax_over_the_batch_raises_no_alarm(build: Build) -> None:
    assert [one for one in probe_model(build()).advice if one.rule == "LB108"] == []


@pytest.mark.parametrize("last", [Similarities(), layers.Lambda(normalised)])
def test_any_other_dependence_on_the_batch_is_a_note(last: Any) -> None:
    probe = probe_model(of(layers.Dense(3), last, loss=listwise))
    assert (probe.outputs[0].batch, probe.outputs[0].reading.broken_at) == (Batch.MIXED, None)
    assert not {one.level for one in probe.advice} & {Level.WRONG, Level.RISK}
    assert any("depends on the other examples" in one.what for one in probe.advice)


def test_a_model_for_a_batch_of_one_is_not_judged_by_two() -> None:
    inputs = keras.Input(batch_shape=(1, 4))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(ops.reshape(inputs, (1, 4))))
    model.compile(loss="categorical_crossentropy")
    (output,) = probe_model(model).outputs
    assert (output.batch, output.reading.path) == (None, "fused")


def test_the_command_and_the_callback_agree_on_a_right_model() -> None:
    assert probe_model(small.classes("softmax", "categorical_crossentropy")).outputs[0].batch is None
