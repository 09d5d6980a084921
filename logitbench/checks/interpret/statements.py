"""What each kind of statement does to what is known."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from logitbench.checks.interpret.assignments import assign
from logitbench.checks.interpret.changes import is_known
from logitbench.checks.interpret.definitions import bind_imported, define
from logitbench.checks.interpret.state import InstanceObject, ModelObject, State, Written, blurred, meet
from logitbench.checks.interpret.values import (
    UNKNOWN,
    Constant,
    Mixed,
    Tensor,
    Value,
)

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine


def follow(machine: Machine, node: ast.stmt) -> None:
    """Follow one statement."""
    if isinstance(node, ast.Assign):
        value = machine.value(node.value)
        for target in node.targets:
            assign(machine, target, value)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        value = machine.value(node.value) if node.value else UNKNOWN
        if isinstance(node, ast.AugAssign):
            machine.escape(machine.value(node.target))
            value = UNKNOWN
        if node.value:
            assign(machine, node.target, value)
    elif isinstance(node, ast.Expr):
        machine.value(node.value)
    elif isinstance(node, ast.Return):
        machine.leave(machine.value(node.value) if node.value else Constant(None))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        define(machine, node)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        bind_imported(machine, node)
    else:
        _follow_block(machine, node)


def _follow_block(machine: Machine, node: ast.stmt) -> None:
    if isinstance(node, ast.If):
        _branch(machine, machine.value(node.test), node.body, node.orelse)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
        _loop(machine, node)
    elif isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            value = machine.value(item.context_expr)
            if item.optional_vars:
                assign(machine, item.optional_vars, UNKNOWN if not isinstance(value, Tensor) else value)
        machine.run(node.body)
    elif isinstance(node, ast.Try | ast.TryStar):
        _try(machine, node)
    elif isinstance(node, ast.Match):
        before, since = machine.state.copy(), len(machine.written)
        ways = [before.copy()]
        for case in node.cases:
            machine.state = before.copy()
            _forget_names(machine, case.pattern)
            machine.run(case.body)
            ways.append(machine.state)
        machine.state = _all_ways(ways, machine.written[since:])
    elif isinstance(node, ast.Raise | ast.Break | ast.Continue):
        machine.state.alive = False
    elif isinstance(node, ast.Delete):
        for target in node.targets:
            if not isinstance(target, ast.Name):
                assign(machine, target, UNKNOWN)
    elif isinstance(node, ast.Assert):
        machine.value(node.test)


def _all_ways(ways: list[State], written: Sequence[Written]) -> State:
    state = ways[0]
    for way in ways[1:]:
        state = meet(state, way, written)
    return state


def truth(value: Value) -> bool | None:
    """Return whether a value counts as true; None where that cannot be told."""
    return bool(value.value) if isinstance(value, Constant) else None


def _branch(machine: Machine, test: Value, body: list[ast.stmt], otherwise: list[ast.stmt]) -> None:
    told = truth(test)
    if told is not None:
        machine.run(body if told else otherwise)
        return
    before, since = machine.state.copy(), len(machine.written)
    machine.run(body)
    then, machine.state = machine.state, before
    machine.run(otherwise)
    machine.state = meet(then, machine.state, machine.written[since:])


def _loop(machine: Machine, node: ast.For | ast.AsyncFor | ast.While) -> None:
    """Follow a loop's body once, with all that an earlier round may have changed unknown."""
    gone_over = machine.value(node.test if isinstance(node, ast.While) else node.iter)
    _forget_names(machine, node)
    if not machine.is_quiet:
        with machine.quietly():
            _settled_round(machine, node, gone_over)
    _settled_round(machine, node, gone_over)
    machine.run(node.orelse)


def _settled_round(machine: Machine, node: ast.For | ast.AsyncFor | ast.While, gone_over: Value) -> None:
    before, since = machine.state.copy(), len(machine.written)
    if not isinstance(node, ast.While):
        assign(machine, node.target, Mixed((gone_over,)) if is_known(gone_over) else UNKNOWN)
    machine.run(node.body)
    machine.state = _settled(before, machine.state, machine.written[since:])


def _settled(before: State, after: State, written: Sequence[Written]) -> State:
    """Return what is known before a loop's round, of any number of rounds: models that it changes are unknown."""
    state = meet(before.copy(), after, written) if after.alive else before.copy()
    for key in [key for key, thing in before.heap.items() if after.heap.get(key) is not thing]:
        thing = before.heap[key]
        now = after.heap.get(key, thing)
        if now == thing:
            continue
        changed = isinstance(thing, InstanceObject) or (
            isinstance(now, ModelObject) and isinstance(thing, ModelObject) and now.outputs != thing.outputs
        )
        state.heap[key] = blurred(thing) if changed else now
    state.alive = True
    return state


def _forget_names(machine: Machine, node: ast.AST) -> None:
    """Forget every name that is bound in a piece of program; where it is left midway, those that are new there, too."""
    parts = list(ast.walk(node))
    left = any(isinstance(inner, ast.Break | ast.Continue) for inner in parts)
    for inner in parts:
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            if left or machine.lookup(inner.id) is not None:
                machine.bind(inner.id, UNKNOWN)
        elif isinstance(inner, ast.MatchAs) and inner.name:
            machine.bind(inner.name, UNKNOWN)


def _try(machine: Machine, node: ast.Try | ast.TryStar) -> None:
    before, since = machine.state.copy(), len(machine.written)
    machine.run(node.body)
    machine.run(node.orelse)
    ways = [machine.state]
    for handler in node.handlers:
        machine.state = before.copy()
        if handler.name:
            machine.bind(handler.name, UNKNOWN)
        machine.run(handler.body)
        ways.append(machine.state)
    machine.state = _all_ways(ways, machine.written[since:])
    alive = machine.state.alive
    machine.state.alive = True
    machine.run(node.finalbody)
    machine.state.alive = alive and machine.state.alive
