"""Real models, each with the codes that its file has: hits and look-alikes, saved by Keras itself."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, losses, metrics, ops

from tests.probes.model.small import other, several


def head(activation: Any, loss: Any, measured: Any = None, *, units: int = 1, after: Any = (), **how: Any) -> Any:
    """A stack that ends in a head, and what stands behind it."""
    last = layers.Dense(units, activation=activation, name="head", **how)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), last, *after])
    model.compile(loss=loss, metrics=measured)
    return model


def graph(build: Any, loss: Any, measured: Any = None, weighted: Any = None) -> Any:
    """A model of calls: what ``build`` makes of 8 features."""
    inputs = keras.Input((4,))
    model = keras.Model(inputs, build(layers.Dense(8, activation="relu")(inputs)))
    model.compile(loss=loss, metrics=measured, weighted_metrics=weighted)
    return model


def nested(activation: str) -> Any:
    """A head in a model of its own, with an identity behind it."""
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(3), layers.Activation(activation)], name="inner")
    return lambda x: layers.Identity(name="last")(inner(x))


def shared() -> Any:
    """An activation that stands behind one output and not behind the other, called twice."""
    sigmoid = layers.Activation("sigmoid", name="squash")

    def build(x: Any) -> Any:
        hidden = sigmoid(layers.Dense(8)(x))
        return {"right": sigmoid(layers.Dense(1)(hidden)), "wrong": layers.Dense(1)(hidden)}

    return build


def passing() -> Any:
    """A model without weights in it, around what it is given."""
    inner_inputs = keras.Input((1,))
    inner = keras.Model(inner_inputs, layers.Identity()(inner_inputs), name="inner")
    return lambda x: inner(layers.Dense(1, activation="sigmoid")(x))


def own_layer() -> Any:
    """A head in a layer of the user's own."""

    class Dense(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return ops.mean(x, axis=-1, keepdims=True)

    return Dense()


def subclassed() -> Any:
    """A subclass of Model, built by a call."""

    class Own(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.head = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.head(x)

    model = Own()
    model(ops.ones((1, 4)))
    model.compile(loss="binary_crossentropy")
    return model


def uncompiled() -> Any:
    """A model without a loss."""
    return keras.Sequential([keras.Input((4,)), layers.Dense(1)])


def binary(**how: Any) -> Any:
    """Binary cross-entropy."""
    return losses.BinaryCrossentropy(**how)


MODELS: dict[str, tuple[Any, set[str]]] = {
    # The head and its loss.
    "logits_and_text": (lambda: head(None, "binary_crossentropy"), {"LB101"}),
    "logits_and_function": (lambda: head(None, losses.binary_crossentropy), {"LB101"}),
    "logits_right": (lambda: head(None, binary(from_logits=True)), set()),
    "sigmoid_right": (lambda: head("sigmoid", "bce", ["accuracy", "AUC"]), set()),
    "sigmoid_and_from_logits": (lambda: head("sigmoid", binary(from_logits=True)), {"LB102"}),
    "softmax_of_one": (lambda: head("softmax", binary()), {"LB104"}),
    "relu": (lambda: head("relu", binary()), {"LB101"}),
    "softmax_and_binary": (lambda: head("softmax", binary(), units=3), {"LB103"}),
    "softmax_layer": (lambda: head(None, "sparse_categorical_crossentropy", units=3, after=[layers.Softmax()]), set()),
    "softmax_over_the_batch": (
        lambda: head(None, "categorical_crossentropy", units=3, after=[layers.Softmax(axis=0)]),
        {"LB108", "LB000"},
    ),
    "log_softmax": (lambda: head("log_softmax", losses.CategoricalCrossentropy(from_logits=True), units=3), set()),
    "focal": (lambda: head(None, losses.CategoricalFocalCrossentropy(from_logits=True), units=3), {"LB106"}),
    "focal_right": (lambda: head("softmax", losses.CategoricalFocalCrossentropy(), units=3), set()),
    "regression": (lambda: head(None, "mse", ["mae"]), {"LB000"}),
    "custom_loss": (lambda: head(None, other), {"LB000"}),
    "custom_activation": (lambda: head(lambda x: x, binary()), {"LB000"}),
    "uncompiled": (uncompiled, {"LB000"}),
    # Its metrics.
    "accuracy_of_logits": (lambda: head(None, binary(from_logits=True), ["accuracy"]), {"LB201"}),
    "weighted": (lambda: graph(layers.Dense(1), binary(from_logits=True), None, [metrics.Recall()]), {"LB201"}),
    "auc_of_logits": (lambda: head(None, binary(from_logits=True), [[metrics.AUC()]]), {"LB202"}),
    "several_labels": (lambda: head("sigmoid", "bce", ["accuracy"], units=3), {"LB203"}),
    "one_hot_metric": (
        lambda: head("softmax", "sparse_categorical_crossentropy", [metrics.CategoricalAccuracy()], units=3),
        {"LB204"},
    ),
    "cuts_at_0": (
        lambda: head(None, binary(from_logits=True), [metrics.BinaryAccuracy(threshold=0.0), metrics.Recall(0)]),
        set(),
    ),
    # Between head and loss, and the precision.
    "reshape": (lambda: head("sigmoid", "bce", after=[layers.Reshape((1, 1)), layers.Flatten()]), {"LB302"}),
    "reshape_and_from_logits": (
        lambda: head("sigmoid", binary(from_logits=True), after=[layers.Reshape((1,))]),
        {"LB102"},
    ),
    "cast_to_the_same": (lambda: graph(lambda x: ops.cast(layers.Dense(1, "sigmoid")(x), "float32"), "bce"), set()),
    "cast": (lambda: graph(lambda x: ops.cast(layers.Dense(1, "sigmoid")(x), "float64"), "bce"), {"LB302"}),
    "mixed": (lambda: head("sigmoid", "bce", dtype="mixed_float16"), {"LB301"}),
    "mixed_trunk": (
        lambda: graph(lambda x: layers.Dense(1, "sigmoid")(layers.Dense(4, dtype="mixed_float16")(x)), "bce"),
        set(),
    ),
    # Models of calls.
    "several": (several, {"LB101", "LB301"}),
    "nested": (lambda: graph(nested("softmax"), losses.CategoricalCrossentropy(from_logits=True)), {"LB102"}),
    "nested_right": (lambda: graph(nested("softmax"), "categorical_crossentropy", ["accuracy"]), set()),
    "shared": (lambda: graph(shared(), {"right": "bce", "wrong": "bce"}), {"LB101"}),
    "list": (lambda: graph(lambda x: [layers.Dense(1)(x), layers.Dense(1)(x)], ["mse", "bce"]), {"LB000", "LB101"}),
    "passing": (lambda: graph(passing(), "bce"), set()),
    "operation": (lambda: graph(lambda x: ops.sigmoid(layers.Dense(1)(x)), binary(from_logits=True)), {"LB102"}),
    "arithmetic": (lambda: graph(lambda x: layers.Dense(1)(x) * 2.0, binary()), {"LB000"}),
    "own_layer": (lambda: graph(own_layer(), binary()), {"LB000"}),
    "subclassed": (subclassed, {"LB000"}),
}
"""By name: what makes the model, and what its file has, with notes and with what could not be told."""
