"""What is known at one point of a program, and what is still known where two ways meet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from logitbench.checks.interpret.values import UNKNOWN, Class, Constant, Loss, Metric, Reference, Tensor, Value


@dataclass(frozen=True)
class ModelObject:
    """A Keras model.

    Args:
        outputs: Its heads; None where they could not be told.
        losses: What each output was compiled with; None where that is not known.
        growing: Whether it is a ``Sequential``, to which layers can be added.
        torch: Whether it is an ``nn.Sequential``.
    """

    outputs: tuple[Tensor, ...] | None
    losses: tuple[Loss | None, ...] = ()
    growing: bool = False
    torch: bool = False


@dataclass(frozen=True)
class InstanceObject:
    """An instance of a class of the file.

    Args:
        of: Its class.
        attributes: By name.
        losses: What each output was compiled with.
    """

    of: Class
    attributes: tuple[tuple[str, Value], ...] = ()
    losses: tuple[Loss | None, ...] = ()

    def get(self, name: str) -> Value | None:
        """Return an attribute, None where there is none."""
        return dict(self.attributes).get(name)

    def having(self, name: str, value: Value) -> InstanceObject:
        """Return it with one attribute changed."""
        return InstanceObject(self.of, tuple({**dict(self.attributes), name: value}.items()), self.losses)


Object = ModelObject | InstanceObject


@dataclass
class State:
    """What is known at one point.

    Args:
        scopes: Variables of each scope; 0 is the module's.
        heap: Objects that can change.
        low: The dtype below float32 that is in force.
        alive: False behind a ``return``, ``raise``, ``break`` or ``continue``.
        own: Scopes that no other state shares: a copy shares all of them until one of the two is written to.
    """

    scopes: dict[int, dict[str, Value]] = field(default_factory=lambda: {0: {}})
    heap: dict[int, Object] = field(default_factory=dict)
    low: str | None = None
    alive: bool = True
    own: set[int] = field(default_factory=set)

    def copy(self) -> State:
        """Return a state that can be changed without changing this one."""
        self.own = set()
        return State(dict(self.scopes), dict(self.heap), self.low, self.alive)

    def writable(self, key: int) -> dict[str, Value]:
        """Return a scope to write to."""
        if key not in self.own:
            self.scopes[key] = dict(self.scopes.get(key, {}))
            self.own.add(key)
        return self.scopes[key]


def agree(first: Value, second: Value, heap: dict[int, Object] | None = None) -> Value:
    """Return the one value of two ways, unknown where they differ.

    None gives way to a model: what follows can only use it where it is one.
    """
    if first is second or first == second:
        if isinstance(first, Loss | Metric) and isinstance(second, Loss | Metric) and first.node is not second.node:
            return replace(first, node=None)  # made in two places: a fix of one leaves the other
        return first
    if isinstance(first, Constant) and first.value is None and isinstance(second, Reference):
        return second
    if isinstance(second, Constant) and second.value is None and isinstance(first, Reference):
        return first
    if heap and isinstance(first, Reference) and isinstance(second, Reference):
        one, other = heap.get(first.key), heap.get(second.key)
        if one is not None and one == other:
            return first
    return UNKNOWN


Written = tuple[int, str]
"""A scope, and a name of it that was bound."""


def meet(first: State, second: State, written: Collection[Written] | None = None) -> State:
    """Return what is known behind two ways; neither of them is to be used any more.

    Args:
        first: What is known behind the one.
        second: Behind the other.
        written: All that was bound since the two went apart, and perhaps more; None where that is not known.
    """
    if not first.alive:
        return second
    if not second.alive:
        return first
    heap = {**first.heap, **second.heap}
    for key in [key for key, thing in first.heap.items() if heap[key] is not thing]:
        heap[key] = _meet_objects(first.heap[key], heap[key])
    scopes = {**first.scopes, **second.scopes}
    for key in [key for key, scope in first.scopes.items() if scopes[key] is not scope]:
        one = first.scopes[key]
        met = scopes[key] if key in second.own else dict(scopes[key])
        for name in one if written is None else {name for scope, name in written if scope == key} & one.keys():
            if name not in met:
                met[name] = one[name]
            elif one[name] is not met[name]:
                met[name] = agree(one[name], met[name], heap)
        scopes[key] = met
    return State(scopes, heap, first.low if first.low == second.low else None)


def _meet_objects(first: Object, second: Object) -> Object:
    if first is second or first == second:
        return first
    if isinstance(first, ModelObject) and isinstance(second, ModelObject):
        outputs = first.outputs if first.outputs == second.outputs else None
        losses = first.losses if first.losses == second.losses else ()
        return ModelObject(outputs, losses, first.growing, first.torch)
    if isinstance(first, InstanceObject) and isinstance(second, InstanceObject):
        one, other = dict(first.attributes), dict(second.attributes)
        merged = {**one, **other, **{name: agree(one[name], other[name]) for name in one.keys() & other.keys()}}
        return InstanceObject(first.of, tuple(merged.items()), first.losses if first.losses == second.losses else ())
    return ModelObject(None)


def blurred(thing: Object) -> Object:
    """Return an object of which nothing is known any more."""
    if isinstance(thing, ModelObject):
        return ModelObject(None, (), thing.growing, thing.torch)
    return InstanceObject(thing.of, tuple((name, UNKNOWN) for name, _ in thing.attributes))
