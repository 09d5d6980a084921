"""What an expression is known to be. Equal values are as good as the same; where they stand is not compared."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum


class Value:
    """Anything that an expression can be."""


@dataclass(frozen=True)
class Unknown(Value):
    """It could not be told."""


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Constant(Value):
    """A number, a text, a truth value or None."""

    value: object


@dataclass(frozen=True)
class Name(Value):
    """Something of another module, by its canonical name."""

    path: str


@dataclass(frozen=True)
class Items(Value):
    """A list or tuple; items that cannot be told are unknown."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Table(Value):
    """A dictionary whose keys are texts."""

    items: tuple[tuple[str, Value], ...]

    def get(self, key: str) -> Value | None:
        """Return what stands under a key."""
        return dict(self.items).get(key)


@dataclass(frozen=True)
class Arguments:
    """What a call is given.

    Args:
        positional: In order.
        named: By keyword.
        whole: False where ``*`` or ``**`` hide some of it.
        nodes: Where each stands, by position or keyword.
    """

    positional: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()
    whole: bool = True
    nodes: tuple[tuple[int | str, ast.expr], ...] = field(default=(), compare=False)

    def get(self, name: str, index: int | None = None) -> Value | None:
        """Return an argument: None if it is not given, unknown if that cannot be seen."""
        for key, value in self.named:
            if key == name:
                return value
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return None if self.whole else UNKNOWN

    def node(self, name: str, index: int | None = None) -> ast.expr | None:
        """Return where an argument stands."""
        places = dict(self.nodes)
        return places.get(name) or (places.get(index) if index is not None else None)


@dataclass(frozen=True)
class Partial(Value):
    """A ``functools.partial``.

    Args:
        function: Of what.
        arguments: Those that are set.
        node: Where it is made.
    """

    function: Value
    arguments: Arguments
    node: ast.AST | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Function(Value):
    """A function or lambda of the file, and the scopes that it sees."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scopes: tuple[int, ...] = field(compare=False)
    plain: bool = True
    """False where a decorator may change it."""


@dataclass(frozen=True)
class Class(Value):
    """A class of the file."""

    node: ast.ClassDef
    bases: tuple[Value, ...]
    members: tuple[tuple[str, Value], ...] = field(compare=False)


@dataclass(frozen=True)
class Method(Value):
    """An attribute of a value, about to be called."""

    receiver: Value
    name: str


@dataclass(frozen=True)
class Reference(Value):
    """An object that can change: a model, or an instance of a class of the file."""

    key: int


@dataclass(frozen=True)
class Mixed(Value):
    """One of some values, or all of them, or something made of them: which is not told."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Part(Value):
    """Something inside a model, such as its list of layers."""

    of: Reference


class Role(Enum):
    """What a layer does to the head."""

    WEIGHTS = "weights"
    """Makes new numbers, and may end in an activation."""
    ACTIVATION = "activation"
    SAME = "same"
    """Passes its input on."""
    MOVED = "moved"
    """Passes the numbers on in another shape or dtype."""
    FUNCTION = "function"
    """Calls a function of the user's."""
    OPAQUE = "opaque"


@dataclass(frozen=True)
class Layer(Value):
    """A layer.

    Args:
        role: What it does to the head.
        kind: Its class.
        activation: By its canonical name; None where it could not be told.
        units: Of its output's last axis; None where that could not be told.
        name: As the user named it.
        dtype: The one that it is computed in, where it says so.
        function: What a ``Lambda`` calls.
        torch: Whether it is PyTorch's.
        node: Where it is made.
    """

    role: Role
    kind: str
    activation: str | None = None
    units: int | None = None
    name: str | None = None
    dtype: str | None = None
    function: Value | None = None
    torch: bool = False
    node: ast.AST | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Loss(Value):
    """A cross-entropy.

    Args:
        kind: Its class or function.
        family: ``binary`` or ``categorical``.
        from_logits: Whether it reads logits; None where that could not be told.
        home: Where it is from: ``keras``, ``ops``, ``tensorflow`` or ``torch``. Keras's own take logits back.
        focal: Whether it is a focal loss.
        node: The call that makes or computes it; None where it is asked for by its name.
        slot: Where ``from_logits`` may stand among that call's arguments without its name.
    """

    kind: str
    family: str
    from_logits: bool | None
    home: str = "keras"
    focal: bool = False
    node: ast.AST | None = field(default=None, compare=False)
    slot: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Metric(Value):
    """A metric.

    Args:
        kind: Its class, or the text that it was asked for with.
        from_logits: As configured; None where that could not be told.
        cut: The threshold, where it has one and it is known; None where it has none or it could not be told.
        ranked: Whether it looks at ranks (``top_k``) and not at a threshold.
        node: Where it stands.
        made: Whether that is the call that makes it.
    """

    kind: str
    from_logits: bool | None = False
    cut: float | None = None
    ranked: bool = False
    node: ast.AST | None = field(default=None, compare=False)
    made: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Tensor(Value):
    """What a layer or a model gives: the head so far.

    Args:
        activation: The last one; None where it could not be told.
        units: Of the last axis; None where that could not be told.
        after: What the numbers passed through since the activation.
        dtype: What the activation is computed in, where the layer says so.
        name: Of the layer that it comes out of.
        model: Whether it came out of a model.
        predicted: Whether ``predict`` gave it: no gradient, no recovery of logits.
        trained: The loss that its model was compiled with.
        torch: Whether it is PyTorch's.
        node: Where its activation arises.
    """

    activation: str | None = None
    units: int | None = None
    after: tuple[str, ...] = ()
    dtype: str | None = None
    name: str | None = None
    model: bool = field(default=False, compare=False)
    predicted: bool = False
    trained: Loss | None = field(default=None, compare=False)
    torch: bool = False
    node: ast.AST | None = field(default=None, compare=False)


NO_TENSOR = Tensor()
"""Of which nothing is known."""
