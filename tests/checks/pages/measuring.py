"""Losses of Keras and their gradients by the logits, on the backend that KERAS_BACKEND names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

BACKEND = keras.config.backend()


class Measured(NamedTuple):
    """A loss, its gradient by each logit, and the warnings that Keras gave."""

    loss: float
    gradient: NDArray[np.float64]
    warnings: tuple[str, ...] = ()


def measure(
    loss: Any,
    logits: Sequence[float],
    labels: Any,
    activation: str | None = None,
    after: Sequence[Any] = (),
    dtype: str | None = None,
) -> Measured:
    """Measure a loss on a model that applies an activation, then other layers, to one row of logits."""
    head = layers.Activation(activation or "linear", dtype=dtype)
    model = keras.Sequential([keras.Input((len(logits),)), head, *after])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value, gradient = value_and_gradient(lambda rows: loss(labels, model(rows)), np.array([logits], "float32"))
    return Measured(value, gradient[0], tuple(str(one.message) for one in caught))


def binary(z: float, label: float, **arguments: Any) -> Measured:
    """Measure a binary cross-entropy on one logit."""
    loss = arguments.pop("loss", keras.losses.BinaryCrossentropy())
    return measure(loss, [z], np.array([[label]], "float32"), **arguments)


def value_and_gradient(function: Callable[[Any], Any], at: NDArray[np.float32]) -> tuple[float, NDArray[np.float64]]:
    """Return the value of a function and its gradient."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        inputs = tf.constant(at)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            value = function(inputs)
        gradient = tape.gradient(value, inputs)
    elif BACKEND == "jax":
        import jax

        value, gradient = jax.value_and_grad(function)(jax.numpy.asarray(at))
    else:
        import torch

        inputs = torch.tensor(at, requires_grad=True)
        value = function(inputs)
        value.backward()
        gradient = inputs.grad
    return float(ops.convert_to_numpy(value)), np.asarray(ops.convert_to_numpy(gradient), "float64")


def one(measured: Measured) -> float:
    """Return the only gradient of a measurement."""
    (gradient,) = measured.gradient
    return float(gradient)
