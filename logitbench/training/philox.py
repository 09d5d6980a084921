"""TensorFlow's random numbers, for dropout alone, vectorised for a CPU.

TensorFlow draws with Philox-4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC 2011), one number after the other. Here the same integers are made by one vectorised loop of XLA, and are compared
with the rate as they are: no floating-point number is made of them.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
INCREMENTS = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10

MANTISSA = 23
"""Bits of a float32 in [0, 1) that TensorFlow fills."""

WORTH_IT = 4096
"""Numbers below which TensorFlow is as fast."""


def keep(generator: keras.random.SeedGenerator, shape: tuple[int, ...], rate: float) -> Any | None:
    """Return 1 where ``keras.random.uniform(shape, seed=generator) >= rate`` and 0 elsewhere, as uint8.

    Args:
        generator: Gives the seed; it has moved on only if a mask is returned.
        shape: Of the result.
        rate: The share of zeros, in (0, 1).

    Returns:
        The mask, or None where Keras itself should draw: on a GPU, for few numbers, or where the installed Keras or
        TensorFlow draws others.
    """
    if math.prod(shape) < WORTH_IT or tf.config.list_physical_devices("GPU"):
        return None
    with tf.init_scope():
        if not _equals_keras(shape, rate):
            return None
    return _keep(generator.next(), shape, rate)


@cache
def _equals_keras(shape: tuple[int, ...], rate: float) -> bool:
    seed = 2**31 + 5
    try:
        ours = _keep(tf.constant([seed, 0], tf.uint32), shape, rate)
    except tf.errors.OpError:  # a TensorFlow without XLA
        return False
    return np.array_equal(ours, keras.random.uniform(shape, seed=seed) >= rate)


def _keep(seed: Any, shape: tuple[int, ...], rate: float) -> Any:
    seed = tf.cast(tf.math.floormod(tf.cast(seed, tf.int64), tf.int32.max - 1), tf.int32)
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)
    words = _compiled(-(-math.prod(shape) // 4), math.ceil(float(np.float32(rate)) * 2**MANTISSA))(key, counter)
    return tf.reshape(tf.reshape(tf.bitcast(words, tf.uint8), [-1])[: math.prod(shape)], shape)


@cache
def _compiled(blocks: int, least: int) -> Any:
    """Return the function from key [1] and counter [2] to blocks of four numbers, each 1 if it is at least ``least``.

    A block is one uint32 with a byte for each of its numbers: XLA fuses nothing as well where it has to interleave.
    """

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def words(key: Any, counter: Any) -> Any:
        numbers = _philox(key[0], counter[0] + tf.cast(tf.range(blocks), tf.uint64), counter[1])
        kept = [
            tf.cast(tf.bitwise.bitwise_and(number, _u64(2**MANTISSA - 1)) >= _u64(least), tf.uint64)
            for number in numbers
        ]
        return tf.cast(sum(bit * _u64(256**place) for place, bit in enumerate(kept)), tf.uint32)

    return words


def _philox(key: Any, low: Any, high: Any) -> list[Any]:
    """Return four numbers of 32 bits for each counter of 128 bits; all are held in uint64."""
    keys = list(_halves(key))
    counter = [*_halves(low), *_halves(high)]
    for _ in range(ROUNDS):
        (low_0, high_0), (low_1, high_1) = (
            _halves(part * _u64(by)) for part, by in zip(counter[::2], MULTIPLIERS, strict=True)
        )
        counter = [_xor(high_1, counter[1], keys[0]), low_1, _xor(high_0, counter[3], keys[1]), low_0]
        keys = [_halves(key + _u64(by))[0] for key, by in zip(keys, INCREMENTS, strict=True)]
    return counter


def _halves(number: Any) -> tuple[Any, Any]:
    """Return the lower and the upper 32 bits."""
    return tf.bitwise.bitwise_and(number, _u64(2**32 - 1)), tf.bitwise.right_shift(number, _u64(32))


def _xor(one: Any, two: Any, three: Any) -> Any:
    return tf.bitwise.bitwise_xor(tf.bitwise.bitwise_xor(one, two), three)


def _u64(number: int) -> Any:
    return tf.constant(number, tf.uint64)
