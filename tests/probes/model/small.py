"""Small real models, and losses planted on each path."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


def tutorial(activation: str | None = None, *, from_logits: bool = True, dtype: str = "float32") -> Any:
    """The model of TensorFlow's text classification tutorial, which has no Input and is built by fit."""
    model = keras.Sequential(
        [
            layers.Embedding(50, 8),
            layers.Dropout(0.2),
            layers.GlobalAveragePooling1D(),
            layers.Dropout(0.2),
            layers.Dense(1, activation=activation, dtype=dtype, name="head"),
        ]
    )
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return model


def classes(activation: str | None, loss: Any, metrics: Any = None, *, after: Any = None, units: int = 3) -> Any:
    """A network of several classes."""
    inputs = keras.Input((4,))
    outputs = layers.Dense(units, activation=activation, name="head")(layers.Dense(8, activation="relu")(inputs))
    model = keras.Model(inputs, after(outputs) if after else outputs)
    model.compile(optimizer="sgd", loss=loss, metrics=metrics)
    return model


class Subclassed(keras.Model):  # type: ignore[misc]
    """A subclass of Model with a dropout, and its head in a layer of its own."""

    def __init__(self, activation: str | None) -> None:
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.dropout = layers.Dropout(0.5)
        self.head = layers.Dense(1, activation=activation, name="head")

    def call(self, x: Any, training: bool = False) -> Any:
        return self.head(self.dropout(self.hidden(x), training=training))


class OwnWeights(layers.Layer):  # type: ignore[misc]
    """A head written by hand, without an activation to drive it through."""

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], 1), name="kernel")

    def call(self, x: Any) -> Any:
        return ops.sigmoid(ops.matmul(x, self.kernel))


def several() -> Any:
    """A model of three outputs, each with a head and a loss of its own."""
    inputs = keras.Input((4,))
    hidden = layers.Dense(5, activation="relu")(inputs)
    outputs = {
        "spam": layers.Dense(1, name="spam")(hidden),
        "mood": layers.Dense(3, activation="softmax", name="mood")(layers.BatchNormalization()(hidden)),
        "tags": layers.Dense(2, activation="sigmoid", dtype="mixed_float16", name="tags")(hidden),
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        loss={
            "spam": keras.losses.BinaryCrossentropy(),
            "mood": "sparse_categorical_crossentropy",
            "tags": "binary_crossentropy",
        },
        metrics={"spam": ["accuracy"], "mood": ["accuracy"]},
    )
    return model


def build() -> Any:
    """A model that prints while it is built."""
    print("a line that is no answer")  # noqa: T201
    return tutorial()


def fused(target: Any, output: Any) -> Any:
    """Binary cross-entropy from logits, written out."""
    return ops.mean(ops.softplus(output) - target * output, axis=-1)


def _of_probabilities(target: Any, p: Any) -> Any:
    p = ops.clip(p, 1e-7, 1 - 1e-7)
    return -ops.mean(target * ops.log(p) + (1 - target) * ops.log(1 - p), axis=-1)


def clipped(target: Any, output: Any) -> Any:
    """The sigmoid of logits, clipped, then its log."""
    return _of_probabilities(target, 1 / (1 + ops.exp(-output)))


def double(target: Any, output: Any) -> Any:
    """The loss from logits, of what is a sigmoid already."""
    return fused(target, 1 / (1 + ops.exp(-output)))


def raw(target: Any, output: Any) -> Any:
    """Logits read as probabilities."""
    return _of_probabilities(target, output)


def other(target: Any, output: Any) -> Any:
    """None of the four: the value of the first and half its gradient."""
    loss = fused(target, output)
    return loss / 2 + ops.stop_gradient(loss) / 2
