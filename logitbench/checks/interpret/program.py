"""Follows a whole file: its statements in order, then every function and class that nothing in it has called."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace

from logitbench.checks.interpret.arguments import unknown_arguments
from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.interpret.machine import Machine
from logitbench.checks.interpret.objects import initialised, is_property
from logitbench.checks.interpret.state import InstanceObject, ModelObject, blurred
from logitbench.checks.interpret.values import UNKNOWN, Class, Function, Reference


def events_of(tree: ast.Module) -> list[Event]:
    """Return what happens in a program, as far as it can be told without running it."""
    names, attributes = _bound_elsewhere(tree)
    machine = Machine(names)
    machine.run(tree.body)
    machine.state.alive = True
    for name in machine.rebound:  # which of its values a function will see is not known
        machine.state.writable(0)[name] = UNKNOWN
    _visit_new(machine, 0, attributes)
    idle = machine.used - machine.trained  # such as a generator that only trains within another model
    events = [event for event in machine.events if not (isinstance(event, Pair) and event.model in idle)]
    if not _has_exclusive_classes(tree):
        return events
    return [replace(event, exclusive=True) if isinstance(event, Pair) else event for event in events]


EXCLUSIVE = frozenset(
    {"argmax", "to_categorical", "one_hot", "get_dummies", "OneHotEncoder", "LabelBinarizer", "CategoryEncoding"}
)


def _has_exclusive_classes(tree: ast.Module) -> bool:
    return any(_is_of_exclusive_classes(node) for node in ast.walk(tree))


def _is_of_exclusive_classes(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        text = node.value.value if isinstance(node.value, ast.Constant) else None
        return node.arg in {"label_mode", "class_mode"} and text == "categorical"
    return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)) in EXCLUSIVE


def _bound_elsewhere(tree: ast.Module) -> tuple[frozenset[str], Counter[str]]:
    """Return the names that functions bind outside of themselves, and how often each attribute is set."""
    names: set[str] = set()
    attributes: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            attributes[node.attr] += 1
    return frozenset(names), attributes


def _visit_new(machine: Machine, before: int, attributes: Counter[str]) -> None:
    """Follow each function and class but the first ones, that were met before, and what it defines in turn."""
    for value in machine.met[before:]:
        if isinstance(value, Class):
            _visit_class(machine, value, attributes)
        elif value.node not in machine.entered:
            _visit_function(machine, value, attributes)


def _visit_function(
    machine: Machine, function: Function, attributes: Counter[str], receiver: Reference | None = None
) -> None:
    before, known = machine.state.copy(), len(machine.met)
    machine.call_function(replace(function, plain=True), unknown_arguments(), receiver)
    _visit_new(machine, known, attributes)
    machine.state = before


def _visit_class(machine: Machine, of: Class, attributes: Counter[str]) -> None:
    """Follow a class's methods on an instance of which only what all of them agree on is known."""
    if of.node in machine.extended:
        return  # what is made from it may change any of it
    before, changing = machine.state.copy(), _set_by_many(of, attributes)
    with machine.quietly():
        made = initialised(machine, of, unknown_arguments())
    _forget(machine, made, changing)
    methods = [member for _, member in of.members if isinstance(member, Function)]
    fresh = dict(machine.state.heap)
    with machine.quietly():
        for method in methods:
            if not _is_init(method):
                machine.call_function(replace(method, plain=True), unknown_arguments(), made)
    for key, thing in fresh.items():  # a model that methods add to, nobody knows in which order
        now = machine.state.heap[key]
        if isinstance(thing, ModelObject) and isinstance(now, ModelObject) and now.outputs != thing.outputs:
            machine.state.heap[key] = blurred(thing)
    _forget(machine, made, changing)
    for method in methods:
        if method.node not in machine.entered and not is_property(method.node):
            _visit_function(machine, method, attributes, made)
    machine.state = before


def _is_init(method: Function) -> bool:
    return isinstance(method.node, ast.FunctionDef) and method.node.name == "__init__"


def _set_by_many(of: Class, attributes: Counter[str]) -> set[str]:
    """Return attributes that more than one method sets, or others than the class: which came last is not known."""
    setters: dict[str, set[ast.AST]] = {}
    own: Counter[str] = Counter()
    for _, member in of.members:
        if isinstance(member, Function):
            for inner in ast.walk(member.node):
                if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                    setters.setdefault(inner.attr, set()).add(member.node)
                    own[inner.attr] += 1
    return {name for name, where in setters.items() if len(where) > 1 or attributes[name] > own[name]}


def _forget(machine: Machine, made: Reference, names: set[str]) -> None:
    thing = machine.thing(made)
    if not isinstance(thing, InstanceObject):
        return
    for name in names:
        if thing.get(name) is not None:
            thing = thing.having(name, UNKNOWN)
    machine.state.heap[made.key] = thing
