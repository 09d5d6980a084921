"""Layers: what each does to the head."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from logitbench.checks.interpret import known
from logitbench.checks.interpret.events import Activated
from logitbench.checks.interpret.values import (
    NO_TENSOR,
    UNKNOWN,
    Arguments,
    Constant,
    Function,
    Layer,
    Name,
    Partial,
    Role,
    Tensor,
    Value,
)
from logitbench.heads import OVER_BATCH

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine

WRAPPERS = frozenset({"TimeDistributed"})


def make(machine: Machine, path: str, given: Arguments, node: ast.AST) -> Layer | None:
    """Return the layer that a call makes; None where the name is no layer's."""
    home, _, kind = path.rpartition(".")
    if home == "keras.layers":
        return _keras(machine, kind, given, node)
    if home == "torch.nn" and kind[:1].isupper():
        return _torch(kind, given, node)
    return None


def _keras(machine: Machine, kind: str, given: Arguments, node: ast.AST) -> Layer:
    name, dtype = text(given.get("name")), _dtype(machine, given)
    if kind in known.WITH_WEIGHTS:
        return Layer(
            Role.WEIGHTS,
            kind,
            _own_activation(machine, kind, given),
            _units(kind, given),
            name,
            dtype,
            node=given.node("activation", 1 if kind == "Dense" else None) or node,
        )
    if kind == "Activation":
        asked = given.get("activation", 0) or UNKNOWN
        return Layer(Role.ACTIVATION, kind, activation_of(machine, asked), name=name, dtype=dtype, node=node)
    if kind in known.ACTIVATION_LAYERS:
        return Layer(Role.ACTIVATION, kind, _of_layer(kind, given), name=name, dtype=dtype, node=node)
    if kind == "Lambda":
        function = UNKNOWN if given.get("arguments") is not None else given.get("function", 0) or UNKNOWN
        return Layer(Role.FUNCTION, kind, function=function, name=name, node=node)
    if kind in WRAPPERS:
        inner = given.get("layer", 0)
        if isinstance(inner, Layer) and inner.role is Role.WEIGHTS:
            return replace(inner, kind=kind, name=name)
    if kind in known.SAME_LAYERS:
        return Layer(Role.SAME, kind, node=node)
    if kind in known.MOVING_LAYERS:
        return Layer(Role.MOVED, kind, name=name, dtype=dtype, node=node)
    return Layer(Role.OPAQUE, kind, name=name, node=node)


LOW = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16", "float16": "float16", "bfloat16": "bfloat16"}
"""Policies by which a layer computes below float32, and in what."""


def _dtype(machine: Machine, given: Arguments) -> str | None:
    asked = given.get("dtype")
    if asked in {None, Constant(None)}:
        return machine.state.low
    told = text(asked)
    return LOW.get(told, told) if told else None


def _own_activation(machine: Machine, kind: str, given: Arguments) -> str | None:
    asked = given.get("activation", 1 if kind == "Dense" else None)
    if asked is None and kind != "Dense" and len(given.positional) > 4:
        return None  # it may stand among them
    return "linear" if asked is None else activation_of(machine, asked)


def _units(kind: str, given: Arguments) -> int | None:
    if kind != "Dense" and given.get("data_format") is not None:
        return None
    for name in known.WITH_WEIGHTS[kind]:
        units = given.get(name, 0)
        if isinstance(units, Constant) and isinstance(units.value, int) and not isinstance(units.value, bool):
            return units.value
    return None


def _of_layer(kind: str, given: Arguments) -> str | None:
    if kind == "ReLU" and (given.positional or any(name not in {"name", "dtype"} for name, _ in given.named)):
        return None  # max_value= can make it end at 1
    if kind == "Softmax" and not is_last_axis(axis := given.get("axis", 0)):
        return OVER_BATCH if axis == Constant(0) else None
    return known.ACTIVATION_LAYERS[kind] if given.whole else None


def _torch(kind: str, given: Arguments, node: ast.AST) -> Layer:
    if kind in known.TORCH_WEIGHTS:
        units = given.get("out_features" if "Linear" in kind else "out_channels", 0 if kind == "LazyLinear" else 1)
        width = units.value if isinstance(units, Constant) and isinstance(units.value, int) else None
        return Layer(Role.WEIGHTS, kind, "linear", width, torch=True, node=node)
    if kind in known.TORCH_ACTIVATIONS:
        return Layer(Role.ACTIVATION, kind, known.TORCH_ACTIVATIONS[kind], torch=True, node=node)
    role = Role.SAME if kind in known.TORCH_SAME else Role.MOVED if kind in known.TORCH_MOVING else Role.OPAQUE
    return Layer(role, kind, torch=True, node=node)


def is_last_axis(axis: Value | None) -> bool:
    """Return whether an axis is the last one, as far as can be seen."""
    return axis is None or axis == Constant(-1)


def text(value: Value | None) -> str | None:
    """Return the text that a value is."""
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else None


def activation_of(machine: Machine, asked: Value) -> str | None:
    """Return the canonical name of an activation, however it is asked for; None where it could not be told."""
    if isinstance(asked, Constant):
        if asked.value is None:
            return "linear"
        return known.ACTIVATIONS.get(asked.value) if isinstance(asked.value, str) else None
    if isinstance(asked, Layer):
        return asked.activation if asked.role is Role.ACTIVATION and asked.activation != OVER_BATCH else None
    if isinstance(asked, Name | Function | Partial):
        with machine.quietly():
            given = machine.call(asked, Arguments((Tensor("linear"),)), ast.Pass())
        return given.activation if isinstance(given, Tensor) else None
    return None


def function_named(path: str) -> str | None:
    """Return which activation a function is; None where it is none."""
    if path in known.SPECIAL:
        return known.SPECIAL[path]
    home, _, name = path.rpartition(".")
    return known.ACTIVATIONS.get(name) if home + "." in known.ACTIVATION_HOMES else None


def activate(machine: Machine, activation: str | None, tensor: Value, layer: Layer) -> Tensor:
    """Return what an activation makes of a tensor."""
    before = tensor if isinstance(tensor, Tensor) else NO_TENSOR
    node = layer.node or ast.Pass()
    if activation is None:
        return Tensor(name=layer.name, torch=layer.torch)
    machine.emit(Activated(activation, before, node))
    if activation == OVER_BATCH:
        return Tensor(name=layer.name)
    if activation == "linear":
        return replace(before, name=layer.name or before.name)
    return Tensor(
        activation, before.units, dtype=layer.dtype, name=layer.name, torch=layer.torch, node=node, model=False
    )


def apply(machine: Machine, layer: Layer, tensor: Value, node: ast.AST) -> Value:
    """Return what a layer makes of a tensor."""
    if layer.role is Role.WEIGHTS:
        if layer.activation is None:
            return Tensor(units=layer.units, name=layer.name, torch=layer.torch, node=layer.node)
        machine.emit(Activated(layer.activation, Tensor("linear", layer.units), layer.node or node))
        return Tensor(
            layer.activation,
            layer.units,
            after=(layer.kind,) if layer.kind in WRAPPERS else (),
            dtype=layer.dtype,
            name=layer.name,
            torch=layer.torch,
            node=layer.node,
        )
    if layer.role is Role.ACTIVATION:
        return activate(machine, layer.activation, tensor, layer)
    if layer.role is Role.FUNCTION and layer.function is not None:
        return machine.call(layer.function, Arguments((tensor,)), node)
    if not isinstance(tensor, Tensor) or layer.role is Role.OPAQUE:
        return Tensor(name=layer.name, torch=layer.torch)
    if layer.role is Role.MOVED:
        return moved(tensor, layer.kind)
    if layer.kind in known.NOISE and tensor.activation in known.PROBABILITIES:  # no probabilities while it trains
        return replace(tensor, after=(*tensor.after, layer.kind))
    return tensor


def moved(tensor: Tensor, how: str) -> Tensor:
    """Return a tensor in another shape or dtype: how wide it is cannot be told any more."""
    return replace(tensor, units=None, after=(*tensor.after, how))


def cast(tensor: Tensor, dtype: Value | None) -> Tensor:
    """Return a tensor in a dtype. A cast to the dtype that it has gives the tensor itself, in Keras and TensorFlow."""
    name = dtype.path.rpartition(".")[2] if isinstance(dtype, Name) else text(dtype)
    return tensor if name == (tensor.dtype or "float32") else moved(tensor, "cast")
