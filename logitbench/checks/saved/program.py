"""What happens in a saved model: each of its outputs meets the loss and the metrics that it was compiled with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from logitbench.checks.interpret import losses, pairs
from logitbench.checks.interpret.events import Event, Pair, Untold
from logitbench.checks.interpret.machine import Machine
from logitbench.checks.interpret.values import NO_TENSOR, Arguments, Constant, Items, Metric, Table, Tensor, Value
from logitbench.checks.saved.graph import Heads, TooManyStepsError
from logitbench.checks.saved.parts import Part, table, value_of


def events_of(model: dict[str, Any]) -> list[Event]:
    """Return what happens in a model, given what its ``.keras`` file says of it."""
    machine = Machine()
    try:
        heads = Heads(machine).of(model) or (replace(NO_TENSOR, name="output"),)
        return [*machine.events, *_met(machine, heads, table(model.get("compile_config")))]
    except (RecursionError, TooManyStepsError):
        return [Untold("its models are nested too deep to be followed", Part("model"))]


def _met(machine: Machine, heads: tuple[Tensor, ...], compiled: dict[str, Any]) -> Iterator[Event]:
    asked = value_of(machine, compiled.get("loss"))
    if asked == Constant(None):
        yield Untold("the file says no loss: the model was saved without one", Part("model"))
        return
    if isinstance(asked, Table):  # an output that is not in it has no loss
        asked = Table((*((str(head.name), Constant(None)) for head in heads), *asked.items))
    counted = _counted(machine, heads, compiled)
    for head, (wanted, _), measured in zip(heads, pairs.per_output((asked, None), heads), counted, strict=True):
        yield from _meets(head, wanted, measured)


def _meets(head: Tensor, wanted: Value, measured: tuple[Metric, ...]) -> Iterator[Event]:
    place = Part(f"output {head.name!r}")
    loss = losses.asked_for(wanted)
    if loss is not None:
        placed = (replace(one, node=Part(f"{place.where}, metric {one.kind}")) for one in measured)
        yield Pair(head, loss, tuple(placed), place)
    elif wanted != Constant(None):
        yield Untold("its loss is no cross-entropy of Keras's: what it reads could not be told", place)


def _counted(machine: Machine, heads: tuple[Tensor, ...], compiled: dict[str, Any]) -> list[tuple[Metric, ...]]:
    """Return what each output is measured with, weighted or not."""
    found: list[tuple[Metric, ...]] = [()] * len(heads)
    for key in ("metrics", "weighted_metrics"):
        asked = value_of(machine, compiled.get(key))
        if asked == Constant(None):
            continue
        if isinstance(asked, Items) and len(heads) == 1:
            asked = Items(tuple(_flat(asked)))
        placed = pairs.metrics_per_output(Arguments(named=(("metrics", asked),)), heads)
        found = [(*before, *pairs.metrics_of(per)) for before, per in zip(found, placed, strict=True)]
    return found


def _flat(value: Value) -> Iterator[Value]:
    if isinstance(value, Items):
        for one in value.items:
            yield from _flat(one)
    else:
        yield value
