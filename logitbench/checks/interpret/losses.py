"""Losses: which cross-entropy a loss is, and what it reads."""

from __future__ import annotations

import ast

from logitbench.checks.interpret import known
from logitbench.checks.interpret.values import Arguments, Constant, Loss, Name, Partial, Value

FUNCTION_HOMES = frozenset({"keras.losses", "keras.metrics", "keras.backend", "keras.ops"})


def make(path: str, given: Arguments, node: ast.AST | None) -> Loss | None:
    """Return the cross-entropy that calling a class makes; None where it is none."""
    home, _, kind = path.rpartition(".")
    if home == "keras.losses" and kind in known.LOSSES and kind[0].isupper() and _is_over_last(given):
        name, family, focal = known.LOSSES[kind]
        slot = None if focal else 0
        return Loss(name, family, logical(given.get("from_logits", slot)), focal=focal, node=node, slot=slot)
    if home == "torch.nn" and kind in known.TORCH_LOSSES:
        family, from_logits = known.TORCH_LOSSES[kind]
        return Loss(kind, family, from_logits, "torch", node=node)
    return None


def _is_over_last(given: Arguments) -> bool:
    """Return whether a loss is over the last axis: of another it cannot be told how many units it has."""
    return not given.whole or given.get("axis") in {None, Constant(-1)}


def logical(value: Value | None) -> bool | None:
    """Return what ``from_logits=`` says: False where it is not given, None where it could not be told."""
    if value is None:
        return False
    return bool(value.value) if isinstance(value, Constant) else None


def function(path: str, given: Arguments, node: ast.AST | None) -> Loss | None:
    """Return the cross-entropy that a function computes with these arguments; None where it is none."""
    home, _, name = path.rpartition(".")
    if path in known.WITH_LOGITS:
        return Loss(name, known.WITH_LOGITS[path], True, "tensorflow")
    if home == "torch.nn.functional" and name in known.TORCH_LOSSES:
        family, from_logits = known.TORCH_LOSSES[name]
        return Loss(name, family, from_logits, "torch")
    if home in FUNCTION_HOMES and name in known.LOSSES and name[0].islower() and _is_over_last(given):
        kind, family, focal = known.LOSSES[name]
        slot = None if focal else 2
        told = logical(given.get("from_logits", slot))
        return Loss(kind, family, told, "ops" if home == "keras.ops" else "keras", focal, node, slot)
    return None


def asked_for(value: Value) -> Loss | None:
    """Return the cross-entropy that a ``loss=`` is; None where it is none, or could not be told."""
    if isinstance(value, Loss):
        return value
    if isinstance(value, Constant) and isinstance(value.value, str) and value.value in known.LOSSES:
        kind, family, focal = known.LOSSES[value.value]
        return Loss(kind, family, False, focal=focal)
    if isinstance(value, Name):
        return make(value.path, Arguments(), None) or function(value.path, Arguments(), None)
    if isinstance(value, Partial) and isinstance(value.function, Name) and not value.arguments.positional:
        return function(value.function.path, value.arguments, value.node)
    return None


def operands(loss: Loss, given: Arguments, from_function: bool) -> tuple[Value | None, str | int | None]:
    """Return what the loss is given as predictions, and where among the arguments that stands."""
    names = ("y_pred", "logits", "output", "input", "pred")
    for key, value in given.named:
        if key in names:
            return value, key
    # TensorFlow 1 took (logits, labels) of some, PyTorch takes predictions first; Keras takes labels first.
    index = 0 if loss.home == "torch" else 1
    if loss.home == "tensorflow" and from_function and not given.named:
        return None, None
    if index < len(given.positional):
        return given.positional[index], index
    return None, None
