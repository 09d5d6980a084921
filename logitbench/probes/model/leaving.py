"""What a call of a model may change past Keras, put back: generators of random numbers and a layer's own variables."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np

ASIDE = "logitbench"
"""The seed meanwhile."""


@contextmanager
def as_it_was(model: Any) -> Iterator[None]:
    """Put back, when done, what can be of what a model's layers change when they are called.

    That is the state of Python's and NumPy's global generators, of the backend's, and of variables of TensorFlow's and
    buffers of PyTorch's that layers hold. It is not a plain Python attribute, a file, or a generator of a layer's own.
    """
    drawn, drawn_by_numpy = random.getstate(), np.random.get_state()
    back = _BACKENDS.get(keras.config.backend(), lambda _: [])(model)
    try:
        yield
    finally:
        random.setstate(drawn)
        np.random.set_state(drawn_by_numpy)
        for put_back in back:
            put_back()


def _of_tensorflow(model: Any) -> list[Callable[[], Any]]:
    import tensorflow as tf

    held = {
        id(one): one
        for layer in model._flatten_layers()
        for one in vars(layer).values()
        if isinstance(one, tf.Variable)
    }
    back: list[Callable[[], Any]] = [partial(one.assign, one.numpy()) for one in held.values()]
    # Where a global seed is set, eager operations draw theirs from a generator of Python's that TensorFlow holds. It is
    # set aside, for TensorFlow goes on where it was in an operation that is called again with the same seed.
    held_in = getattr(sys.modules.get("tensorflow.python.eager.context"), "context", None)
    context: Any = held_in() if held_in else None
    generator = getattr(context, "_rng", None)
    if isinstance(generator, random.Random):
        context._rng = random.Random(ASIDE)  # noqa: S311
        back.append(partial(setattr, context, "_rng", generator))
    return back


def _of_torch(model: Any) -> list[Callable[[], Any]]:
    import torch

    buffers = {id(one): one for one in model.buffers()}
    back: list[Callable[[], Any]] = [partial(one.data.copy_, one.clone()) for one in buffers.values()]
    back.append(partial(torch.set_rng_state, torch.get_rng_state()))
    if torch.cuda.is_available():
        back.append(partial(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
    return back


_BACKENDS: dict[str, Callable[[Any], list[Callable[[], Any]]]] = {"tensorflow": _of_tensorflow, "torch": _of_torch}
