from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from logitbench.training.masks import SharedMasks


def trunk(shape: tuple[int, ...], *layers: Any) -> keras.Model:
    keras.utils.set_random_seed(3)
    return keras.Sequential([keras.Input(shape), *(layer() for layer in layers)])


def step_of(trunks: list[keras.Model]) -> Any:
    """Return the compiled step of trunks whose dropout masks are drawn once."""
    masks = SharedMasks(trunks)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(x: Any) -> list[Any]:
        outputs = []
        with masks.drawn_once() as next_arm:
            for one in trunks:
                next_arm()
                outputs.append(one(x, training=True))
        return outputs

    return step


def shared(trunks: list[keras.Model], x: Any) -> list[Any]:
    """Return what the trunks give in one step, their dropout masks drawn once."""
    return [output.numpy() for output in step_of(trunks)(tf.constant(x))]


def dropout(rate: float = 0.4, **options: Any) -> Any:
    return lambda: keras.layers.Dropout(rate, **options)


@pytest.mark.parametrize("layers", [[dropout()], [dropout(0.1), dropout(0.7)], [dropout(0.2, noise_shape=(32, 1, 1))]])
@pytest.mark.parametrize("shape", [(6, 2), (40, 30)])
def test_every_trunk_gets_the_mask_that_keras_would_draw_for_it(shape: tuple[int, ...], layers: list[Any]) -> None:
    x = np.random.default_rng(0).normal(size=(32, *shape)).astype(np.float32)
    alone = trunk(shape, *layers)
    expected = tf.function(lambda: alone(x, training=True))().numpy()
    trunks = [trunk(shape, *layers) for _ in range(3)]

    first, *others = shared(trunks, x)
    np.testing.assert_array_equal(first == 0, expected == 0)
    np.testing.assert_allclose(first, expected, rtol=1e-6)  # TensorFlow may multiply two scales with each other first
    for other in others:
        np.testing.assert_array_equal(other, first)
    assert 0 < np.count_nonzero(expected) < x.size
    states = [[variable.numpy() for variable in one.variables] for one in (alone, *trunks)]
    for state in states[1:]:
        np.testing.assert_array_equal(state, states[0])


def test_what_is_dropped_is_0_were_it_infinite() -> None:
    x = np.full((32, 6), np.inf, np.float32)

    output, _ = shared([trunk((6,), dropout()) for _ in range(2)], x)

    assert set(output.ravel().tolist()) == {0.0, np.inf}


def test_a_mask_is_drawn_once_for_all_trunks() -> None:
    step = step_of([trunk((6,), dropout()) for _ in range(4)])

    operations = step.get_concrete_function(tf.TensorSpec([None, 6])).graph.get_operations()
    assert [operation.type for operation in operations].count("StatelessRandomUniformV2") == 1


def test_a_layer_that_is_used_twice_has_two_masks() -> None:
    class Twice(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dropout = keras.layers.Dropout(0.5)

        def call(self, inputs: Any, training: bool = False) -> Any:
            once = self.dropout(inputs, training=training)
            return keras.ops.concatenate([once, self.dropout(inputs, training=training)])

    x = np.ones((32, 6), np.float32)
    alone = trunk((6,), Twice)
    expected = tf.function(lambda: alone(x, training=True))().numpy()

    outputs = shared([trunk((6,), Twice) for _ in range(2)], x)

    for output in outputs:
        np.testing.assert_array_equal(output, expected)
    assert not np.array_equal(expected[:32], expected[32:])


def test_dropout_within_a_loop_of_the_trunks_own_draws_for_itself() -> None:
    class Mapped(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dropout = keras.layers.Dropout(0.5)

        def call(self, inputs: Any, training: bool = False) -> Any:
            return tf.map_fn(lambda row: self.dropout(row, training=training), inputs)

    x = np.ones((32, 6), np.float32)
    alone = trunk((6,), Mapped)
    expected = tf.function(lambda: alone(x, training=True))().numpy()

    for output in shared([trunk((6,), Mapped) for _ in range(2)], x):
        np.testing.assert_array_equal(output, expected)


def test_outside_of_a_step_nothing_is_shared_and_nothing_dropped_in_inference() -> None:
    trunks = [trunk((6,), dropout()) for _ in range(2)]
    x = np.ones((32, 6), np.float32)
    shared(trunks, x)

    np.testing.assert_array_equal(trunks[0](x, training=False), x)
    first, second = (trunks[0](x, training=True) for _ in range(2))
    assert not np.array_equal(first, second)
