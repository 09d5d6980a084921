"""Forgets what something unknown may have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logitbench.checks.interpret.changes import CHANGING, changes_something, holds
from logitbench.checks.interpret.state import InstanceObject, ModelObject, Object, blurred
from logitbench.checks.interpret.values import (
    UNKNOWN,
    Class,
    Function,
    Items,
    Layer,
    Method,
    Mixed,
    Name,
    Part,
    Partial,
    Reference,
    Table,
    Value,
)

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine


def escape(machine: Machine, *values: Value) -> None:
    """Forget what is known of objects that something unknown may have changed."""
    seen: dict[int, Value] = {}  # kept, so that none has the place of one that is gone
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        if isinstance(value, Mixed):
            waiting += value.items
        elif isinstance(value, Part):
            waiting.append(value.of)
        elif isinstance(value, Method):
            waiting += [value.receiver] if value.name in CHANGING else []
        elif isinstance(value, Partial):
            waiting += [value.function, *value.arguments.positional, *(held for _, held in value.arguments.named)]
        elif isinstance(value, Function):
            if changes_something(value.node):
                escape_all(machine)
        elif isinstance(value, Items | Table):
            forget(machine, value, UNKNOWN)
            waiting += value.items if isinstance(value, Items) else [held for _, held in value.items]
        elif isinstance(value, Layer):
            forget(machine, value, UNKNOWN)
            waiting += [Reference(key) for key, thing in machine.state.heap.items() if _ends_in(thing, value)]
        elif isinstance(value, Reference) and value.key in machine.state.heap:
            machine.trained.add(value.key)
            thing = machine.state.heap[value.key]
            if isinstance(thing, InstanceObject):
                waiting += [held for _, held in thing.attributes]
            machine.state.heap[value.key] = blurred(thing)


def escape_all(machine: Machine) -> None:
    """Forget what is known of every object."""
    for key, thing in machine.state.heap.items():
        machine.trained.add(key)
        machine.state.heap[key] = blurred(thing)


def forget(machine: Machine, changed: Value, now: Value) -> None:
    """Forget a value that was changed in its place, wherever it is held, and keep what it may be now."""
    for key, scope in list(machine.state.scopes.items()):
        for name in [name for name, value in scope.items() if holds(value, changed)]:
            machine.written.append((key, name))
            machine.state.writable(key)[name] = now
    for key, thing in list(machine.state.heap.items()):
        if isinstance(thing, InstanceObject):
            for name, value in thing.attributes:
                if holds(value, changed):
                    thing = thing.having(name, now)
            machine.state.heap[key] = thing


def forget_variables(machine: Machine) -> None:
    """Forget all variables of the module but what is imported or defined."""
    for name, value in list(machine.state.scopes[0].items()):
        if not isinstance(value, Name | Function | Class):
            machine.written.append((0, name))
            machine.state.writable(0)[name] = UNKNOWN


def _ends_in(thing: Object, layer: Layer) -> bool:
    return isinstance(thing, ModelObject) and any(
        tensor.node is layer.node and layer.node is not None for tensor in thing.outputs or ()
    )
