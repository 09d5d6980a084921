"""A model as it is called: which layers with weights are reached, in which order, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from logitbench.errors import first_line
from logitbench.probes.model.inputs import Called, CannotTellError, ways_to_call


@dataclass(frozen=True)
class Seen:
    """A model as it was called once.

    Args:
        called: The model and what it is called with.
        outputs: By name, in the order of Keras.
        order: The layers that have weights of their own, in the order in which they were called.
    """

    called: Called
    outputs: dict[str, NDArray[Any]]
    order: tuple[Any, ...]

    def output(self, place: int) -> NDArray[Any]:
        """Call the model again and return one output."""
        return array(keras.tree.flatten(call(self.called))[place])


def call(called: Called) -> Any:
    """Call a model as ``fit`` does, and change nothing that lasts."""
    with keras.StatelessScope():
        return called.model(*called.arguments, training=True)


def look(model: Any) -> Seen:
    """Call a model once.

    Raises:
        CannotTellError: No made-up input suits it.
    """
    _refuse_traced(model)
    _refuse_never_called(model)
    refusals = []
    for called in ways_to_call(model):
        order: list[Any] = []
        was_built = called.model.built
        with ExitStack() as stack:
            for layer in _with_weights(called.model) if was_built else ():
                stack.enter_context(replaced(layer, "call", _noting(layer, order)))
            try:
                outputs = call(called)
                order_of_one = tuple(order)
                if not all(np.prod(one.shape) for one in keras.tree.flatten(outputs)):
                    raise ValueError("an input so small leaves an output without a number")
                call(Called(called.model, called.other, called.arguments))
            except Exception as error:
                refusals.append(f"{type(error).__name__}: {first_line(error)}")
                continue
        if not was_built:
            return look(called.model)
        return Seen(called, _named(called.model, outputs), order_of_one)
    raise CannotTellError(
        "the model could not be called with made-up inputs" + (f": {refusals[0]}" if refusals else ""),
        "Build it first: give it a keras.Input, or call it once on a batch of your data.",
    )


@contextmanager
def replaced(thing: Any, name: str, value: Any) -> Iterator[None]:
    """Replace an attribute for a while, past what Keras does when one is set."""
    own = vars(thing)
    had, before = name in own, own.get(name)
    own[name] = value
    try:
        yield
    finally:
        if had:
            own[name] = before
        else:
            del own[name]


def _with_weights(model: Any) -> list[Any]:
    """Return the layers that have weights which none of their own layers has, and those that may go past their cell."""
    found = []
    for layer in model._flatten_layers():
        below = {id(weight) for one in layer._flatten_layers(include_self=False) for weight in one.weights}
        if isinstance(layer, keras.layers.RNN) or any(id(weight) not in below for weight in layer.weights):
            found.append(layer)
    return found


def _refuse_traced(model: Any) -> None:
    for layer in model._flatten_layers():
        if hasattr(layer.call, "get_concrete_function"):
            raise CannotTellError(
                f"the call of {type(layer).__name__} {layer.name!r} is a tf.function, which would keep what is replaced"
                " in it",
                "Leave tf.function to compile() and fit().",
            )


def _refuse_never_called(model: Any) -> None:
    """Refuse a subclass of Model that ``build`` marked as built: a call of it would make its layers' weights."""
    empty = [layer.name for layer in model._flatten_layers(include_self=False) if not layer.built]
    if model.built and empty and not getattr(model, "_called", False):
        raise CannotTellError(
            f"{type(model).__name__} {model.name!r} was built and never called, and its layers have no weights yet: "
            f"{', '.join(empty[:3])}{', ...' if len(empty) > 3 else ''}",
            "Call it once on a batch of your data: model(batch).",
        )


def _noting(layer: Any, order: list[Any]) -> Callable[..., Any]:
    real = layer.call

    def noted(*arguments: Any, **named: Any) -> Any:
        order.append(layer)
        return real(*arguments, **named)

    return noted


def _named(model: Any, outputs: Any) -> dict[str, NDArray[Any]]:
    """Name flat outputs as Keras does: by the keys of a dictionary, else by the model's names."""
    flat = [array(output) for output in keras.tree.flatten(outputs)]
    names = sorted(outputs) if isinstance(outputs, dict) else getattr(model, "output_names", None)
    if not names or len(names) != len(flat):
        names = ["output"] if len(flat) == 1 else [f"output {place + 1}" for place in range(len(flat))]
    return dict(zip(names, flat, strict=True))


def array(tensor: Any) -> NDArray[Any]:
    """Return a tensor of any backend and precision as NumPy takes it."""
    wide = keras.backend.standardize_dtype(tensor.dtype) == "float64"
    return np.asarray(ops.convert_to_numpy(ops.cast(tensor, "float64" if wide else "float32")))
