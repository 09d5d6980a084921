"""What Keras writes of an object, as the values that rules know.

Keras 2 and 3 write ``{"module": ..., "class_name": ..., "config": {...}, "registered_name": ...}``; of a function the
``class_name`` is ``function`` and the ``config`` its name. What is not Keras's own is unknown.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from logitbench.checks.interpret import known, layers, losses, metrics
from logitbench.checks.interpret.machine import Machine
from logitbench.checks.interpret.values import UNKNOWN, Arguments, Constant, Items, Layer, Name, Role, Table, Value

HOMES = frozenset({"keras", "tf_keras"})
"""Packages whose objects are Keras's own."""

OPS = "keras.src.ops."


class Part(ast.expr):
    """Where something is in what has no lines: rules say a place as a node."""

    lineno, col_offset, end_lineno, end_col_offset = 1, 0, 1, 0

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where


def table(saved: Any) -> dict[str, Any]:
    """Return an object of JSON; empty where it is something else."""
    return saved if isinstance(saved, dict) else {}


def rows(saved: Any) -> list[Any]:
    """Return a list of JSON; empty where it is something else."""
    return saved if isinstance(saved, list) else []


def kind_of(saved: Any) -> str | None:
    """Return the class of a saved object that is Keras's own; None where it is not."""
    saved = table(saved)
    kind, module, registered = saved.get("class_name"), saved.get("module"), saved.get("registered_name")
    if not isinstance(kind, str) or not isinstance(module, str) or registered not in (None, kind):
        return None
    return kind if module.partition(".")[0] in HOMES else None


def name_of(saved: Any) -> str:
    """Return the name of a saved layer or model."""
    saved = table(saved)
    name = saved.get("name") or table(saved.get("config")).get("name")
    return name if isinstance(name, str) else "?"


def value_of(machine: Machine, saved: Any) -> Value:
    """Return what something saved is: a loss, a metric, an activation, a list, a table or a plain value."""
    if isinstance(saved, list):
        return Items(tuple(value_of(machine, one) for one in saved))
    if not isinstance(saved, dict):
        return Constant(saved)
    if not {"class_name", "config"} <= saved.keys():
        return Table(tuple((key, value_of(machine, one)) for key, one in saved.items()))
    if saved["class_name"] == "function":
        return _function(saved)
    kind = kind_of(saved)
    return UNKNOWN if kind is None else _object(machine, saved["module"], kind, table(saved["config"]))


def _function(saved: dict[str, Any]) -> Value:
    """Return a function, by its name.

    Keras writes its own functions, and those of a user that are not registered, as of ``builtins``, and takes its own
    when it loads one of that name: so does this.
    """
    name = saved["config"]
    if not isinstance(name, str) or saved.get("registered_name") not in (None, "function", name):
        return UNKNOWN
    if str(saved.get("module")).partition(".")[0] not in {"builtins", *HOMES}:
        return UNKNOWN
    return Name(f"keras.{'activations' if name in known.ACTIVATIONS else 'metrics'}.{name}")


def _object(machine: Machine, module: str, kind: str, config: dict[str, Any]) -> Value:
    given = arguments(machine, config)
    for home in ("losses", "metrics"):
        if f".{home}" in module:
            make = losses.make if home == "losses" else metrics.make
            return make(f"keras.{home}.{kind}", given, Part(kind)) or UNKNOWN
    return layer_of(machine, {"module": module, "class_name": kind, "config": config})


def arguments(machine: Machine, config: dict[str, Any]) -> Arguments:
    """Return the settings of an object as what it was called with."""
    return Arguments(named=tuple((key, value_of(machine, one)) for key, one in config.items()))


USUAL: dict[str, Any] = {"max_value": None, "negative_slope": 0.0, "threshold": 0.0, "data_format": "channels_last"}
"""Settings that Keras writes out though nobody asked for them, and that change how a layer is read."""

NEEDED = frozenset({"units", "filters", "activation", "axis", "layer", *USUAL})
"""Settings of layers that say something of a head."""


def layer_of(machine: Machine, saved: dict[str, Any]) -> Layer:
    """Return a saved layer, or an operation that is saved as one; opaque where it is not Keras's own."""
    name, kind = name_of(saved), kind_of(saved)
    place = Part(f"layer {name!r}")
    if kind is None:
        return Layer(Role.OPAQUE, "?", name=name, node=place)
    config = table(saved.get("config"))
    if str(saved.get("module")).startswith(OPS):
        return _operation(kind, config, name, place)
    kept = {key: one for key, one in config.items() if key in NEEDED and (key not in USUAL or one != USUAL[key])}
    given = arguments(machine, kept)
    plain = (("name", Constant(name)), ("dtype", Constant(_dtype(config.get("dtype")))))
    made = layers.make(machine, f"keras.layers.{kind}", Arguments(named=(*given.named, *plain)), place)
    return made or Layer(Role.OPAQUE, kind, name=name, node=place)


def _dtype(saved: Any) -> str | None:
    """Return the name of a dtype or of a policy."""
    found = table(table(saved).get("config")).get("name") if isinstance(saved, dict) else saved
    return found if isinstance(found, str) else None


def _operation(kind: str, config: dict[str, Any], name: str, place: Part) -> Layer:
    """Return a function of ``keras.ops``: Keras writes ``LogSoftmax`` of ``log_softmax``."""
    function = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
    if function in known.ACTIVATIONS:
        last = config.get("axis", -1) == -1
        activation = known.ACTIVATIONS[function] if last else None
        return Layer(Role.ACTIVATION, kind, activation, name=name, node=place)
    role = Role.OPAQUE
    if f"keras.ops.{function}" in known.SAME_FUNCTIONS or (function == "cast" and config.get("dtype") == "float32"):
        role = Role.SAME  # of a float32 head a cast to float32 gives the tensor itself; LB301 covers the others
    elif f"keras.ops.{function}" in known.MOVING_FUNCTIONS:
        role = Role.MOVED
    return Layer(role, kind, name=name, node=place)
