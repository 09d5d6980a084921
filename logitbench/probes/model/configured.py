"""What losses and metrics say of themselves, by ``get_config`` and by signatures: what is printed, never the path."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import keras


def config_of(thing: Any) -> dict[str, Any]:
    """Return the settings of a loss or metric, given as ``compile`` takes it; empty where it does not tell them."""
    if isinstance(thing, str):
        thing = _named(thing)
    if isinstance(thing, functools.partial):
        return {**config_of(thing.func), **thing.keywords}
    if hasattr(thing, "get_config"):
        try:
            return dict(thing.get_config())
        except Exception:  # a user's own class may not have what Keras wants of it; then it does not tell
            return {}
    if callable(thing):
        return defaults_of(thing)
    return {}


def from_logits_of(loss: Any) -> bool | None:
    """Return what a loss was told of ``from_logits``; None where it does not say."""
    found = config_of(loss).get("from_logits")
    return bool(found) if found is not None else None


def name_of(thing: Any) -> str:
    """Return what to call a loss, a metric or an activation."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, functools.partial):
        return name_of(thing.func)
    return str(getattr(thing, "__name__", None) or type(thing).__name__)


def defaults_of(function: Any) -> dict[str, Any]:
    """Return the parameters of a function that have defaults, with these."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}


def metrics_of(model: Any, outputs: list[str]) -> list[list[tuple[Any, bool]]]:
    """Return the metrics of each output, as ``compile`` was given them, each with whether it is a weighted one."""
    asked = getattr(model, "_compile_metrics", None)
    found: list[list[tuple[Any, bool]]] = [[] for _ in outputs]
    for attribute, weighted in (("_user_metrics", False), ("_user_weighted_metrics", True)):
        metrics = getattr(asked, attribute, None)
        for place, name in enumerate(outputs):
            of_one = keras.tree.flatten(of_output(metrics, place, name, len(outputs)) or [])
            found[place] += [(metric, weighted) for metric in of_one]
    return found


def of_output(given: Any, place: int, name: str, outputs: int) -> Any:
    """Return what ``compile`` was given for one output, of a loss or metrics given for all."""
    if isinstance(given, dict):
        return given.get(name)
    if isinstance(given, list | tuple):
        if outputs == 1:
            return given[0] if len(given) == 1 else given
        return given[place] if len(given) == outputs else None
    return given


def kind_of(thing: Any) -> str:
    """Return the class of a loss or metric as it is written in Python, or its function's name."""
    if isinstance(thing, str) or not hasattr(thing, "get_config"):
        return name_of(thing)
    if type(thing).__name__ in {"MeanMetricWrapper", "LossFunctionWrapper"}:
        return name_of(getattr(thing, "_fn", None) or getattr(thing, "fn", thing))
    if type(thing).__module__.startswith("keras."):
        return f"keras.{'losses' if isinstance(thing, keras.losses.Loss) else 'metrics'}.{type(thing).__name__}"
    return type(thing).__name__


def as_code(thing: Any, config: dict[str, Any]) -> str:
    """Return the Python that makes a loss or metric with these settings; those that it has unasked are left out."""
    usual = defaults_of(type(thing).__init__)
    kept = {key: value for key, value in config.items() if key != "dtype" and usual.get(key, usual) != value}
    name = str(kept.get("name")).replace("_", "")
    if usual.get("name", "") is None:  # then Keras numbers the names that nobody chose: auc, auc_1
        name = name.rstrip("0123456789")
    if name == type(thing).__name__.lower():
        del kept["name"]
    kept = {key: kept[key] for key in sorted(kept, key="name".__eq__)}
    written = (f'{key}="{value}"' if isinstance(value, str) else f"{key}={value!r}" for key, value in kept.items())
    return f"{kind_of(thing)}({', '.join(written)})"


def _named(name: str) -> Any:
    try:
        return keras.losses.get(name)
    except ValueError:  # "crossentropy", which Keras makes out by shapes; its three have the same settings
        return keras.losses.binary_crossentropy
