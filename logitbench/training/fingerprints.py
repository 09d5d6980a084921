"""Digests that prove a pair: of weights, and of what random layers do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from logitbench.models.head import ArmModel


def digest_arrays(arrays: Iterable[NDArray[Any]]) -> str:
    """Return the SHA-256 of arrays: their bytes, shapes and types, in order."""
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(f"{array.dtype}{array.shape}".encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()


def digest_variables(variables: Iterable[Any]) -> str:
    """Return the SHA-256 of Keras variables' values."""
    return digest_arrays(variable.numpy() for variable in variables)


class DropoutProof:
    """Shows that the random layers of all arms do the same, each drawing for itself.

    Args:
        models: The arms. All of them are in one graph, as they are in lockstep: what TensorFlow itself draws
            (``tf.nn.dropout``) depends on an operation's place in its graph.
    """

    def __init__(self, models: Sequence[ArmModel]) -> None:
        self._models = models
        self._forward = tf.function(
            lambda x: [model.with_logits(x, training=True)[0] for model in models],
            autograph=False,
            reduce_retracing=True,
        )

    def digests(self, examples: NDArray[Any]) -> list[str]:
        """Return for each arm the SHA-256 of its pre-activations of examples in training mode.

        With equal weights they are equal only if every random layer draws the same. The arms are left as they were.
        """
        with ExitStack() as stack:
            for model in self._models:
                stack.enter_context(restored(model))
            return [digest_arrays([logits.numpy()]) for logits in self._forward(tf.constant(examples))]


@contextmanager
def restored(model: ArmModel) -> Iterator[None]:
    """Put back what a forward pass changes: states of random layers, moving averages, weights that are normalised."""
    state = model.trunk.variables
    before = [variable.numpy() for variable in state]
    try:
        yield
    finally:
        for variable, value in zip(state, before, strict=True):
            variable.assign(value)
