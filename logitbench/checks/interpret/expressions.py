"""What an expression is known to be."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from logitbench.checks.interpret import calls, known
from logitbench.checks.interpret.arguments import starred
from logitbench.checks.interpret.assignments import assign
from logitbench.checks.interpret.changes import bounded, changes_something, hands_on, is_known, names_in
from logitbench.checks.interpret.events import Cut
from logitbench.checks.interpret.layers import function_named, moved
from logitbench.checks.interpret.names import canonical
from logitbench.checks.interpret.objects import attribute
from logitbench.checks.interpret.state import agree, meet
from logitbench.checks.interpret.statements import truth
from logitbench.checks.interpret.values import (
    UNKNOWN,
    Constant,
    Function,
    Items,
    Layer,
    Loss,
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

_ORDERINGS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}


def evaluate(machine: Machine, node: ast.expr) -> Value:
    """Return what an expression is known to be."""
    if isinstance(node, ast.Constant):
        return Constant(node.value)
    if isinstance(node, ast.Name):
        return _name(machine, node.id)
    if isinstance(node, ast.Attribute):
        return attribute(machine, machine.value(node.value), node.attr)
    if isinstance(node, ast.Call):
        return calls.call_node(machine, node)
    if isinstance(node, ast.List | ast.Tuple):
        return bounded(
            Items(
                tuple(
                    starred(machine, one) if isinstance(one, ast.Starred) else machine.value(one) for one in node.elts
                )
            )
        )
    if isinstance(node, ast.Dict):
        return _dictionary(machine, node)
    if isinstance(node, ast.Lambda):
        return Function(node, machine.scopes)
    if isinstance(node, ast.IfExp):
        told = truth(machine.value(node.test))
        if told is not None:
            return machine.value(node.body if told else node.orelse)
        return agree(*_either(machine, node.body, node.orelse), machine.state.heap)
    return _of_parts(machine, node)


def _of_parts(machine: Machine, node: ast.expr) -> Value:
    if isinstance(node, ast.Compare):
        return _compare(machine, node)
    if isinstance(node, ast.Subscript):
        return _subscript(machine, node)
    if isinstance(node, ast.BinOp):
        return _operate(machine, node)
    if isinstance(node, ast.UnaryOp):
        return _unary(node.op, machine.value(node.operand))
    if isinstance(node, ast.BoolOp):
        machine.value(node.values[0])
        for one in node.values[1:]:
            _either(machine, one, None)
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        _comprehend(machine, node)
    elif isinstance(node, ast.NamedExpr):
        value = machine.value(node.value)
        assign(machine, node.target, value)
        return value
    elif isinstance(node, ast.Await):
        return machine.value(node.value)
    elif isinstance(node, ast.Yield | ast.YieldFrom) and node.value is not None:
        machine.escape(machine.value(node.value))
    return UNKNOWN


def _name(machine: Machine, name: str) -> Value:
    value = machine.lookup(name)
    if value is not None:
        return value
    if any(home.split(".")[0] not in known.STAR_HOMES for home in machine.stars):
        return UNKNOWN  # it may hold anything
    for home in reversed(machine.stars):
        path = canonical(f"{home}.{name}")
        if _is_known(home, path, name):
            return Name(path)
    return Name(f"builtins.{name}") if hasattr(builtins, name) and not machine.stars else UNKNOWN


def _is_known(home: str, path: str, name: str) -> bool:
    """Return whether a module that all was imported from has something of this name."""
    if home == "keras.layers":
        return name in known.WITH_WEIGHTS or name in known.ACTIVATION_LAYERS or name in {"Activation", *_PASSING}
    if home == "keras.models":
        return name in {"Sequential", "Model"}
    if home in {"keras.losses", "keras.metrics"}:
        return name in known.LOSSES or name in known.METRICS
    return home == "keras.activations" and function_named(path) is not None


_PASSING = known.SAME_LAYERS | known.MOVING_LAYERS


def _dictionary(machine: Machine, node: ast.Dict) -> Value:
    values = [machine.value(value) for value in node.values]
    items = []
    for key, value in zip(node.keys, values, strict=True):
        told = machine.value(key) if key is not None else UNKNOWN
        if not isinstance(told, Constant) or not isinstance(told.value, str):
            return UNKNOWN
        items.append((told.value, value))
    return bounded(Table(tuple(items)))


def _either(machine: Machine, first: ast.expr, second: ast.expr | None) -> tuple[Value, Value]:
    """Return what two expressions are of which one is evaluated; the second may be none at all."""
    before, since = machine.state.copy(), len(machine.written)
    one = machine.value(first)
    then, machine.state = machine.state, before
    other = machine.value(second) if second is not None else UNKNOWN
    machine.state = meet(then, machine.state, machine.written[since:])
    return one, other


def _comprehend(machine: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
    """Forget what a comprehension goes over, and all objects if it changes any: how often it does is not known."""
    gone_over = [machine.value(part.iter) for part in node.generators]
    if changes_something(node):
        machine.escape_all()
    elif any(hands_on(node, names_in(part.target)) for part in node.generators):
        machine.escape(*gone_over)


def _compare(machine: Machine, node: ast.Compare) -> Value:
    left, rights = machine.value(node.left), [machine.value(one) for one in node.comparators]
    if len(rights) != 1:
        return UNKNOWN
    right, operator = rights[0], node.ops[0]
    ordering = _ORDERINGS.get(type(operator))
    if ordering and isinstance(left, Tensor) and right == Constant(0.5):
        machine.emit(Cut(left, f"{ordering} 0.5", node))
    if isinstance(operator, ast.Is | ast.IsNot) and right == Constant(None):
        return _is_none(left, isinstance(operator, ast.Is))
    if not isinstance(left, Constant) or not isinstance(right, Constant):
        return _is_in(left, right, operator)
    if isinstance(operator, ast.Eq):
        return Constant(left.value == right.value)
    if isinstance(operator, ast.NotEq):
        return Constant(left.value != right.value)
    return UNKNOWN


def _is_none(left: Value, asked: bool) -> Value:
    if isinstance(left, Constant):
        return Constant((left.value is None) == asked)
    return Constant(not asked) if isinstance(left, Layer | Tensor | Loss | Reference | Function) else UNKNOWN


def _is_in(left: Value, right: Value, operator: ast.cmpop) -> Value:
    if not isinstance(operator, ast.In) or not isinstance(left, Constant) or not isinstance(right, Items):
        return UNKNOWN
    whole = all(isinstance(one, Constant) for one in right.items)
    return Constant(left in right.items) if whole else UNKNOWN


def _subscript(machine: Machine, node: ast.Subscript) -> Value:
    holder, index = machine.value(node.value), machine.value(node.slice)
    if isinstance(holder, Tensor):
        return moved(holder, "indexing")
    if isinstance(holder, Part):
        return holder
    if isinstance(holder, Items) and isinstance(index, Constant) and isinstance(index.value, int):
        return holder.items[index.value] if -len(holder.items) <= index.value < len(holder.items) else UNKNOWN
    if isinstance(holder, Table) and isinstance(index, Constant) and isinstance(index.value, str):
        return holder.get(index.value) or UNKNOWN
    return Mixed((holder,)) if is_known(holder) else UNKNOWN


def _operate(machine: Machine, node: ast.BinOp) -> Value:
    left, right = machine.value(node.left), machine.value(node.right)
    if isinstance(left, Items) and isinstance(right, Items) and isinstance(node.op, ast.Add):
        return bounded(Items(left.items + right.items))
    if not isinstance(left, Constant) or not isinstance(right, Constant):
        return UNKNOWN
    one, other = left.value, right.value
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return UNKNOWN
    if isinstance(node.op, ast.Add):
        return Constant(one + other)
    if isinstance(node.op, ast.Sub):
        return Constant(one - other)
    if isinstance(node.op, ast.Mult) and max(abs(one), abs(other)) < 1e6:
        return Constant(one * other)
    return UNKNOWN


def _unary(operator: ast.unaryop, value: Value) -> Value:
    if isinstance(operator, ast.Not):
        told = truth(value)
        return UNKNOWN if told is None else Constant(not told)
    if isinstance(operator, ast.USub) and isinstance(value, Constant) and isinstance(value.value, int | float):
        return Constant(-value.value)
    return UNKNOWN
