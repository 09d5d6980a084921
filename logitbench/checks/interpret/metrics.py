"""Metrics that need probabilities: which one it is, and what it reads."""

from __future__ import annotations

import ast

from logitbench.checks.interpret import known
from logitbench.checks.interpret.losses import logical
from logitbench.checks.interpret.values import UNKNOWN, Arguments, Constant, Items, Metric, Name, Value

UNDETERMINED = -1.0
"""An undetermined threshold: no rule compares with it."""


def make(path: str, given: Arguments, node: ast.AST) -> Metric | None:
    """Return the metric that calling a class makes; None where nothing is known of it."""
    home, _, kind = path.rpartition(".")
    if home != "keras.metrics" or kind not in known.METRICS or not kind[0].isupper():
        return None
    ranked = given.get("top_k") not in {None, Constant(None)}
    return Metric(kind, logical(_from_logits(kind, given)), _cut(kind, given), ranked, node, made=True)


def _from_logits(kind: str, given: Arguments) -> Value | None:
    index = 2 if kind in known.CROSSENTROPY_METRICS else None
    return given.get("from_logits", index)


def _cut(kind: str, given: Arguments) -> float | None:
    if kind not in known.CUT_METRICS | known.F_METRICS:
        return None
    if kind == "BinaryAccuracy":
        asked = given.get("threshold", 2)
    elif kind == "BinaryIoU":
        asked = given.get("threshold", 1)
    elif kind in known.F_METRICS:
        asked = given.get("threshold", None)
        return None if asked in {None, Constant(None)} else _number(asked)
    else:
        asked = given.get("thresholds", 0)
    return 0.5 if asked in {None, Constant(None)} else _number(asked)


def _number(asked: Value | None) -> float:
    if isinstance(asked, Items) and len(asked.items) == 1:
        asked = asked.items[0]
    if isinstance(asked, Constant) and isinstance(asked.value, int | float):
        return float(asked.value)
    return UNDETERMINED


def asked_for(value: Value, node: ast.AST | None) -> Metric | None:
    """Return the metric that an entry of ``metrics=`` is; None where nothing is known of it."""
    if isinstance(value, Metric):
        return value
    if isinstance(value, Constant) and isinstance(value.value, str):
        kind = known.METRICS.get(value.value)
        return _plain(kind, node) if kind else None
    if isinstance(value, Name):
        home, _, name = value.path.rpartition(".")
        if home == "keras.metrics" and name in known.METRICS:
            return _plain(known.METRICS[name], node)
    return None


def _plain(kind: str, node: ast.AST | None) -> Metric:
    return Metric(kind, False, 0.5 if kind in known.CUT_METRICS else None, node=node)


def listed(value: Value | None, node: ast.AST | None) -> list[tuple[Value, ast.AST | None]]:
    """Return the entries of a ``metrics=``, each with where it stands."""
    if value is None or value is UNKNOWN:
        return []
    if not isinstance(value, Items):
        return [(value, node)]
    nodes: list[ast.AST | None] = [node] * len(value.items)
    if isinstance(node, ast.List | ast.Tuple) and len(node.elts) == len(value.items):
        nodes = list(node.elts)
    return list(zip(value.items, nodes, strict=True))
