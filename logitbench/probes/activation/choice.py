"""The activations that the installed Keras has, and their parameters as asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from logitbench.errors import UsageError, did_you_mean
from logitbench.probes.activation.records import Number, Request, Setting

OLD_NAMES = {"alpha": "negative_slope", "theta": "threshold"}
"""Parameters as tf.keras and older articles call them, and today's names, where an activation has the new one alone."""


@dataclass(frozen=True)
class Activation:
    """An activation as asked for.

    Args:
        name: In ``keras.activations``.
        function: Keras's.
        parameters: What was set.
    """

    name: str
    function: Callable[..., Any]
    parameters: dict[str, Number]

    def __call__(self, x: Any) -> Any:
        """Apply it."""
        return self.function(x, **self.parameters)

    def unset(self) -> list[str]:
        """Return the parameters that Keras has no default for and that are not set."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return [one.name for one in parameters if one.default is one.empty and one.name not in self.parameters]


def known() -> dict[str, Callable[..., Any]]:
    """Return the public activations of ``keras.activations`` by name, aliases too: its functions that take an x."""
    return {
        name: function
        for name, function in sorted(vars(keras.activations).items())
        if inspect.isfunction(function) and next(iter(inspect.signature(function).parameters), None) == "x"
    }


def chosen(request: Request) -> tuple[list[Activation], list[str]]:
    """Return the activations asked for with their parameters, and notes on what was asked by another name.

    Raises:
        UsageError: There is no such activation or parameter, or it is set twice, or not of the activations asked for.
    """
    functions = known()
    notes: list[str] = []
    asked = request.names or tuple(setting.activation for setting in request.settings)
    names = list(dict.fromkeys(_own_name(name, functions, notes) for name in asked))
    names = names or sorted({function.__name__ for function in functions.values()})
    parameters: dict[str, dict[str, Number]] = {name: {} for name in names}
    for setting in request.settings:
        name = _own_name(setting.activation, functions, notes)
        if name not in parameters:
            raise UsageError(
                f"{name}.{setting.parameter} is set, but {name} is not asked for", f"Asked for: {', '.join(names)}."
            )
        parameter = _parameter(name, functions[name], setting, notes)
        if parameter in parameters[name]:
            raise UsageError(f"{name}.{parameter} is set twice", "Set it once.")
        parameters[name][parameter] = setting.value
    return [Activation(name, functions[name], parameters[name]) for name in names], list(dict.fromkeys(notes))


def _own_name(name: str, functions: dict[str, Callable[..., Any]], notes: list[str]) -> str:
    if name not in functions:
        raise UsageError(f"there is no activation {name!r} in Keras {keras.__version__}", did_you_mean(name, functions))
    own = str(functions[name].__name__)
    if own != name:
        notes.append(f"{name} is another name of {own}.")
    return own


def _parameter(name: str, function: Callable[..., Any], setting: Setting, notes: list[str]) -> str:
    there = dict(list(inspect.signature(function).parameters.items())[1:])
    parameter = setting.parameter
    today = OLD_NAMES.get(parameter)
    if parameter not in there and today in there:
        notes.append(f"{name}'s {parameter} is named {today} in Keras 3: --set {name}.{today}={setting.value}")
        parameter = str(today)
    if parameter not in there:
        hint = did_you_mean(parameter, there) if there else f"{name} has none."
        raise UsageError(f"{name} has no parameter {parameter!r}", hint)
    if isinstance(there[parameter].default, bool) is not isinstance(setting.value, bool):
        expected = "true or false" if isinstance(there[parameter].default, bool) else "a number"
        raise UsageError(
            f"{name}.{parameter} should be {expected}, got {setting.value!r}", f"Keras's own: {there[parameter]}."
        )
    return parameter
