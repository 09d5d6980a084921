"""Trunks of a user's, for tests: good ones and bad ones."""

from __future__ import annotations

import errno
import resource
import time
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf


def normalised(input_shape: tuple[int, ...], num_classes: int, width: int = 8) -> keras.Model:
    """Batch normalisation, weight and activity regularisation, dropout."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Dense(width, kernel_regularizer="l2", activity_regularizer=keras.regularizers.L1(1e-3)),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("relu"),
            keras.layers.Dropout(0.3),
        ]
    )


class Subclassed(keras.Model):  # type: ignore[misc]
    """A model that is no graph of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(5, activation="tanh")
        self.dropout = keras.layers.Dropout(0.2)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.dropout(self.dense(inputs), training=training)


def subclassed(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return Subclassed()


def embedded(input_shape: tuple[int, ...], num_classes: int, vocabulary_size: int) -> keras.Model:
    """A trunk that asks for the vocabulary's size."""
    return keras.Sequential(
        [
            keras.Input(input_shape, dtype="int32"),
            keras.layers.Embedding(vocabulary_size, 4),
            keras.layers.Flatten(),
        ]
    )


class Diary(keras.layers.Layer):  # type: ignore[misc]
    """Keeps the sum and a position-dependent sum of every input and of every output of a dropout after it."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = keras.layers.Dropout(0.5)

    def build(self, input_shape: tuple[int, ...]) -> None:
        self.entries = self.add_weight(shape=(4,), dtype="float32", initializer="zeros", trainable=False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = self.dropout(inputs, training=training)
        if training:
            place = keras.ops.arange(1, keras.ops.size(inputs) + 1, dtype="float32")
            sums = [
                keras.ops.sum(inputs),
                keras.ops.sum(keras.ops.reshape(inputs, [-1]) * place),
                keras.ops.sum(outputs),
                keras.ops.sum(keras.ops.reshape(outputs, [-1]) * place),
            ]
            # A later batch must not undo an earlier one: the entries depend on the order.
            self.entries.assign(self.entries * 0.5 + keras.ops.stack(sums))
        return outputs


def diary(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """A trunk that writes down what it saw and what dropout left of it, before any weight."""
    return keras.Sequential([keras.Input(input_shape), Diary(), keras.layers.Dense(4, activation="relu")])


def recurrent(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Dropout within a loop of its own, which draws in inference too."""
    cell = keras.layers.LSTM(4, dropout=0.3, recurrent_dropout=0.2)
    return keras.Sequential([keras.Input(input_shape), keras.layers.Reshape((-1, 1)), keras.layers.Bidirectional(cell)])


def spectral(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """A forward pass in training changes a weight."""
    return keras.Sequential([keras.Input(input_shape), keras.layers.SpectralNormalization(keras.layers.Dense(4))])


def overflowing(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Most values that dropout drops are infinite in float16."""
    wide = keras.initializers.RandomNormal(stddev=5500)
    layers = [keras.layers.Dense(32, kernel_initializer=wide), keras.layers.Dropout(0.9)]
    return keras.Sequential([keras.Input(input_shape), *layers, keras.layers.Activation("tanh"), keras.layers.Dense(4)])


def with_a_penalty_of_the_seed(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Its regulariser is drawn when it is built."""
    penalty = keras.regularizers.L2(float(np.random.uniform(0, 0.1)))
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(8, kernel_regularizer=penalty)])


def as_wide_as_the_seed(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(np.random.randint(3, 300))])


def warning_of_the_seed(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Warns of a number that it draws when it is built, and of its call."""
    warnings.warn(f"drew {np.random.uniform():.4f}", stacklevel=1)

    class Loud(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            warnings.warn("called", stacklevel=1)
            return inputs

    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(4), Loud()])


class Unseeded(keras.layers.Layer):  # type: ignore[misc]
    """Noise from Keras's global generator: two models that draw from it in turn never draw the same."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            return inputs + keras.random.normal(keras.ops.shape(inputs))
        return inputs


def unseeded(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), Unseeded(), keras.layers.Dense(4)])


def with_sigmoid_head(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, activation="sigmoid")])


def with_logits_head(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(4), keras.layers.Dense(num_classes)])


def with_softmax_head(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes), keras.layers.Softmax()])


def raising(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    raise RuntimeError("no such trunk today")


FULL = OSError(errno.ENOSPC, "No space left on device")


def built_on_a_full_disk(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    raise FULL


class WritesToAFullDisk(keras.layers.Layer):  # type: ignore[misc]
    """Fails when it is trained."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            raise FULL
        return inputs


def trained_on_a_full_disk(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(4), WritesToAFullDisk()])


def hanging(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    time.sleep(1000)
    raise AssertionError


def greedy(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Asks for more memory than there is."""
    size = 1 << 20
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(size), keras.layers.Dense(size)])


def not_a_model(input_shape: tuple[int, ...], num_classes: int) -> object:
    return np.zeros(3)


def unpooled(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Gives [batch, 1, features]."""
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(4), keras.layers.Reshape((1, 4))])


def with_weights_of_its_own(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Draws its weights from where no seed reaches."""
    start = keras.initializers.Constant(float(np.random.default_rng().normal()))
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(4, kernel_initializer=start)])


def with_a_constant_of_the_seed(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Scales its inputs by numbers that are drawn when it is built and are no weights."""
    scale = np.random.rand(*input_shape).astype(np.float32)
    return keras.Sequential([keras.Input(input_shape), keras.layers.Lambda(lambda x: x * scale), keras.layers.Dense(4)])


class TensorflowsDropout(keras.layers.Layer):  # type: ignore[misc]
    """Draws what depends on the operation's place in its graph."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        return tf.nn.dropout(inputs, 0.5) if training else inputs


def tensorflows_dropout(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), TensorflowsDropout(), keras.layers.Dense(4)])


class Penalised(keras.layers.Layer):  # type: ignore[misc]
    """Adds a loss of its own."""

    def call(self, inputs: Any) -> Any:
        self.add_loss(1e-6 * keras.ops.mean(inputs**2))
        return inputs


def with_a_loss_of_its_own(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(4), Penalised()])


_WIDTHS = iter(range(3, 1000))


def growing(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Gives a wider model at each call."""
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(next(_WIDTHS), activation="relu")])


_MODELS: dict[tuple[int, ...], keras.Model] = {}
_LAYERS: list[keras.layers.Layer] = []


def the_same_model(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Gives one model however often it is called."""
    return _MODELS.setdefault(input_shape, normalised(input_shape, num_classes))


def a_shared_layer(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Gives models with one layer in common."""
    if not _LAYERS:
        _LAYERS.append(keras.layers.Dense(4, activation="relu"))
    return keras.Sequential([keras.Input(input_shape), _LAYERS[0]])


def beyond_its_limit(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Asks TensorFlow for a gibibyte where a quarter is allowed."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, resource.RLIM_INFINITY))
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(2**28 // input_shape[0])])


not_a_function = 3
