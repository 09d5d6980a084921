"""Objects that can change: models, and instances of the file's classes."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from logitbench.checks.interpret.arguments import arguments
from logitbench.checks.interpret.names import canonical
from logitbench.checks.interpret.state import InstanceObject, ModelObject
from logitbench.checks.interpret.values import (
    UNKNOWN,
    Arguments,
    Class,
    Function,
    Items,
    Layer,
    Loss,
    Method,
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

TORCH_BASES = frozenset(
    {"torch.nn.Module", "pytorch_lightning.LightningModule", "lightning.LightningModule"}
    | {"lightning.pytorch.LightningModule"}
)
MODEL_BASES = TORCH_BASES | {"keras.models.Model"}
FOLLOWED_BASES = MODEL_BASES | {"keras.layers.Layer", "keras.losses.Loss", "builtins.object"}
OWN_TRAINING = frozenset(
    {"compile", "train_step", "test_step", "predict_step", "compute_loss", "compute_metrics", "fit", "evaluate"}
    | {"predict", "train_on_batch", "make_train_function", "make_test_function", "make_predict_function"}
)
"""Methods by which a model trains in a way of its own."""


def attribute(machine: Machine, holder: Value, name: str) -> Value:
    """Return an attribute of a value."""
    if isinstance(holder, Name):
        path = canonical(f"{holder.path}.{name}")
        return UNKNOWN if path in machine.patched else Name(path)
    if isinstance(holder, Reference):
        return _of_object(machine, holder, name)
    if isinstance(holder, Part):
        return Method(holder, name) if name in {"pop", "append", "insert", "remove", "clear", "extend"} else holder
    if isinstance(holder, Tensor) and name == "data":
        return holder
    if isinstance(holder, Mixed) and name in {"__dict__", "_modules"}:
        machine.escape(holder)
    if isinstance(holder, Tensor | Items | Table | Layer | Method | Mixed):
        return Method(holder, name)
    return UNKNOWN


def _of_object(machine: Machine, holder: Reference, name: str) -> Value:
    if name in {"__dict__", "_modules"}:  # by which anything can be changed
        machine.escape(holder)
    thing = machine.thing(holder)
    if isinstance(thing, InstanceObject):
        held = thing.get(name)
        if held is not None:
            return held
        member = method_of(thing.of, name)
        if member is not None and is_property(member.node):
            return machine.call_function(member, Arguments(), holder)
        return Method(holder, name)
    if isinstance(thing, ModelObject):
        if name in {"output", "outputs"} and thing.outputs:
            machine.used.add(holder.key)
            return thing.outputs[0] if name == "output" and len(thing.outputs) == 1 else Items(thing.outputs)
        if name in {"layers", "_layers"}:
            return Part(holder)
    return Method(holder, name)


def is_property(node: ast.AST) -> bool:
    """Return whether a method is read like an attribute."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list
    )


def lineage(of: Class) -> list[Class]:
    """Return a class of the file and those of the file that it is made from, nearest first."""
    found = [of]
    for base in of.bases:
        if isinstance(base, Class) and base not in found and len(found) < 16:
            found += lineage(base)
    return found


def roots(of: Class) -> set[str]:
    """Return the foreign classes that a class is made from; an empty text stands for one that could not be told."""
    names = set()
    for one in lineage(of):
        for base in one.bases:
            if isinstance(base, Name):
                names.add(base.path)
            elif not isinstance(base, Class):
                names.add("")
    return names


def is_followed(of: Class) -> bool:
    """Return whether all that a class inherits is understood."""
    return roots(of) <= FOLLOWED_BASES


def method_of(of: Class, name: str) -> Function | None:
    """Return a method by its name, with what it inherits."""
    for one in lineage(of):
        member = dict(one.members).get(name)
        if isinstance(member, Function):
            return member
    return None


def instantiate(machine: Machine, of: Class, given: Arguments) -> Value:
    """Make an instance of a class of the file."""
    if not is_followed(of):
        machine.escape(*given.positional, *(value for _, value in given.named))
        return UNKNOWN
    return initialised(machine, of, given)


def initialised(machine: Machine, of: Class, given: Arguments) -> Reference:
    """Make an instance, though what it inherits may not be understood, and follow its ``__init__``."""
    made = machine.new(InstanceObject(of))
    for name, handed in (("__init__", given), ("build", Arguments(whole=False))):
        member = method_of(of, name)
        if member is not None and (name == "__init__" or "keras" in "".join(roots(of))):
            machine.call_function(member, handed, made)
    return made


def call_instance(machine: Machine, called: Reference, thing: InstanceObject, given: Arguments) -> Value:
    """Return what calling an instance gives."""
    foreign = roots(thing.of)
    own = method_of(thing.of, "__call__")
    if own is not None:
        return machine.call_function(own, given, called)
    name = "forward" if foreign & TORCH_BASES else "call"
    member = method_of(thing.of, name)
    if member is None or not is_followed(thing.of) or is_property(member.node):
        return UNKNOWN
    if name == "call" and given.get("training") is None:  # Keras hands on what the caller has
        given = replace(given, named=(*given.named, ("training", UNKNOWN)))
    return as_output(machine.call_function(member, given, called), thing.losses)


def as_output(value: Value, losses: tuple[Loss | None, ...]) -> Value:
    """Return a model's output, marked as one."""

    def marked(tensor: Value, index: int) -> Value:
        if not isinstance(tensor, Tensor):
            return tensor
        return replace(tensor, model=True, trained=losses[index] if index < len(losses) else None)

    if isinstance(value, Items):
        return Items(tuple(marked(one, index) for index, one in enumerate(value.items)))
    if isinstance(value, Table):
        return Table(tuple((key, marked(one, index)) for index, (key, one) in enumerate(value.items)))
    return marked(value, 0)


def super_call(machine: Machine, receiver: Reference, name: str, given: Arguments, after: Class) -> Value:
    """Follow a method of the class that the file's class is made from."""
    thing = machine.thing(receiver)
    if not isinstance(thing, InstanceObject):
        return UNKNOWN
    for base in after.bases:
        member = method_of(base, name) if isinstance(base, Class) else None
        if member is not None:
            return machine.call_function(member, given, receiver)
    return UNKNOWN


def super_of(machine: Machine, node: ast.Call) -> Value | None:
    """Follow ``super().method(...)``; None where a call is none."""
    function = node.func
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call)):
        return None
    called = function.value.func
    if not (isinstance(called, ast.Name) and called.id == "super"):
        return None
    given = arguments(machine, node)
    receiver = machine.lookup("self")
    thing = machine.thing(receiver) if isinstance(receiver, Reference) else None
    if not isinstance(receiver, Reference) or not isinstance(thing, InstanceObject):
        return UNKNOWN
    for one in lineage(thing.of):
        if any(machine.is_running(member.node) for _, member in one.members if isinstance(member, Function)):
            return super_call(machine, receiver, function.attr, given, one)
    return UNKNOWN
