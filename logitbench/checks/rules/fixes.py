"""Fixes that rules share."""

from __future__ import annotations

import ast
from typing import TypeGuard

from logitbench.checks.fix import Fix, PutInstance, SetKeyword
from logitbench.checks.interpret.events import Pair
from logitbench.checks.interpret.values import Metric


def read_logits(event: Pair) -> Fix | None:
    """Have a loss read logits; None where it is not seen how it is asked for."""
    loss = event.loss
    if isinstance(loss.node, ast.Call):
        return Fix(SetKeyword(loss.node, "from_logits", "True", loss.slot))
    return Fix(PutInstance(event.node, "losses", loss.kind, "from_logits=True")) if is_name(event.node) else None


def read_probabilities(event: Pair) -> Fix | None:
    """Have a loss read probabilities; None where it is not seen how it is made."""
    loss = event.loss
    return Fix(SetKeyword(loss.node, "from_logits", None, loss.slot)) if isinstance(loss.node, ast.Call) else None


def set_on_metric(metric: Metric, keyword: tuple[str, str | None, int | None], safe: bool = True) -> Fix | None:
    """Set a keyword of a metric, or make the metric that was asked for by its name with it."""
    name, value, slot = keyword
    if metric.made and isinstance(metric.node, ast.Call):
        return Fix(SetKeyword(metric.node, name, value, slot), safe)
    return put_metric(metric, metric.kind, f"{name}={value}", safe) if value is not None else None


def put_metric(metric: Metric, kind: str, arguments: str, safe: bool = True) -> Fix | None:
    """Put a metric where one is asked for; of a text it keeps the name, which Keras's history has from it."""
    node = metric.node
    if not is_name(node):
        return None
    named = f', name="{node.value}"' if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return Fix(PutInstance(node, "metrics", kind, arguments + named), safe)


def is_name(node: ast.AST | None) -> TypeGuard[ast.expr]:
    """Return whether something may be asked for by what stands there: a text, or the name of a function or class."""
    text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return text or isinstance(node, ast.Name | ast.Attribute)
