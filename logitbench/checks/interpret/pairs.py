"""Where a head meets its loss: ``compile``, and the call of a loss."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from logitbench.checks.interpret import losses, metrics, models
from logitbench.checks.interpret.events import Pair
from logitbench.checks.interpret.objects import MODEL_BASES, OWN_TRAINING, is_followed, method_of, roots
from logitbench.checks.interpret.state import InstanceObject
from logitbench.checks.interpret.values import (
    NO_TENSOR,
    UNKNOWN,
    Arguments,
    Constant,
    Function,
    Items,
    Loss,
    Metric,
    Partial,
    Reference,
    Table,
    Tensor,
    Value,
)

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine

Placed = tuple[Value, ast.AST | None]


def compile_model(machine: Machine, model: Reference, given: Arguments, node: ast.AST) -> None:
    """Note each output of a model that is compiled, with its loss and its metrics."""
    thing = machine.thing(model)
    if isinstance(thing, InstanceObject) and not _trains_as_keras_does(thing):
        return
    asked, place = given.get("loss", 1), given.node("loss", 1)
    if asked is None or asked is UNKNOWN:
        return
    tensors = models.outputs_of(machine, model)
    heads: Sequence[Tensor] = tensors if tensors is not None else (NO_TENSOR,)
    asked_losses = per_output((asked, place), heads)
    measured = [metrics_of(per) for per in metrics_per_output(given, heads)]
    found, before = [], len(machine.events)
    for tensor, (wanted, at), counted in zip(heads, asked_losses, measured, strict=True):
        found.append(_meet(machine, tensor, wanted, counted, at or node))
    machine.events[before:] = [
        replace(event, model=model.key) if isinstance(event, Pair) else event for event in machine.events[before:]
    ]
    models.compiled(machine, model, tuple(found))


def compile_unknown(machine: Machine, given: Arguments, node: ast.AST) -> None:
    """Note the loss that a model of which nothing is known is compiled with."""
    loss = losses.asked_for(given.get("loss", 1) or UNKNOWN)
    if loss is not None:
        machine.emit(Pair(NO_TENSOR, loss, (), given.node("loss", 1) or node))


def _trains_as_keras_does(thing: InstanceObject) -> bool:
    foreign = roots(thing.of)
    own = any(method_of(thing.of, name) for name in OWN_TRAINING)
    return is_followed(thing.of) and bool(foreign & MODEL_BASES) and not own


def _meet(machine: Machine, tensor: Tensor, wanted: Value, counted: tuple[Metric, ...], node: ast.AST) -> Loss | None:
    loss = losses.asked_for(wanted)
    if loss is None and isinstance(wanted, Function | Partial | Reference):
        return _own_loss(machine, tensor, wanted, counted, node)
    if loss is not None:
        machine.emit(Pair(tensor, loss, counted, node))
    return loss


def _own_loss(
    machine: Machine, tensor: Tensor, wanted: Value, counted: tuple[Metric, ...], node: ast.AST
) -> Loss | None:
    """Follow a loss that the file defines, with the head as its prediction."""
    before = len(machine.events)
    machine.call(wanted, Arguments((UNKNOWN, tensor)), node)
    met = [event for event in machine.events[before:] if isinstance(event, Pair)]
    if len(met) != 1 or met[0].tensor != tensor:
        return None
    if counted:
        machine.events[machine.events.index(met[0], before)] = replace(met[0], metrics=counted)
    return met[0].loss


def per_output(asked: Placed, heads: Sequence[Tensor]) -> list[Placed]:
    """Return what each output is given of something that is asked for once, in order or by name."""
    value, node = asked
    if isinstance(value, Table):
        return [(value.get(head.name) or UNKNOWN if head.name else UNKNOWN, _entry(node, head.name)) for head in heads]
    if isinstance(value, Items):
        if len(value.items) != len(heads):
            return [(UNKNOWN, node)] * len(heads)
        nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node] * len(heads)
        return list(zip(value.items, nodes, strict=True))
    return [asked] * len(heads)


def _entry(node: ast.AST | None, name: str | None) -> ast.AST | None:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == name:
                return value
    return node


def metrics_per_output(given: Arguments, heads: Sequence[Tensor]) -> list[Placed]:
    """Return what each output is measured with; Keras 2 and 3 differ in where ``metrics`` stands."""
    asked, node = given.get("metrics"), given.node("metrics")
    for index in (2, 3):
        if asked is None and index < len(given.positional) and _holds_metrics(given.positional[index]):
            asked, node = given.positional[index], given.node("metrics", index)
    if asked is None:
        return [(Items(()), None)] * len(heads)
    if isinstance(asked, Items) and len(heads) > 1 and not all(isinstance(one, Items) for one in asked.items):
        return [(UNKNOWN, None)] * len(heads)
    if isinstance(asked, Items) and len(heads) == 1:
        return [(asked, node)]
    return per_output((asked, node), heads)


def _holds_metrics(value: Value) -> bool:
    return isinstance(value, Items) and any(metrics.asked_for(one, None) for one in value.items)


def metrics_of(placed: Placed) -> tuple[Metric, ...]:
    """Return the metrics of a ``metrics=`` of which something is known."""
    found = (metrics.asked_for(value, node) for value, node in metrics.listed(*placed))
    return tuple(one for one in found if one is not None)


def call_loss(machine: Machine, loss: Loss, given: Arguments, node: ast.AST, function: bool) -> None:
    """Note a head that a loss is called on."""
    value, _ = losses.operands(loss, given, function)
    if isinstance(value, Tensor):
        machine.emit(Pair(value, loss, (), node))
    elif isinstance(value, Reference | Constant) or value is None:
        return
    else:
        machine.emit(Pair(NO_TENSOR, loss, (), node))
