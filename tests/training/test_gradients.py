from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from logitbench.training import gradients


@pytest.fixture
def rows() -> tf.IndexedSlices:
    """5,000 rows of 16, for 300 numbers of which most come often."""
    rng = np.random.default_rng(3)
    numbers = rng.zipf(1.3, 5000).clip(max=299).astype(np.int32)
    return tf.IndexedSlices(rng.normal(size=(5000, 16)).astype(np.float32), numbers, tf.constant([300, 16]))


@pytest.mark.parametrize("of", [lambda x: x, tf.square])
def test_rows_are_added_up_to_the_same_bits(rows: tf.IndexedSlices, of: object) -> None:
    rows = tf.IndexedSlices(of(rows.values), rows.indices, rows.dense_shape)  # type: ignore[operator]
    expected = tf.convert_to_tensor(rows)

    with gradients.fast_sums():
        ours = tf.function(lambda: tf.convert_to_tensor(rows))()

    np.testing.assert_array_equal(ours, expected)
    assert np.count_nonzero(expected) > 1000


def test_only_there_is_the_product_used(rows: tf.IndexedSlices) -> None:
    def operations() -> set[str]:
        graph = tf.function(lambda: tf.convert_to_tensor(rows)).get_concrete_function().graph
        return {operation.type for operation in graph.get_operations()}

    with gradients.fast_sums():
        assert "SparseTensorDenseMatMul" in operations()
    assert "SparseTensorDenseMatMul" not in operations()
