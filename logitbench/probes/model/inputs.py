"""Made-up inputs to call a model with: what it is fed does not matter, for its logits are replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from logitbench.errors import LogitbenchError, first_line

LENGTHS = (8, 64, 224)
"""Sizes tried for dimensions that a model leaves open; some convolutions need many."""

FEW = (2, *LENGTHS)
"""The same for a model of whole numbers, such as words: a few do, and a head of many units takes long at each."""

KINDS = ((1, 2), (1, 0))
"""What two examples are full of. Not 0 where that can be: it is what masks, and a masked example teaches nothing."""

GUESSED = ((8,), (8, 8), (32, 32, 3))
"""Shapes of an example tried for a Sequential model that was never built."""


class CannotTellError(LogitbenchError):
    """A head cannot be driven; the message says why."""


@dataclass(frozen=True)
class Called:
    """A model and what it can be called with.

    Args:
        model: The model; a copy of the user's where that is not built.
        arguments: One example.
        other: Another one.
    """

    model: Any
    arguments: tuple[Any, ...]
    other: tuple[Any, ...]

    def repeated(self, times: int) -> Called:
        """Return the same with a batch of so many equal examples in place of one."""
        one, other = (
            keras.tree.map_structure(lambda x: np.repeat(x, times, axis=0), given)
            for given in (self.arguments, self.other)
        )
        return replace(self, arguments=one, other=other)


def ways_to_call(model: Any) -> Iterator[Called]:
    """Yield ways to call a model, the likeliest first; nothing where none is known.

    Raises:
        CannotTellError: A model that is not built cannot be copied.
    """
    if not model.built:
        if isinstance(model, keras.Sequential):
            for shape in GUESSED:
                # A copy, for the guess would settle the shapes of the user's own model.
                yield from _called(_copy(model), [((None, *shape), "float32")], 1)
        return
    try:
        inputs = model.input  # of a functional or Sequential model: tensors that know their shapes and dtypes
    except (AttributeError, ValueError):
        yield from _as_built(model)
        return
    flat = keras.tree.flatten(inputs)
    lengths = FEW if all("int" in str(x.dtype) for x in flat) else LENGTHS
    for length in lengths if any(None in x.shape[1:] for x in flat) else lengths[:1]:
        for kinds in KINDS:
            one, other = (
                keras.tree.map_structure(lambda x, n=length, k=kind: _example(x.shape, x.dtype, n, k), inputs)
                for kind in kinds
            )
            yield Called(model, (one,), (other,))


def _copy(model: Any) -> Any:
    try:
        return keras.models.clone_model(model)
    except Exception as error:  # whatever a layer of the user's raises that Keras cannot make from its settings
        raise CannotTellError(
            f"the model is not built and cannot be copied: {type(error).__name__}: {first_line(error)[:200]}",
            "Build it first: give it a keras.Input, or call it once on a batch of your data.",
        ) from error


def _as_built(model: Any) -> Iterator[Called]:
    """Yield ways to call a subclass of Model, which remembers the shapes that it was built with and no dtypes."""
    built_with = model.get_build_config() or {}
    shapes = (
        [built_with["input_shape"]] if "input_shape" in built_with else list(built_with.get("shapes_dict", {}).values())
    )
    if not shapes or not all(_is_shape(shape) for shape in shapes):
        return
    for dtype in ("float32", "int32", "string"):
        for length in LENGTHS:
            yield from _called(model, [(shape, dtype) for shape in shapes], length)


def _called(model: Any, signature: list[tuple[Any, str]], length: int) -> Iterator[Called]:
    for kinds in KINDS:
        one, other = (tuple(_example(shape, dtype, length, kind) for shape, dtype in signature) for kind in kinds)
        yield Called(model, one, other)


def _example(shape: Any, dtype: str, length: int, kind: int) -> Any:
    full = (1, *(length if size is None else size for size in shape[1:]))
    if dtype == "string":
        return np.full(full, "abc"[kind], dtype=object)
    if "float" in dtype:
        return np.full(full, 1.25 * kind, dtype="float32")
    return np.full(full, kind == 1 if dtype == "bool" else kind, dtype=dtype)


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, list | tuple) and all(size is None or isinstance(size, int) for size in shape)
