"""What may change an object, and what a change to one reaches."""

from __future__ import annotations

import ast
from collections.abc import Container

from logitbench.checks.interpret.values import UNKNOWN, Items, Layer, Mixed, Part, Reference, Table, Tensor, Value

LARGEST = 2_000
"""Values inside each other in a list or dictionary, past which nothing is told of it."""


def bounded(value: Items | Table) -> Value:
    """Return a list or dictionary, or unknown if it holds too much: every copy inside another counts."""
    return value if _size(value, LARGEST) <= LARGEST else UNKNOWN


def _size(value: Value, left: int) -> int:
    if not isinstance(value, Items | Table):
        return 1
    size = 1
    for one in value.items if isinstance(value, Items) else (held for _, held in value.items):
        size += _size(one, left - size)
        if size > left:
            break
    return size


def holds(value: Value, held: Value) -> bool:
    """Return whether a value is another one, or a list or dictionary with it inside.

    Tensors of one head may share their numbers: a slice, a view.
    """
    if value is held:
        return True
    if isinstance(value, Tensor) and isinstance(held, Tensor):
        return held.node is not None and value.node is held.node
    if isinstance(value, Items):
        return any(holds(one, held) for one in value.items)
    return isinstance(value, Table) and any(holds(one, held) for _, one in value.items)


CHANGING = frozenset(
    {"add", "pop", "append", "extend", "insert", "remove", "clear", "update", "setdefault"}
    | {"add_module", "register_module", "register_forward_hook", "__setattr__", "__setitem__"}
)
"""Methods that change what they are called on."""

HARMLESS_ATTRIBUTES = frozenset(
    {"trainable", "stop_training", "requires_grad", "training", "name", "_name", "optimizer"}
)
"""Attributes that can be set without another head."""


def changes_something(node: ast.AST) -> bool:
    """Return whether a piece of program may change an object that it was not given."""
    return any(_changes(inner) for inner in ast.walk(node))


def _changes(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        stored = isinstance(node.ctx, ast.Store | ast.Del) and node.attr not in HARMLESS_ATTRIBUTES
        return stored or node.attr in CHANGING
    if isinstance(node, ast.Name):
        return node.id in {"setattr", "delattr"}
    return isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del)


def hands_on(node: ast.AST, names: Container[str]) -> bool:
    """Return whether a piece of program gives something of these names to a function."""
    return any(
        isinstance(one, ast.Name) and one.id in names
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        for one in (*call.args, *(keyword.value for keyword in call.keywords))
    )


def is_known(value: Value) -> bool:
    """Return whether a value is, or holds, something that can be changed."""
    if isinstance(value, Items | Mixed):
        return any(map(is_known, value.items))
    if isinstance(value, Table):
        return any(is_known(one) for _, one in value.items)
    return isinstance(value, Reference | Layer | Part | Tensor)


def names_in(target: ast.AST) -> set[str]:
    """Return the names that a target of an assignment binds."""
    return {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}
