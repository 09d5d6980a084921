"""Keras models: how they are made, what they give, and what their methods do."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from logitbench.checks.interpret import layers
from logitbench.checks.interpret.objects import as_output, call_instance
from logitbench.checks.interpret.state import InstanceObject, ModelObject, blurred
from logitbench.checks.interpret.values import (
    NO_TENSOR,
    UNKNOWN,
    Arguments,
    Constant,
    Function,
    Items,
    Layer,
    Loss,
    Name,
    Part,
    Reference,
    Table,
    Tensor,
    Value,
)

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine

HARMLESS = frozenset(
    {"fit", "evaluate", "summary", "save", "save_weights", "train_on_batch", "test_on_batch", "get_config"}
    | {"count_params", "to_json", "fit_generator", "train", "eval", "parameters", "state_dict", "zero_grad", "export"}
    | {"get_weights", "set_weights", "load_weights", "build", "get_layer", "reset_states", "reset_state"}
    | {"trainable_variables", "reset_metrics", "get_metrics_result", "half", "float", "requires_grad_", "share_memory"}
    | {"parameters", "named_parameters", "buffers", "modules", "children", "log", "log_dict", "save_hyperparameters"}
    | {"trainable_variables", "trainable_weights", "variables", "load_state_dict", "stop_training"}
)
"""Methods that leave a model's head as it is."""


TRAINING = frozenset({"fit", "evaluate", "train_on_batch", "test_on_batch", "fit_generator", "evaluate_generator"})
"""Methods that compute the loss that a model was compiled with."""


def make(machine: Machine, path: str, given: Arguments) -> Value | None:
    """Return the model that a call makes; None where the name makes none."""
    if path in {"keras.models.Sequential", "torch.nn.Sequential"}:
        return _sequential(machine, given, path.startswith("torch"))
    if path == "keras.models.Model":
        outputs = given.get("outputs", 1) or given.get("output")
        return machine.new(ModelObject(_heads(outputs)))
    if path.startswith("keras.applications.") and path.rpartition(".")[2][:1].isupper():
        return machine.new(ModelObject(_application(machine, given)))
    if path in {"keras.Input", "keras.layers.Input"}:
        return NO_TENSOR
    return None


def _application(machine: Machine, given: Arguments) -> tuple[Tensor, ...] | None:
    """Return the head of a ready-made network: the activation that it is asked for, softmax if none is."""
    if not given.whole or given.get("include_top", 0) not in {None, Constant(True)}:
        return None
    asked = given.get("classifier_activation")
    activation = "softmax" if asked is None else layers.activation_of(machine, asked)
    return (Tensor(activation),) if activation else None


def _heads(outputs: Value | None) -> tuple[Tensor, ...] | None:
    if isinstance(outputs, Tensor):
        return (outputs,)
    if isinstance(outputs, Items):
        return tuple(one if isinstance(one, Tensor) else NO_TENSOR for one in outputs.items)
    if isinstance(outputs, Table):
        return tuple(replace(one, name=key) if isinstance(one, Tensor) else NO_TENSOR for key, one in outputs.items)
    return None


def _sequential(machine: Machine, given: Arguments, torch: bool) -> Value:
    if torch:
        stacked: Value | None = Items(given.positional) if given.whole else UNKNOWN
        if len(given.positional) == 1 and not isinstance(given.positional[0], Layer | Reference):
            stacked = UNKNOWN  # an OrderedDict
    else:
        stacked = given.get("layers", 0)
    made = machine.new(ModelObject((Tensor(torch=torch),), growing=True, torch=torch))
    if stacked is None or stacked == Constant(None):
        return made
    if not isinstance(stacked, Items):
        machine.state.heap[made.key] = ModelObject(None, growing=True, torch=torch)
        return made
    for one in stacked.items:
        add(machine, made, one)
    return made


def add(machine: Machine, to: Reference, layer: Value) -> None:
    """Put a layer on a ``Sequential``."""
    thing = machine.thing(to)
    if not isinstance(thing, ModelObject):
        return
    last: Tensor = thing.outputs[0] if thing.outputs else NO_TENSOR
    given: Value = UNKNOWN
    if isinstance(layer, Layer):
        given = layers.apply(machine, layer, last, layer.node or ast.Pass())
    elif isinstance(layer, Reference):
        machine.used.add(layer.key)
        given = called(machine, layer, Arguments((last,)))
    elif isinstance(layer, Tensor):  # an Input
        given = last
    elif isinstance(layer, Name) and layers.function_named(layer.path):
        given = machine.call(layer, Arguments((last,)), ast.Pass())
    head = given if isinstance(given, Tensor) else Tensor(torch=thing.torch)
    machine.state.heap[to.key] = replace(thing, outputs=(head,), growing=True)


def called(machine: Machine, model: Reference, given: Arguments) -> Value:
    """Return what a model, or an instance of a class of the file, gives."""
    thing = machine.thing(model)
    if isinstance(thing, InstanceObject):
        return call_instance(machine, model, thing, given)
    if not isinstance(thing, ModelObject) or not thing.outputs:
        return Tensor(model=True)
    value: Value = thing.outputs[0] if len(thing.outputs) == 1 else Items(thing.outputs)
    return as_output(value, thing.losses)


def predicted(value: Value) -> Value:
    """Return what ``predict`` makes of a model's output."""
    if isinstance(value, Items):
        return Items(tuple(map(predicted, value.items)))
    return replace(value, predicted=True) if isinstance(value, Tensor) else UNKNOWN


def outputs_of(machine: Machine, model: Reference) -> tuple[Tensor, ...] | None:
    """Return a model's heads; None where they could not be told."""
    thing = machine.thing(model)
    if isinstance(thing, ModelObject):
        return thing.outputs
    return _heads(called(machine, model, Arguments((NO_TENSOR,), whole=False)))


def compiled(machine: Machine, model: Reference, losses: tuple[Loss | None, ...]) -> None:
    """Note what a model was compiled with."""
    thing = machine.thing(model)
    if thing is not None:
        machine.state.heap[model.key] = replace(thing, losses=losses)


def method(machine: Machine, model: Reference, name: str, given: Arguments) -> Value:
    """Return what one of a model's own methods gives, but for ``compile``."""
    thing = machine.thing(model)
    if name == "add" and isinstance(thing, ModelObject):
        add(machine, model, given.get("layer", 0) or UNKNOWN)
    elif name == "get_layer":
        return Part(model)
    elif name in {"predict", "predict_on_batch"}:
        machine.used.add(model.key)
        return predicted(called(machine, model, Arguments((NO_TENSOR,), whole=False)))
    elif name in {"__call__", "call", "forward"}:
        machine.used.add(model.key)
        return called(machine, model, given)
    elif name in {"to", "cuda", "cpu", "eval", "train", "double", "float"}:
        return model
    elif name == "apply" and isinstance(given.get("fn", 0), Function):
        machine.escape(given.get("fn", 0) or UNKNOWN)
        return model
    elif name not in HARMLESS and thing is not None:
        machine.trained.add(model.key)
        machine.state.heap[model.key] = blurred(thing)
    return UNKNOWN
