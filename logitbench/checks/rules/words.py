"""Words that rules share."""

from __future__ import annotations

import ast

from logitbench.checks.interpret import known
from logitbench.checks.interpret.values import Loss, Tensor

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}

OWN = {"binary": "sigmoid", "categorical": "softmax"}
"""The activation that a cross-entropy is of."""


def head(tensor: Tensor) -> str:
    """Name a head: ``the linear head``."""
    return f"the {tensor.activation} head"


def loss_call(loss: Loss, from_logits: bool) -> str:
    """Return Python that makes the loss with ``from_logits`` set so."""
    return f"loss=keras.losses.{loss.kind}({'from_logits=True' if from_logits else ''})"


def is_keras(loss: Loss) -> bool:
    """Return whether a loss has a ``from_logits``."""
    return loss.home in {"keras", "ops"}


def gives_probabilities(tensor: Tensor) -> bool:
    """Return whether a head is known to give probabilities."""
    return tensor.activation in known.PROBABILITIES


def gives_logits(tensor: Tensor, loss: Loss) -> bool:
    """Return whether a head is known to give logits: it is linear, and its loss reads it as such."""
    return tensor.activation == "linear" and loss.from_logits is True


def is_recovered(tensor: Tensor, loss: Loss) -> bool:
    """Return whether Keras on TensorFlow takes the logits back from a head."""
    low = tensor.dtype in {"float16", "bfloat16"}
    return not (tensor.after or tensor.predicted or low or loss.focal)


def place(node: ast.AST | None, otherwise: ast.AST) -> ast.AST:
    """Return a place in the file."""
    return node if node is not None and hasattr(node, "lineno") else otherwise
