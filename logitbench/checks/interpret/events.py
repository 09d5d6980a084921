"""What happens in a program that a rule may have a word on."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from logitbench.checks.interpret.values import Loss, Metric, Tensor


@dataclass(frozen=True)
class Pair:
    """A head meets its loss.

    Args:
        tensor: The head; its activation is None where it could not be told.
        loss: The loss.
        metrics: Those of the same output.
        node: The loss in ``compile``, or the call of the loss.
        model: Which model was compiled so; None where the loss is called.
        exclusive: Whether the program handles classes that exclude each other: it makes one-hot labels, or looks for
            the greatest of several.
    """

    tensor: Tensor
    loss: Loss
    metrics: tuple[Metric, ...]
    node: ast.AST
    model: int | None = field(default=None, compare=False)
    exclusive: bool = False


@dataclass(frozen=True)
class Activated:
    """An activation is applied.

    Args:
        activation: Its canonical name.
        before: What it is applied to.
        node: Where.
    """

    activation: str
    before: Tensor
    node: ast.AST


@dataclass(frozen=True)
class Cut:
    """A model's output is compared with 0.5, or rounded.

    Args:
        tensor: The output.
        how: Such as ``> 0.5``.
        node: Where.
    """

    tensor: Tensor
    how: str
    node: ast.AST


@dataclass(frozen=True)
class Logged:
    """The logarithm of a tensor is taken.

    Args:
        tensor: Of which.
        node: Where.
    """

    tensor: Tensor
    node: ast.AST


@dataclass(frozen=True)
class Served:
    """A model's output leaves for something that takes probabilities.

    Args:
        tensor: The output.
        to: What takes it: ``decode_predictions``, or ``export`` for whoever is served.
        node: Where.
    """

    tensor: Tensor
    to: str
    node: ast.AST


@dataclass(frozen=True)
class Untold:
    """Something could not be told that no head and no loss is known of.

    Args:
        what: What, and why.
        node: Where.
    """

    what: str
    node: ast.AST


Event = Pair | Activated | Cut | Logged | Served | Untold
