"""The heads of a saved model: from its outputs back to the layers that make their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from logitbench.checks.interpret import layers
from logitbench.checks.interpret.machine import Machine
from logitbench.checks.interpret.values import NO_TENSOR, Layer, Role, Tensor
from logitbench.checks.saved.parts import kind_of, layer_of, name_of, rows, table

MOST_STEPS = 100_000
"""Layers that are gone through; more are a model in a model in a model, each called twice."""

GRAPHS = frozenset({"Functional", "Model"})

Reference = tuple[str, int, int]
"""A layer, which of its calls, and which of that call's outputs."""

Inputs = Callable[[int], Tensor]
"""From the number of an input to what a model is given there; asked for only where it matters."""


class TooManyStepsError(Exception):
    """A model is nested past all reason."""


class Heads:
    """Finds heads.

    Args:
        machine: Notes which activations are applied.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._steps = 0

    def of(self, model: Any, given: Inputs = lambda _: NO_TENSOR) -> tuple[Tensor, ...] | None:
        """Return a model's outputs under the names that Keras gives them; None where its layers are not saved.

        Raises:
            TooManyStepsError: There are too many.
        """
        kind, config = kind_of(model), table(table(model).get("config"))
        if kind == "Sequential":
            return self._sequential(config, given)
        if kind in GRAPHS and "output_layers" in config:
            return _Graph(self, config, given).outputs()
        return None

    def _sequential(self, config: dict[str, Any], given: Inputs) -> tuple[Tensor, ...]:
        tensor, name = given(0), "output"
        for saved in rows(config.get("layers")):
            outputs, name = self.applied(saved, partial(_same, tensor)), name_of(saved)
            tensor = outputs[0] if len(outputs) == 1 else NO_TENSOR
        return (replace(tensor, name=name),)

    def applied(self, saved: Any, given: Inputs) -> tuple[Tensor, ...]:
        """Return what a saved layer or model makes of its inputs."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooManyStepsError
        outputs = self.of(saved, given)
        if outputs is not None:
            return outputs
        layer = layer_of(self.machine, table(saved))
        return (self._layer(layer, NO_TENSOR if layer.role in {Role.WEIGHTS, Role.OPAQUE} else given(0)),)

    def _layer(self, layer: Layer, tensor: Tensor) -> Tensor:
        assert layer.node is not None  # noqa: S101 - layer_of gives each one
        made = layers.apply(self.machine, layer, tensor, layer.node)
        return made if isinstance(made, Tensor) else NO_TENSOR


class _Graph:
    """A model whose layers are called in any order, any number of times."""

    def __init__(self, heads: Heads, config: dict[str, Any], given: Inputs) -> None:
        self.heads, self.config, self.given = heads, config, given
        self.layers = {name_of(saved): saved for saved in rows(config.get("layers"))}
        saved = config.get("input_layers")
        self.inputs = [name for name, _, _ in references(saved)]
        if isinstance(saved, dict) and len(saved) > 1:  # a call may name them in another order
            self.given = lambda _: NO_TENSOR
        self.made: dict[tuple[str, int], tuple[Tensor, ...]] = {}

    def outputs(self) -> tuple[Tensor, ...]:
        """Return each output, named by its key or else by its layer."""
        saved = self.config.get("output_layers")
        if isinstance(saved, dict):
            found = [(key, one) for key in sorted(saved) for one in references(saved[key])]
        else:
            found = [(one[0], one) for one in references(saved)]
        return tuple(replace(self.tensor(reference), name=name) for name, reference in found)

    def tensor(self, reference: Reference) -> Tensor:
        """Return what a layer gave in one of its calls."""
        name, call, index = reference
        if name in self.inputs:
            return self.given(self.inputs.index(name))
        if (name, call) not in self.made:
            self.made[name, call] = ()  # a layer whose input is its own output is given nothing
            self.made[name, call] = self._called(name, call)
        outputs = self.made[name, call]
        return outputs[index] if 0 <= index < len(outputs) else NO_TENSOR

    def _called(self, name: str, call: int) -> tuple[Tensor, ...]:
        saved = table(self.layers.get(name))
        given = list(references(_node(saved, call)))
        if kind_of(saved) not in GRAPHS and len(given) > 1:  # what is made of several is not known
            given = []
        return self.heads.applied(saved, lambda index: self.tensor(given[index]) if index < len(given) else NO_TENSOR)


def _node(saved: dict[str, Any], call: int) -> Any:
    """Return what a layer was given in one of its calls; None where that is not sure.

    Keras 2 counts the calls of a model from 1, unless something made it from its own description.
    """
    nodes = rows(saved.get("inbound_nodes"))
    if len(nodes) == 1:
        return nodes[0]
    is_model = "layers" in table(saved.get("config"))
    if not 0 <= call < len(nodes) or (is_model and isinstance(nodes[call], list)):
        return None
    return nodes[call]


def _same(tensor: Tensor, index: int) -> Tensor:
    return tensor if index == 0 else NO_TENSOR


def references(saved: Any) -> Iterator[Reference]:
    """Yield the outputs of layers that are named in what is saved of a call, of inputs or of outputs.

    Keras 3 writes a tensor of a call as an object with ``keras_history``; Keras 2, and both of a model's inputs and
    outputs, as a list that begins with a layer's name and two numbers.
    """
    if isinstance(saved, dict):
        if saved.get("class_name") == "__keras_tensor__":
            yield from references(table(saved.get("config")).get("keras_history"))
        else:
            for one in saved.values():
                yield from references(one)
    elif isinstance(saved, list):
        match saved:
            case [str(name), int(call), int(index), *_]:
                yield name, call, index
            case _:
                for one in saved:
                    yield from references(one)
