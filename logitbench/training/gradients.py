"""Gradients of embeddings, made dense faster than TensorFlow does it on a CPU.

The gradient of an embedding comes as rows with their numbers, ``tf.IndexedSlices``. Keras's optimizers turn it into a
dense tensor, Adam even twice: the sum of the rows, and the sum of their squares.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import tensorflow as tf

_wanted: ContextVar[bool] = ContextVar("_wanted", default=False)


@contextmanager
def fast_sums() -> Iterator[None]:
    """Let rows be added up as ``_sum_of_rows`` does, in what is traced here."""
    # On a GPU the sparse product is not deterministic, and TensorFlow's own sum is fast.
    token = _wanted.set(not tf.config.list_physical_devices("GPU"))
    try:
        yield
    finally:
        _wanted.reset(token)


def _sum_of_rows(value: tf.IndexedSlices, dtype: Any = None, **_: Any) -> Any:
    """Add up the rows of each number as the product with a sparse matrix of ones.

    The product adds in the order of the rows, as ``tf.math.unsorted_segment_sum`` does: the bits are the same.
    """
    shape = value.dense_shape
    if not _wanted.get() or shape is None or value.dtype != tf.float32 or dtype not in (None, tf.float32):
        return NotImplemented
    numbers = tf.cast(tf.reshape(value.indices, [-1]), tf.int64)
    rows = tf.size(numbers, out_type=tf.int64)
    # Pairs (number, place) of int32, made in one piece of memory as int64 with the number in the lower half.
    pairs = tf.bitcast(numbers + tf.range(rows) * 2**32, tf.int32)
    dense = tf.raw_ops.SparseTensorDenseMatMul(
        a_indices=pairs,
        a_values=tf.ones([rows], value.dtype),
        a_shape=tf.stack([tf.cast(shape[0], tf.int64), rows]),
        b=tf.reshape(value.values, [rows, -1]),
    )
    return tf.reshape(dense, shape)


tf.register_tensor_conversion_function(tf.IndexedSlices, _sum_of_rows, priority=10)
