"""What calls are given, and what functions make of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from logitbench.checks.interpret.values import UNKNOWN, Arguments, Table, Value

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine


def arguments(machine: Machine, node: ast.Call) -> Arguments:
    """Return what a call is given."""
    positional: list[Value] = []
    nodes: list[tuple[int | str, ast.expr]] = []
    whole = True
    for one in node.args:
        if isinstance(one, ast.Starred):
            starred(machine, one)
            whole = False
            continue
        if not whole:
            machine.escape(machine.value(one))
            continue
        nodes.append((len(positional), one))
        positional.append(machine.value(one))
    named: list[tuple[str, Value]] = []
    for keyword in node.keywords:
        value = machine.value(keyword.value)
        if keyword.arg is not None:
            named.append((keyword.arg, value))
            nodes.append((keyword.arg, keyword.value))
        elif isinstance(value, Table):
            named.extend(value.items)
        else:
            machine.escape(value)
            whole = False
    return Arguments(tuple(positional), tuple(named), whole, tuple(nodes))


def starred(machine: Machine, node: ast.Starred) -> Value:
    """Give up what is unpacked: where its parts go is not told."""
    machine.escape(machine.value(node.value))
    return UNKNOWN


def parameters(machine: Machine, declared: ast.arguments, given: Arguments, receiver: Value | None) -> dict[str, Value]:
    """Return what a function's parameters are: unknown where that cannot be told."""
    names = [one.arg for one in (*declared.posonlyargs, *declared.args)]
    bound: dict[str, Value] = dict.fromkeys((*names, *(one.arg for one in declared.kwonlyargs)), UNKNOWN)
    if given.whole:
        defaults = zip(names[len(names) - len(declared.defaults) :], declared.defaults, strict=True)
        keyword_only = zip((one.arg for one in declared.kwonlyargs), declared.kw_defaults, strict=True)
        for name, default in (*defaults, *keyword_only):
            if default is not None:
                bound[name] = machine.value(default)
    positional = given.positional if receiver is None else (receiver, *given.positional)
    bound.update(zip(names, positional, strict=False))
    machine.escape(*positional[len(names) :])  # in a list of which nothing is known
    for name, value in given.named:
        if name in bound:
            bound[name] = value
        else:
            machine.escape(value)
    if declared.vararg:
        bound[declared.vararg.arg] = UNKNOWN
    if declared.kwarg:
        bound[declared.kwarg.arg] = UNKNOWN
    return bound


def unknown_arguments() -> Arguments:
    """Return arguments of which nothing can be told."""
    return Arguments(whole=False)
