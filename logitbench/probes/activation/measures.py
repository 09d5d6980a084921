"""An activation measured: values and derivatives, where it saturates, and where its gradient dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from logitbench.probes.activation.choice import Activation
from logitbench.probes.activation.records import FAR, WIDE, InPrecision, Place
from logitbench.probes.activation.stretches import stretches
from logitbench.probes.execution import Floats, value_and_gradient

SHORTEST = 64
LONGEST = 1 << 16
"""Lengths of columns of inputs; each is made up to a power of 2.

TensorFlow rounds the last few inputs of other lengths in another way. JAX compiles anew for each length, so it has one.
"""

Both = tuple[Floats, Floats]


def acts_on_row(activation: Activation) -> bool:
    """Return whether a value depends on another of its row, told by changing that.

    Raises:
        ValueError: It depends on another row.
    """
    rows = np.array([[0.3, -1.2], [0.3, 2.5], [1.4, 0.1], [0.7, -0.9]], "float32")
    all_, two = (ops.convert_to_numpy(activation(ops.convert_to_tensor(some))) for some in (rows, rows[:2]))
    if len(all_) != len(rows) or not np.allclose(all_[:2], two, equal_nan=True):
        raise ValueError("it mixes the examples of a batch; what acts on each row alone is measured")
    return all_.shape != rows.shape or not np.array_equal(all_[0, 0], all_[1, 0], equal_nan=True)


class Measure:
    """An activation in one precision, computed operation by operation, or compiled on JAX.

    Args:
        activation: The activation.
        of_row: Whether it acts on a whole row.
        precision: One of ``PRECISIONS``.
    """

    def __init__(self, activation: Activation, of_row: bool, precision: str) -> None:
        def own(rows: object, which: object) -> object:
            outputs = activation(rows)
            if not of_row:
                return outputs
            return ops.sum(ops.where(which, outputs, ops.zeros_like(outputs)), axis=-1)

        on_jax = keras.config.backend() == "jax"
        self._run = value_and_gradient(own, "jit" if on_jax else "eager", precision)
        self._shortest = LONGEST if on_jax else SHORTEST
        self._of_row = of_row
        self._halves = 2 if of_row and ops.shape(activation(ops.zeros((1, 2))))[-1] == 1 else 1

    def along(self, x: Floats) -> Both:
        """Return values and derivatives at inputs; of a row, x and 0, those of x."""
        length = max(self._shortest, 1 << (len(x) - 1).bit_length())
        rows = np.pad(x, (0, length - len(x)), mode="edge")[:, None]
        if self._of_row:
            rows = np.hstack([rows, np.zeros_like(rows)])
        values, gradients = self._run(rows, self._which(np.zeros(len(rows), int), rows.shape[1]))
        return values.reshape(-1)[: len(x)], gradients[: len(x), 0]

    def places(self, x: Floats) -> Iterator[Place]:
        """Yield what there is at each input of a tensor of them alone.

        Of what acts on a row, they are the row, and there is something at each of its entries; glu has half of them.
        """
        if not self._of_row:
            values, gradients = self._run(x[:, None], np.ones((len(x), 1), bool))
            yield from places(x, (values[:, 0], gradients[:, 0]))
            return
        entries = np.arange(len(x) // self._halves)
        values, gradients = self._run(np.tile(x, (len(entries), 1)), self._which(entries, len(x)))
        yield from places(x[entries], (values, gradients[entries, entries]))

    def _which(self, entries: NDArray[np.int_], width: int) -> NDArray[np.bool_]:
        return np.eye(width // self._halves, dtype=bool)[entries]


def places(x: Floats, both: Both) -> Iterator[Place]:
    """Yield a place for each input."""
    for at, value, derivative in zip(x, *both, strict=True):
        yield Place(float(at), float(value), float(derivative))


def in_precision(activation: Activation, of_row: bool, precision: str, at: Floats) -> InPrecision:
    """Measure an activation in one precision."""
    measure = Measure(activation, of_row, precision)
    wide = np.arange(-100 * WIDE, 100 * WIDE + 1) / 100
    both = measure.along(wide)
    extremes = [int(find(np.where(np.isnan(both[0]), worst, both[0]))) for find, worst in _EXTREMES]
    least, greatest = places(wide[extremes], (both[0][extremes], both[1][extremes]))
    ends = np.array([-FAR, FAR])
    low, high = places(ends, measure.along(ends))
    return InPrecision(
        precision, tuple(measure.places(at)), least, greatest, (low, high), tuple(stretches(measure.along, precision))
    )


_EXTREMES: tuple[tuple[Callable[[Floats], np.intp], float], ...] = ((np.argmin, np.inf), (np.argmax, -np.inf))
