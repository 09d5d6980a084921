"""What assignments bind and change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from logitbench.checks.interpret.changes import HARMLESS_ATTRIBUTES
from logitbench.checks.interpret.names import canonical
from logitbench.checks.interpret.objects import lineage, method_of
from logitbench.checks.interpret.state import InstanceObject, ModelObject
from logitbench.checks.interpret.values import (
    UNKNOWN,
    Class,
    Items,
    Layer,
    Mixed,
    Name,
    Part,
    Reference,
    Table,
    Tensor,
    Value,
)

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine


def assign(machine: Machine, target: ast.expr, value: Value) -> None:
    """Bind a target of an assignment."""
    if isinstance(target, ast.Name):
        machine.bind(target.id, value)
    elif isinstance(target, ast.Tuple | ast.List):
        known_items = isinstance(value, Items) and len(value.items) == len(target.elts)
        whole = known_items and not any(isinstance(one, ast.Starred) for one in target.elts)
        for index, one in enumerate(target.elts):
            part = value if isinstance(value, Mixed) else UNKNOWN
            assign(machine, one, value.items[index] if whole and isinstance(value, Items) else part)
    elif isinstance(target, ast.Starred):
        assign(machine, target.value, UNKNOWN)
    elif isinstance(target, ast.Attribute):
        set_attribute(machine, machine.value(target.value), target.attr, value)
    elif isinstance(target, ast.Subscript):
        holder = machine.value(target.value)
        if isinstance(holder, Items | Table):
            machine.forget(holder, Mixed((holder, value)))
        else:
            machine.escape(holder)
            forget_tensors(machine, holder)


def forget_tensors(machine: Machine, changed: Value) -> None:
    """Forget a tensor whose numbers are changed in their place, and those that share them."""
    for one in changed.items if isinstance(changed, Mixed) else (changed,):
        if isinstance(one, Tensor):
            machine.forget(one)


def set_attribute(machine: Machine, holder: Value, name: str, value: Value) -> None:
    """Set an attribute of a value; of an unknown one, of whatever has it."""
    if name in HARMLESS_ATTRIBUTES:
        return
    forget_tensors(machine, holder)
    if isinstance(holder, Name):
        machine.patched.add(canonical(f"{holder.path}.{name}"))
    elif isinstance(holder, Class):
        _patch(machine, holder)
    thing = machine.thing(holder) if isinstance(holder, Reference) else None
    if not isinstance(holder, Reference) or not isinstance(thing, InstanceObject):
        machine.escape(holder)
    elif method_of(thing.of, name) is None and name not in CALLED:
        machine.state.heap[holder.key] = thing.having(name, value)
    else:  # another method in the place of its own
        machine.escape(holder)
        machine.state.heap[holder.key] = ModelObject(None)
    if not isinstance(holder, Reference | Layer | Mixed | Part | Name | Class):
        _set_on_unknown(machine, name)


CALLED = frozenset({"call", "forward", "__call__", "predict", "train_step", "compile"})


def _patch(machine: Machine, of: Class) -> None:
    """Forget a class of which something is replaced, and its instances."""
    machine.forget(of)
    for key, thing in list(machine.state.heap.items()):
        if isinstance(thing, InstanceObject) and of in lineage(thing.of):
            machine.state.heap[key] = ModelObject(None)


def _set_on_unknown(machine: Machine, name: str) -> None:
    """Forget an attribute of every instance: any of them may be the one."""
    for key, thing in list(machine.state.heap.items()):
        if isinstance(thing, InstanceObject) and thing.get(name) is not None:
            machine.state.heap[key] = thing.having(name, UNKNOWN)
