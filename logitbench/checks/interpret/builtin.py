"""Functions of Python itself through which objects are reached or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logitbench.checks.interpret import escaping
from logitbench.checks.interpret.assignments import set_attribute
from logitbench.checks.interpret.changes import bounded
from logitbench.checks.interpret.values import (
    UNKNOWN,
    Arguments,
    Constant,
    Items,
    Mixed,
    Table,
    Value,
)

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine

LISTING = frozenset({"builtins.list", "builtins.tuple"})
GOING_OVER = frozenset({"builtins.enumerate", "builtins.zip", "builtins.reversed", "builtins.sorted", "builtins.iter"})
CALLING = frozenset({"builtins.map", "builtins.filter", "builtins.vars"})
SETTING = frozenset({"builtins.setattr", "builtins.delattr"})
RUNNING = frozenset({"builtins.exec", "builtins.eval", "builtins.globals", "builtins.locals"})
HANDLED = {"builtins.dict"} | LISTING | GOING_OVER | CALLING | SETTING | RUNNING


def call(machine: Machine, path: str, given: Arguments) -> Value:
    """Return what one of these functions gives."""
    first = given.positional[0] if given.positional else UNKNOWN
    if path == "builtins.dict":
        return bounded(Table(given.named)) if given.whole and not given.positional else Mixed(given.positional)
    if path in LISTING:
        return first if isinstance(first, Items) else Mixed((first,))
    if path in GOING_OVER:
        return Mixed(given.positional)
    if path in CALLING:
        machine.escape(*given.positional)
    elif path in SETTING:
        _set(machine, first, given)
    else:
        machine.escape_all()
        escaping.forget_variables(machine)
    return UNKNOWN


def _set(machine: Machine, holder: Value, given: Arguments) -> None:
    name = given.positional[1] if len(given.positional) > 1 else UNKNOWN
    value = given.positional[2] if len(given.positional) > 2 else UNKNOWN
    if isinstance(name, Constant) and isinstance(name.value, str):
        set_attribute(machine, holder, name.value, value)
    elif holder is UNKNOWN:
        machine.escape_all()
    else:
        machine.escape(holder)
