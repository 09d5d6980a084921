"""``probe activations``: every activation of the installed Keras, in every precision."""

from __future__ import annotations

import keras
import numpy as np

from logitbench.errors import UsageError, first_line
from logitbench.probes.activation.choice import Activation, chosen
from logitbench.probes.activation.measures import Measure, acts_on_row, in_precision, places
from logitbench.probes.activation.records import AT, PRECISIONS, ActivationProbe, Found, InPrecision, Place, Request
from logitbench.probes.execution import Floats

CURVE = 256
"""Inputs of a curve."""


def probe(request: Request) -> Found:
    """Measure activations.

    Raises:
        UsageError: What is asked for is not there, or none of it can be measured.
    """
    activations, notes = chosen(request)
    probes = []
    refused: list[str] = []
    for activation in activations:
        found = _probe(activation, np.array(request.at), refused)
        probes += [found] if found else []
    if not probes:
        raise UsageError(refused[0], "Nothing else was asked for.")
    return Found(keras.config.backend(), keras.__version__, tuple(probes), (*notes, *refused))


def _probe(activation: Activation, at: Floats, refused: list[str]) -> ActivationProbe | None:
    """Measure an activation; what cannot be is left out, and why is added to what is refused."""
    unset = activation.unset()
    if unset:
        options = " ".join(f"--set {activation.name}.{parameter}=..." for parameter in unset)
        refused.append(f"{activation.name} is left out: Keras has no default for {' and '.join(unset)}; {options}")
        return None
    try:
        of_row = acts_on_row(activation)
        curve = _curve(activation, of_row, at)
    except Exception as error:  # whatever a function of Keras raises, at what it cannot do
        refused.append(f"{activation.name} is left out: {first_line(error)}")
        return None
    done: list[InPrecision] = []
    for precision in PRECISIONS:
        try:
            done.append(in_precision(activation, of_row, precision, at))
        except Exception as error:
            refused.append(f"{activation.name} is left out in {precision}: {first_line(error)}")
    return ActivationProbe(activation.name, activation.parameters, of_row, tuple(done), curve) if done else None


def _curve(activation: Activation, of_row: bool, at: Floats) -> tuple[Place, ...]:
    finite = at[np.isfinite(at)]
    low, high = (finite.min(), finite.max()) if np.ptp(finite) else (min(AT), max(AT))
    x = np.linspace(low, high, CURVE)
    return tuple(places(x, Measure(activation, of_row, "float32").along(x)))
