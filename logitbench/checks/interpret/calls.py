"""What a call gives, by what is called."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from logitbench.checks.interpret import builtin, known, layers, losses, metrics, models, objects, pairs
from logitbench.checks.interpret.arguments import arguments
from logitbench.checks.interpret.changes import CHANGING, changes_something
from logitbench.checks.interpret.events import Cut, Logged, Served
from logitbench.checks.interpret.state import InstanceObject, ModelObject
from logitbench.checks.interpret.values import (
    NO_TENSOR,
    UNKNOWN,
    Arguments,
    Class,
    Constant,
    Function,
    Items,
    Layer,
    Loss,
    Method,
    Mixed,
    Name,
    Part,
    Partial,
    Reference,
    Role,
    Table,
    Tensor,
    Value,
)

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine

_POLICIES = frozenset({"set_global_policy", "set_policy", "set_dtype_policy", "set_floatx"})


def call_node(machine: Machine, node: ast.Call) -> Value:
    """Return what a call in the program gives."""
    if (super_of := objects.super_of(machine, node)) is not None:
        return super_of
    callee = machine.value(node.func)
    given = arguments(machine, node)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "compile" and callee is UNKNOWN:
        pairs.compile_unknown(machine, given, node)
    return machine.call(callee, given, node)


def call(machine: Machine, callee: Value, given: Arguments, node: ast.AST) -> Value:
    """Return what calling a value gives."""
    _forget_written(machine, given)
    if isinstance(callee, Name):
        return _name(machine, callee.path, given, node)
    if isinstance(callee, Layer):
        return layers.apply(machine, callee, given.get("inputs", 0) or UNKNOWN, node)
    if isinstance(callee, Reference):
        machine.used.add(callee.key)
        return models.called(machine, callee, given)
    if isinstance(callee, Method):
        return _method(machine, callee, given, node)
    if isinstance(callee, Function):
        return machine.call_function(callee, given)
    if isinstance(callee, Loss):
        pairs.call_loss(machine, callee, given, node, function=False)
        return UNKNOWN
    if isinstance(callee, Class):
        return objects.instantiate(machine, callee, given)
    if isinstance(callee, Partial):
        return call(machine, callee.function, joined(callee.arguments, given), node)
    machine.escape(*given.positional, *(value for _, value in given.named))
    return UNKNOWN


def _forget_written(machine: Machine, given: Arguments) -> None:
    """Forget a tensor that a function writes its result to: ``out=``, or where it is given twice."""
    written = [given.get("out") if given.whole else None]
    written += [
        one for index, one in enumerate(given.positional) if any(one is other for other in given.positional[:index])
    ]
    for one in written:
        if isinstance(one, Tensor):
            machine.forget(one)


def joined(first: Arguments, then: Arguments) -> Arguments:
    """Return a partial's arguments with those of its call."""
    named = {**dict(first.named), **dict(then.named)}
    return Arguments(first.positional + then.positional, tuple(named.items()), first.whole and then.whole)


def _name(machine: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """Return what calling something of another module gives."""
    if path == "functools.partial" and given.positional:
        return Partial(given.positional[0], Arguments(given.positional[1:], given.named, given.whole), node)
    for made in (
        models.make(machine, path, given),
        layers.make(machine, path, given, node) if not _is_loss(path) else None,
        losses.make(path, given, node),
        metrics.make(path, given, node),
    ):
        if made is not None:
            return made
    loss = losses.function(path, given, node)
    if loss is not None:
        pairs.call_loss(machine, loss, given, node, function=True)
        return UNKNOWN
    if path in builtin.HANDLED:
        return builtin.call(machine, path, given)
    if path in {"keras.losses.get", "keras.metrics.get", "keras.activations.get"}:
        return given.get("identifier", 0) or UNKNOWN
    if path.rpartition(".")[2] in _POLICIES and path.startswith("keras."):
        _set_policy(machine, given)
        return UNKNOWN
    return _function(machine, path, given, node)


def _is_loss(path: str) -> bool:
    return path.rpartition(".")[2] in known.TORCH_LOSSES


def _set_policy(machine: Machine, given: Arguments) -> None:
    asked = layers.text(given.positional[0] if given.positional else None)
    machine.state.low = layers.LOW.get(asked) if asked else None


def _function(machine: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """Return what a function on tensors gives."""
    first = _first(given)
    activation = layers.function_named(path)
    if activation is not None and first is not None:
        axis = next((given.get(name) for name in ("axis", "dim") if given.get(name) is not None), None)
        torch = path.startswith("torch")
        if activation == "relu" and (len(given.positional) > 1 or given.get("max_value") is not None):
            return Tensor()  # it may end at 1
        last = (axis in {None, Constant(-1), Constant(1)}) if torch else layers.is_last_axis(axis)
        told = not activation.endswith("softmax") or (last and (torch or len(given.positional) < 2))
        home = Layer(Role.ACTIVATION, path.rpartition(".")[2], torch=torch, node=node)
        return layers.activate(machine, activation if told else None, first, home)
    if path.startswith("torch.") and path.endswith("_") and first is not None:
        machine.forget(first)
        return UNKNOWN
    if path in known.ROUNDING_FUNCTIONS and isinstance(first, Tensor) and len(given.positional) == 1:
        machine.emit(Cut(first, "rounding", node))
    if path.startswith("keras.applications.") and path.endswith(".decode_predictions") and isinstance(first, Tensor):
        machine.emit(Served(first, "decode_predictions", node))
    if path == "tensorflow.saved_model.save" and isinstance(first, Reference):
        _export(machine, first, node)
    if path in known.LOG_FUNCTIONS and isinstance(first, Tensor):
        machine.emit(Logged(first, node))
    if path in known.SAME_FUNCTIONS and isinstance(first, Tensor):
        return first
    if path in known.MOVING_FUNCTIONS and isinstance(first, Tensor):
        name = path.rpartition(".")[2]
        return layers.cast(first, given.get("dtype", 1)) if name == "cast" else layers.moved(first, name)
    if path == "tensorflow.layers.dense":
        made = layers.make(machine, "keras.layers.Dense", Arguments(given.positional[1:], given.named), node)
        return layers.apply(machine, made, first or UNKNOWN, node) if made else UNKNOWN
    if not path.startswith(known.HARMLESS_HOMES):
        machine.escape(*given.positional, *(value for _, value in given.named))
    return UNKNOWN


def _export(machine: Machine, model: Reference, node: ast.AST) -> None:
    given = models.called(machine, model, Arguments((NO_TENSOR,), whole=False))
    for tensor in given.items if isinstance(given, Items) else (given,):
        if isinstance(tensor, Tensor):
            machine.emit(Served(tensor, "export", node))


def _first(given: Arguments) -> Value | None:
    for name in ("x", "logits", "input", "features", "tensor", "inputs"):
        if (value := given.get(name)) is not None and given.whole:
            return value
    return given.positional[0] if given.positional else None


_CHANGING = CHANGING | {"sort", "reverse", "popitem"}
_LOOKING = frozenset({"get_config", "get_weights", "set_weights", "count_params", "build"})


def _method(machine: Machine, callee: Method, given: Arguments, node: ast.AST) -> Value:
    receiver, name = callee.receiver, callee.name
    if isinstance(receiver, Mixed):
        if name not in models.HARMLESS | {"compile", "predict", "predict_on_batch"}:
            machine.escape(receiver)
        return Mixed((receiver,)) if name == "get_layer" else UNKNOWN
    if isinstance(receiver, Reference):
        return _of_object(machine, receiver, name, given, node)
    if isinstance(receiver, Tensor):
        return _of_tensor(machine, receiver, name, given, node)
    if isinstance(receiver, Part) or (isinstance(receiver, Layer) and name not in _LOOKING):
        machine.escape(receiver)
    elif isinstance(receiver, Items | Table) and name in _CHANGING:
        machine.forget(receiver, Mixed((receiver, *given.positional, *(value for _, value in given.named))))
    elif isinstance(receiver, Table) and name in {"items", "values"}:
        return Mixed((receiver,))
    elif isinstance(receiver, Table) and name == "get":
        return receiver.get(str(layers.text(given.get("key", 0)))) or UNKNOWN
    return UNKNOWN


def _of_object(machine: Machine, receiver: Reference, name: str, given: Arguments, node: ast.AST) -> Value:
    thing = machine.thing(receiver)
    if name in models.TRAINING:
        machine.trained.add(receiver.key)
    if isinstance(thing, InstanceObject):
        member = objects.method_of(thing.of, name)
        if member is not None:
            static = any(
                isinstance(one, ast.Name) and one.id == "staticmethod"
                for one in getattr(member.node, "decorator_list", ())
            )
            value = machine.call_function(member, given, None if static else receiver)
            return objects.as_output(value, thing.losses) if name in {"call", "forward"} else value
        if not objects.is_followed(thing.of) or not objects.roots(thing.of) & objects.MODEL_BASES:
            machine.escape(receiver)
            return UNKNOWN
    if name == "export":
        _export(machine, receiver, node)
    if name == "compile" and isinstance(thing, ModelObject | InstanceObject):
        pairs.compile_model(machine, receiver, given, node)
        return UNKNOWN
    if isinstance(thing, InstanceObject) and name not in {"predict", "predict_on_batch", "to", "cuda", "cpu"}:
        if name not in models.HARMLESS and not _only_looks(name, given):
            machine.escape(receiver)
            machine.state.heap[receiver.key] = ModelObject(None)
        return UNKNOWN
    return models.method(machine, receiver, name, given)


def _only_looks(name: str, given: Arguments) -> bool:
    """Return whether a method is PyTorch's ``apply`` of a function that sets weights and puts in no other module."""
    function = given.positional[0] if given.positional else None
    return name == "apply" and isinstance(function, Function) and not changes_something(function.node)


def _of_tensor(machine: Machine, tensor: Tensor, name: str, given: Arguments, node: ast.AST) -> Value:
    if name.endswith("_") and not name.endswith("__"):  # in its place, in PyTorch
        machine.forget(tensor)
        return UNKNOWN
    if name in known.SAME_METHODS:
        return tensor
    if name in known.MOVING_METHODS:
        return layers.moved(tensor, name)
    if name == "round" and not given.positional:
        machine.emit(Cut(tensor, "rounding", node))
    if name == "log":
        machine.emit(Logged(tensor, node))
    if name in {"sigmoid", "softmax", "log_softmax", "relu", "tanh"}:
        return layers.activate(machine, name, tensor, Layer(Role.ACTIVATION, name, torch=True, node=node))
    return UNKNOWN
