"""A model's heads, found by behaviour, and driven: the logits of a layer are replaced while the model is called.

A head is the last layer with weights whose activation decides an output. Its ``activation`` is replaced, for the time
of a call, by one that takes the wanted logits in place of those that the layer computed, and passes them to the real
one. All else is the model's own: its layers, its precision, its way of calling them. The call is made in a
``keras.StatelessScope``, so that no variable changes: no weight, no moving average, no seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import keras
import ml_dtypes
import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy import special

from logitbench.probes.decision import TOLERANCE
from logitbench.probes.model.configured import name_of
from logitbench.probes.model.inputs import Called, CannotTellError
from logitbench.probes.model.looking import Seen, array, call, replaced
from logitbench.probes.model.paths import PAIR, Forward, Head
from logitbench.probes.model.records import Batch

TRIED = (-2.0, 0.5, 3.0)
"""Logits by which it is seen whether an output depends on a layer."""


PROBABILITIES = ("sigmoid", "softmax")


@dataclass(frozen=True)
class Driver:
    """A head that can be driven.

    Args:
        head: The way from its logits to the output.
        layer: The layer's name.
        activation: What was found between its logits and the output, or the layer's own word for it.
        precision: The dtype that the activation is computed in; without one, of the logits.
        batch: Whether one example's output depends on the logits of another.
    """

    head: Head
    layer: str
    activation: str
    precision: str
    batch: Batch | None


def drive(seen: Seen, place: int, execution: str) -> Driver:
    """Return the head of an output.

    Raises:
        CannotTellError: It cannot be driven.
    """
    name, output = list(seen.outputs.items())[place]
    layer = _last_that_matters(seen, place, name)
    own = getattr(layer, "activation", None)
    kind = f"{type(layer).__name__} {layer.name!r}"
    if not callable(own):
        raise CannotTellError(f"the logits arise in {kind}, which has no activation to drive them through")
    forward = _forward(seen.called, layer, place)
    head = Head(forward, _width(seen, layer), tuple(output.shape), str(layer.compute_dtype), execution)
    rows, given = _tried(head)
    swapped = Called(seen.called.model, seen.called.other, seen.called.arguments)
    other = array(_forward(swapped, layer, place)(ops.convert_to_tensor(rows[:1], dtype=head.dtype)))
    if not np.array_equal(given[0], other, equal_nan=True):
        raise CannotTellError(f"after {kind} the output {name!r} depends on the model's inputs in another way too")
    between = _between(rows, given)
    varied = between in PROBABILITIES and np.unique(given).size > 1
    precision = _precision(given) if varied else head.dtype
    word = "other" if own is keras.activations.linear else name_of(own)
    return Driver(head, str(layer.name), between or word, precision, _over_batch(head))


def _last_that_matters(seen: Seen, place: int, name: str) -> Any:
    for examples in (1, PAIR):  # a softmax over the batch is 1 of a single example
        for layer in reversed(list(dict.fromkeys(seen.order))):
            if _matters(seen, layer, place, examples):
                return layer
    last = [layer for layer in seen.order if callable(getattr(layer, "activation", None))][-1:]
    if len(seen.outputs) == 1 and last:
        return last[0]  # of an output that is always the same, as the softmax of one unit is
    raise CannotTellError(f"no layer with weights was found that the output {name!r} depends on")


def _matters(seen: Seen, layer: Any, place: int, examples: int) -> bool:
    found = []
    for number in TRIED:
        with replaced(layer, "call", _giving(layer, number)):
            try:
                found.append(array(keras.tree.flatten(call(seen.called.repeated(examples)))[place]))
            except Exception:
                if examples == 1:
                    raise
                return False  # a model may be built for a batch of one
    return any(not np.array_equal(found[0], other, equal_nan=True) for other in found[1:])


def _giving(layer: Any, number: float) -> Callable[..., Any]:
    real = layer.call

    def given(*arguments: Any, **named: Any) -> Any:
        def like(x: Any) -> Any:  # unlike from unit to unit and example to example: a softmax sees no more than that
            examples = np.arange(1, x.shape[0] + 1).reshape(-1, *[1] * (len(x.shape) - 1))
            return ops.zeros_like(x) + ops.cast(number * examples * np.arange(1, x.shape[-1] + 1), x.dtype)

        return keras.tree.map_structure(like, real(*arguments, **named))

    return given


def _width(seen: Seen, layer: Any) -> int:
    widths = []
    own = layer.activation

    def noted(z: Any) -> Any:
        widths.append(int(z.shape[-1]))
        return own(z)

    with replaced(layer, "activation", noted):
        call(seen.called)
    if not widths:
        raise CannotTellError(f"{type(layer).__name__} {layer.name!r} does not call its activation")
    return widths[-1]


def _in_place_of(z: Any, row: Any) -> Any:
    row = ops.cast(row, z.dtype)
    if tuple(z.shape) == tuple(row.shape):
        return row
    return ops.zeros_like(z) + ops.reshape(row, (row.shape[0], *(1,) * (len(z.shape) - 2), row.shape[-1]))


def _forward(called: Called, layer: Any, place: int) -> Forward:
    own = layer.activation
    trunk = _remembered(called, layer)

    def forward(rows: Any) -> Any:
        with ExitStack() as stack:
            for before, answer in trunk if rows.shape[0] == 1 else ():  # it is remembered of a single example
                stack.enter_context(replaced(before, "call", answer))
            stack.enter_context(replaced(layer, "activation", lambda z: own(_in_place_of(z, rows))))
            return keras.tree.flatten(call(called.repeated(rows.shape[0])))[place]

    return forward


def _remembered(called: Called, head: Any) -> list[tuple[Any, Callable[..., Any]]]:
    """Return the model's layers that are done before the head begins, each with what it gave: a trunk may take long."""
    gave: list[tuple[Any, Any]] = []
    calls: Counter[int] = Counter()
    reached = []

    def noting(layer: Any) -> Callable[..., Any]:
        real = layer.call

        def noted(*arguments: Any, **named: Any) -> Any:
            result = real(*arguments, **named)
            calls[id(layer)] += 1
            if layer is head:
                reached.append(layer)
            elif not reached:
                gave.append((layer, keras.tree.map_structure(ops.stop_gradient, result)))
            return result

        return noted

    layers = [one for one in called.model.layers if all(below is not head for below in one._flatten_layers())]
    with ExitStack() as stack:
        for layer in (*layers, head):
            stack.enter_context(replaced(layer, "call", noting(layer)))
        call(called)
    # One that is called again gives something else then, as an activation does that stands after the head too.
    once = [one for one in gave if calls[id(one[0])] == 1]
    return [(layer, lambda *_, _result=result, **__: _result) for layer, result in once]


def _tried(head: Head) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    rows = np.full((len(TRIED), head.units), 3 / 16)
    rows[:, 0] = TRIED
    return rows, [array(head.forward(ops.convert_to_tensor(row[None], dtype=head.dtype))) for row in rows]


def _over_batch(head: Head) -> Batch | None:
    """Return whether the output of one example depends on the logits of another, beside which it is computed."""
    rows = np.full((len(TRIED), head.units), 3 / 16)
    rows[:, 0] = TRIED
    try:
        first, second = (
            array(head.forward(ops.convert_to_tensor(rows[[0, other]], dtype=head.dtype))) for other in (1, 2)
        )
    except Exception:  # a model may be built for a batch of one; then nothing is said of it
        return None
    if len(first) != PAIR or np.allclose(first[0], second[0], rtol=1e-3, atol=1e-6, equal_nan=True):
        return None
    shares = np.exp(first) if (first <= 0).all() else first  # of a log-softmax
    is_share = (shares >= 0).all() and any(
        np.allclose(total, 1, rtol=TOLERANCE) for total in (shares.sum(axis=0), shares.sum(axis=(0, -1)), shares.sum())
    )
    return Batch.SOFTMAX if is_share else Batch.MIXED


def _between(rows: NDArray[Any], given: list[NDArray[Any]]) -> str | None:
    """Return the activation that leads from rows to what was given for each."""
    candidates = {
        "none": rows,
        "sigmoid": special.expit(rows),
        "softmax": special.softmax(rows, axis=1),
    }
    for name, expected in candidates.items():
        if all(_is_tiled(one, row) for one, row in zip(given, expected, strict=True)):
            return name
    return None


def _is_tiled(output: NDArray[Any], row: NDArray[Any]) -> bool:
    if output.size % row.size:
        return False
    return bool(np.allclose(output.reshape(-1, row.size), row, rtol=TOLERANCE, atol=TOLERANCE / 10))


def _precision(given: list[NDArray[Any]]) -> str:
    """Return the dtype in which probabilities were computed: the least that holds them all."""
    values = np.concatenate([one.ravel() for one in given])
    for dtype in ("bfloat16", "float16", "float32"):
        if np.array_equal(values.astype(getattr(ml_dtypes, dtype, dtype)).astype(values.dtype), values):
            return dtype
    return str(values.dtype)
