"""Values and gradients of a Keras computation, on the backend that Keras was started on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Losses = Callable[[Any, Any], Any]
"""From rows [examples, units] and their targets to losses [examples] or one that is their sum."""


def value_and_gradient(
    losses: Losses, execution: str, dtype: str
) -> Callable[[NDArray[Any], NDArray[Any]], tuple[Floats, Floats]]:
    """Return a function from rows and targets to each one's loss [examples] and its gradient by the row.

    Args:
        losses: The computation; the losses of different rows do not depend on each other.
        execution: One of ``settings.EXECUTIONS``.
        dtype: Of the rows.
    """
    return _BACKENDS[keras.config.backend()](losses, execution, dtype)


@contextmanager
def double_precision(wanted: bool) -> Iterator[None]:
    """Let JAX compute in float64, which it else does in float32 without a word; other backends always do."""
    if wanted and keras.config.backend() == "jax":
        import jax

        with jax.enable_x64(True):
            yield
    else:
        yield


def _tensorflow(losses: Losses, execution: str, dtype: str) -> Callable[..., tuple[Floats, Floats]]:
    import tensorflow as tf

    def both(rows: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            values = losses(rows, targets)
        return values, tf.convert_to_tensor(tape.gradient(values, rows))

    run = both if execution == "eager" else tf.function(both, jit_compile=execution == "jit", autograph=False)

    def measured(rows: NDArray[Any], targets: NDArray[Any]) -> tuple[Floats, Floats]:
        values, gradient = run(tf.cast(tf.constant(rows), dtype), tf.constant(targets))
        return tf.cast(values, "float64").numpy(), tf.cast(gradient, "float64").numpy()

    return measured


def _jax(losses: Losses, execution: str, dtype: str) -> Callable[..., tuple[Floats, Floats]]:
    import jax
    import jax.numpy as jnp

    def total(rows: Any, targets: Any) -> Any:
        values = losses(rows, targets)
        return jnp.sum(values), values

    run = jax.grad(total, has_aux=True)
    if execution == "jit":
        run = jax.jit(run)

    def measured(rows: NDArray[Any], targets: NDArray[Any]) -> tuple[Floats, Floats]:
        gradient, values = run(jnp.asarray(rows).astype(dtype), jnp.asarray(targets))
        return np.asarray(values, dtype="float64"), np.asarray(gradient, dtype="float64")

    return measured


def _torch(losses: Losses, execution: str, dtype: str) -> Callable[..., tuple[Floats, Floats]]:
    import torch

    del execution

    def measured(rows: NDArray[Any], targets: NDArray[Any]) -> tuple[Floats, Floats]:
        inputs = torch.tensor(rows, dtype=getattr(torch, dtype), requires_grad=True)
        values = losses(inputs, torch.tensor(targets))
        (gradient,) = torch.autograd.grad(values.sum(), inputs)
        return values.detach().double().numpy(), gradient.double().numpy()

    return measured


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
