"""The frameworks' own losses, for reference beside Keras's: each from logits and targets to a loss a row."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from logitbench.formulas import BINARY, CATEGORICAL, Family

FAMILIES: dict[str, Family] = {
    "tf.nn.sigmoid_cross_entropy_with_logits": BINARY,
    "tf.nn.softmax_cross_entropy_with_logits": CATEGORICAL,
    "tf.nn.sparse_softmax_cross_entropy_with_logits": CATEGORICAL,
    "optax.sigmoid_binary_cross_entropy": BINARY,
    "optax.softmax_cross_entropy": CATEGORICAL,
    "optax.softmax_cross_entropy_with_integer_labels": CATEGORICAL,
    "torch.nn.BCEWithLogitsLoss": BINARY,
    "torch.nn.BCELoss": BINARY,
    "torch.nn.CrossEntropyLoss": CATEGORICAL,
}


def function(name: str) -> tuple[Callable[[Any, Any], Any], str]:
    """Return a framework's loss, from rows [examples, units] and targets to losses [examples]; and its version.

    Raises:
        ImportError: The framework is not installed.
    """
    package, _, path = name.partition(".")
    framework = import_module({"tf": "tensorflow"}.get(package, package))
    if package == "tf":
        loss = getattr(framework.nn, path.removeprefix("nn."))
        losses: Callable[[Any, Any], Any] = lambda x, y: loss(labels=y, logits=x)  # noqa: E731
        if "sigmoid" in name:
            return lambda x, y: framework.reduce_mean(losses(x, framework.cast(y, x.dtype)), axis=-1), _version(
                framework
            )
        return losses, _version(framework)
    if package == "optax":
        loss = getattr(framework, path)
        return (lambda x, y: loss(x, y).mean(axis=-1)) if "sigmoid" in name else loss, _version(framework)
    loss = getattr(framework.nn, path.removeprefix("nn."))(reduction="none")
    if name == "torch.nn.CrossEntropyLoss":
        return loss, _version(framework)
    before = framework.sigmoid if name == "torch.nn.BCELoss" else lambda x: x
    return lambda x, y: loss(before(x), y.to(x.dtype)).mean(dim=-1), _version(framework)


def _version(framework: Any) -> str:
    return f"{framework.__name__} {framework.__version__}"
