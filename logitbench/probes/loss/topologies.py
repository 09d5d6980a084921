"""Ways to put an activation between logits and a loss.

A new one is a line here and one in ``settings.TOPOLOGIES``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import keras
from keras import layers, ops

Build = Callable[[Any, str | None], Any]
"""From the tensor before the head, [examples, units], and the name of an activation to the model's output."""


def head(x: Any, activation: Any, **options: Any) -> Any:
    """Put a Dense layer on a tensor that leaves every number as it is, but for its activation."""
    return layers.Dense(x.shape[-1], activation=activation, use_bias=False, kernel_initializer="identity", **options)(x)


def _then(layer: Callable[[int], Callable[[Any], Any]]) -> Build:
    return lambda x, activation: layer(x.shape[-1])(head(x, activation))


def _by_hand(x: Any, activation: str | None) -> Any:
    def written_out(z: Any) -> Any:
        if activation == "softmax":
            powers = ops.exp(z - ops.max(z, axis=-1, keepdims=True))
            return powers / ops.sum(powers, axis=-1, keepdims=True)
        return 1 / (1 + ops.exp(-z)) if activation == "sigmoid" else z

    return layers.Lambda(written_out)(head(x, None))


def _in_time(x: Any, activation: str | None) -> Any:
    wide = layers.Reshape((1, x.shape[-1]))(x)
    dense = layers.Dense(x.shape[-1], activation=activation, use_bias=False, kernel_initializer="identity")
    return layers.Reshape((x.shape[-1],))(layers.TimeDistributed(dense)(wide))


def _nested(x: Any, activation: str | None) -> Any:
    inner = keras.Input(x.shape[1:], dtype=x.dtype)
    return keras.Model(inner, head(inner, activation))(x)


def _concatenated(x: Any, activation: str | None) -> Any:
    y = head(x, activation)
    return layers.Concatenate()([y[:, :1], y[:, 1:]]) if x.shape[-1] > 1 else layers.Concatenate()([y[:, :0], y])


def _squeezed(x: Any, activation: str | None) -> Any:
    return ops.squeeze(ops.expand_dims(head(x, activation), -1), -1)


def _of_framework(x: Any, activation: str | None) -> Any:
    """Use the backend's own function, as in ``activation=tf.nn.sigmoid``."""
    if activation is None:
        return head(x, None)
    framework = import_module(keras.config.backend())
    if keras.config.backend() == "torch":
        return head(x, framework.sigmoid if activation == "sigmoid" else partial(framework.softmax, dim=-1))
    return head(x, getattr(framework.nn, activation))


class _Subclassed(keras.Model):  # type: ignore[misc]
    def __init__(self, units: int, activation: str | None) -> None:
        super().__init__()
        self.dense = layers.Dense(units, activation=activation, use_bias=False, kernel_initializer="identity")

    def call(self, x: Any) -> Any:
        return self.dense(x)


BUILDS: dict[str, Build] = {
    "direct": head,
    "activation": lambda x, a: layers.Activation(a or "linear")(head(x, None)),
    "softmax": lambda x, _: layers.Softmax()(head(x, None)),
    "framework": _of_framework,
    "function": lambda x, a: getattr(keras.activations, a or "linear")(head(x, None)),
    "linear": _then(lambda _: layers.Activation("linear")),
    "identity": _then(lambda _: layers.Identity()),
    "nested": _nested,
    "subclassed": lambda x, a: _Subclassed(x.shape[-1], a)(x),
    "float32": lambda x, a: head(x, a, dtype="float32"),
    "reshape": _then(lambda n: layers.Reshape((n,))),
    "flatten": _then(lambda _: layers.Flatten()),
    "squeeze": _squeezed,
    "concatenate": _concatenated,
    "multiplied": lambda x, a: head(x, a) * 1.0,
    "clipped": lambda x, a: ops.clip(head(x, a), 0.0, 1.0),
    "time-distributed": _in_time,
    "by-hand": _by_hand,
}
