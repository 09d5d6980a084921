"""Dropout masks drawn once for all arms, for they are equal by definition.

The numbers are those that ``keras.layers.Dropout`` draws. Where Keras selects, the mask is multiplied: the same values,
and faster on a CPU.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from logitbench.training import philox


class SharedMasks:
    """Lets the dropout layers of equal trunks use one mask, inside ``drawn_once``; outside they are Keras's.

    Args:
        trunks: Trunks of the same structure, whose random layers are in the same state.
    """

    def __init__(self, trunks: Sequence[keras.Model]) -> None:
        self._masks: dict[tuple[int, int], Any] | None = None
        self._calls: Counter[int] = Counter()
        self._graph: Any = None
        for position, layers in enumerate(zip(*map(_dropouts, trunks), strict=True)):
            for layer in layers:
                layer.call = partial(self._call, layer, position, layer.call)

    @contextmanager
    def drawn_once(self) -> Iterator[Callable[[], None]]:
        """Share the masks of one training step, as it is traced; call what this yields before each trunk's turn."""
        self._masks, self._graph = {}, tf.compat.v1.get_default_graph()
        try:
            yield self._calls.clear
        finally:
            self._masks = self._graph = None

    def _call(
        self, layer: keras.layers.Dropout, position: int, keras_call: Any, inputs: Any, training: Any = False
    ) -> Any:
        if self._masks is None or training is not True or tf.compat.v1.get_default_graph() is not self._graph:
            return keras_call(inputs, training=training)
        key = position, self._calls[position]
        self._calls[position] += 1
        if key in self._masks:
            layer.seed_generator.next()  # as if it had drawn
        else:
            self._masks[key] = _draw(layer, inputs)
        return tf.math.multiply_no_nan(inputs, self._masks[key])  # what is dropped is 0, were it infinite


def _dropouts(trunk: keras.Model) -> list[keras.layers.Dropout]:
    return [
        layer
        for layer in trunk._flatten_layers()  # nested and subclassed models have no other way in
        if type(layer) is keras.layers.Dropout and 0 < layer.rate < 1 and layer.noise_shape is None
    ]


def _draw(layer: keras.layers.Dropout, inputs: Any) -> Any:
    """Return 0 or ``1 / (1 - rate)`` for each input: what the layer would multiply it by."""
    kept = None
    if inputs.dtype == tf.float32 and inputs.shape.is_fully_defined():
        kept = philox.keep(layer.seed_generator, tuple(inputs.shape), layer.rate)
    if kept is None:
        shape = keras.ops.shape(inputs)
        kept = keras.random.uniform(shape, dtype=inputs.dtype, seed=layer.seed_generator) >= layer.rate
    return keras.ops.cast(kept, inputs.dtype) * (1 / (1 - layer.rate))
