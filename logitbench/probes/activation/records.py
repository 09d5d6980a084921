"""What ``probe activations`` is asked and what it finds: plain records, which need no Keras."""

from __future__ import annotations

import math
from dataclasses import dataclass

from logitbench.errors import UsageError

PRECISIONS = ("bfloat16", "float16", "float32", "float64")

AT = (-5.0, -3.0, -1.0, 1.0, 3.0, 5.0)
"""Where activations are shown if nothing else is asked."""

WIDE = 100.0
"""The least and the greatest value are looked for within ± this, in steps of 0.01."""

FAR = 10_000.0
"""Where an activation is shown far out, with either sign."""

Number = float | int | bool | None


@dataclass(frozen=True)
class Setting:
    """A parameter of an activation.

    Args:
        activation: Its name.
        parameter: The parameter's name, as asked.
        value: What it is set to.
    """

    activation: str
    parameter: str
    value: Number


@dataclass(frozen=True)
class Request:
    """What to measure.

    Args:
        names: Activations; none means those of the settings, and all where there is no setting either.
        settings: Their parameters.
        at: Where to show them.
    """

    names: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    at: tuple[float, ...] = AT


@dataclass(frozen=True)
class Place:
    """An activation at one input.

    Args:
        x: The input, before it is rounded to the precision.
        value: As computed; may be infinite or NaN.
        derivative: Of this value by this input, as the backend's autodiff has it.
    """

    x: float
    value: float
    derivative: float


@dataclass(frozen=True)
class Stretch:
    """A stretch of inputs over which a number does not change, to the last bit.

    Args:
        what: ``value`` or ``gradient``.
        number: What it is there; a gradient is 0, infinite or NaN, others are not looked for.
        low: The least input of the stretch; -inf where it begins with the least finite float.
        high: The greatest; inf where it ends with the greatest finite float.
        met: Where the number comes and goes before it stays, the first input on the way out that has it, within a
            power of 2, good to 1 part in 10,000.
    """

    what: str
    number: float
    low: float
    high: float
    met: float | None = None


@dataclass(frozen=True)
class InPrecision:
    """An activation in one precision.

    Args:
        precision: One of ``PRECISIONS``.
        places: Where it was asked for, in that order.
        least: Where its value is least within ±``WIDE``.
        greatest: Where it is greatest.
        far: At -``FAR`` and ``FAR``.
        stretches: Where it saturates and where its gradient dies.
    """

    precision: str
    places: tuple[Place, ...]
    least: Place
    greatest: Place
    far: tuple[Place, Place]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class ActivationProbe:
    """What an activation computes.

    Args:
        name: Its name in ``keras.activations``.
        parameters: What was set; all others are Keras's.
        of_row: Whether a value depends on its whole row. Then the places are the entries of one row, and for all else
            the row is two entries, x and 0.
        precisions: In each precision that the backend computes it in.
        curve: In float32, over the places asked for and between them, to draw.
    """

    name: str
    parameters: dict[str, Number]
    of_row: bool
    precisions: tuple[InPrecision, ...]
    curve: tuple[Place, ...]


@dataclass(frozen=True)
class Found:
    """What was found.

    Args:
        backend: Keras's.
        keras: Its version.
        probes: An activation each.
        notes: What was asked by another name, and what could not be measured, with why.
    """

    backend: str
    keras: str
    probes: tuple[ActivationProbe, ...]
    notes: tuple[str, ...]


def setting(text: str) -> Setting:
    """Read ``NAME.PARAMETER=VALUE``, where the value is a number, true, false or none.

    Raises:
        UsageError: It is not of that form.
    """
    target, equals, value = text.partition("=")
    activation, dot, parameter = target.strip().partition(".")
    if not (equals and dot and activation and parameter):
        raise UsageError(
            f"a parameter is set by NAME.PARAMETER=VALUE, got {text!r}", "Example: --set relu.negative_slope=2"
        )
    return Setting(activation, parameter, _number(value.strip(), text))


def _number(value: str, text: str) -> Number:
    words: dict[str, Number] = {"true": True, "false": False, "none": None}
    if value.lower() in words:
        return words[value.lower()]
    for read in (int, float):
        try:
            return read(value)
        except ValueError:
            continue
    raise UsageError(
        f"a parameter's value is a number, true, false or none, got {text!r}", "Example: --set relu.max_value=6"
    )


def inputs(text: str) -> tuple[float, ...]:
    """Read numbers with commas between.

    Raises:
        UsageError: One is no number.
    """
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or any(map(math.isnan, numbers)):
        raise UsageError(f"inputs are numbers with commas between, got {text!r}", "Example: --at=-5,-1,0,1,5") from None
    return numbers
