"""Words that rules share."""

from __future__ import annotations

import ast

from logitbench.checks.interpret import known
from logitbench.checks.interpret.values import Loss, Metric, Tensor

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}

OWN = {"binary": "sigmoid", "categorical": "softmax"}
"""The activation that a cross-entropy is of."""


def head(tensor: Tensor) -> str:
    """Name a head: ``the linear head``."""
    return f"the {tensor.activation} head"


def loss_call(loss: Loss, from_logits: bool) -> str:
    """Return Python that makes the loss with its settings and ``from_logits`` set so."""
    made = loss.node if loss.kind[0].isupper() else None  # a function is called with labels and outputs
    value = "True" if from_logits else ""
    return f"loss={_call(f'keras.losses.{loss.kind}', made, 'from_logits', value, loss.slot)}"


def metric_call(metric: Metric, kind: str, keyword: str = "", value: str = "", slot: int | None = None) -> str:
    """Return Python that makes a metric with the settings of the one that was made, and one of them set.

    Args:
        metric: The one that was made, or asked for by its name.
        kind: The class to make.
        keyword: The setting.
        value: Its value; empty to leave the setting out.
        slot: Where it may stand among the arguments without its name.
    """
    return _call(f"keras.metrics.{kind}", metric.node if metric.made else None, keyword, value, slot)


def _call(path: str, made: ast.AST | None, keyword: str, value: str, slot: int | None) -> str:
    positional = [ast.unparse(one) for one in made.args] if isinstance(made, ast.Call) else []
    named = [ast.unparse(one) for one in made.keywords if one.arg != keyword] if isinstance(made, ast.Call) else []
    if slot is not None and slot < len(positional):
        others = positional[slot + 1 :]
        positional[slot:] = [value or "False", *others] if value or others else []
    elif value:
        named.append(f"{keyword}={value}")
    return f"{path}({', '.join([*positional, *named])})"


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
