"""The labels that a loss is measured with: their form, and classes that it does not mask."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitbench.probes import decision
from logitbench.probes.decision import Floats, Measured
from logitbench.probes.model.configured import config_of, name_of

Target = Callable[[Floats], Any]
"""From one row's label, [units], to what the loss is given for it."""

MOST_SHIFTS = 3
"""How many pairs of classes are tried: {0, 1}, {1, 2}, {2, 3}, which allows for a mask of 0, of 1 and of both."""


def forms(shape: tuple[int, ...], units: int, loss: Any) -> Iterator[tuple[str, Target]]:
    """Yield ways to give a label to a loss; where an output has more places, each has the label.

    The likelier comes first, for a head of many units takes long.

    Args:
        shape: Of the model's output for one example: [1, ...].
        units: Of the head.
        loss: As ``compile`` takes it.
    """
    places = int(np.prod(shape)) // units

    def every_unit(row: Floats) -> Any:
        return np.tile(row, places).reshape(shape).astype("float32")

    def class_numbers(row: Floats) -> Any:
        return np.full(shape[:-1], row.argmax(), dtype="int32")

    def in_a_column(row: Floats) -> Any:
        return class_numbers(row)[..., None]

    ways: list[tuple[str, Target]] = [("numbers" if units == 1 else "one-hot", every_unit)]
    if units > 1 and shape[-1] == units:
        ways.append(("class numbers", class_numbers))
    yield from reversed(ways) if "sparse" in name_of(loss).lower() else ways
    if len(ways) > 1 and not is_of_keras(loss):
        yield "class numbers", in_a_column  # [examples, 1], of which a loss of the user's may take the first column


def is_of_keras(loss: Any) -> bool:
    """Return whether a loss is one of Keras's own, which is known to take each example by itself."""
    kind = loss if inspect.isfunction(loss) else type(loss)
    return isinstance(loss, str) or kind.__module__.startswith("keras.")


def shifts(loss: Any, units: int) -> list[int]:
    """Return by how many units to roll rows and labels, so that the classes 0 and 1 become others; 0 comes first.

    A loss may mask a class without a word, most often 0, which pads. A known ``ignore_class`` is left out.
    """
    if units == 1:
        return [0]
    ignored = config_of(loss).get("ignore_class")
    free = [shift for shift in range(units) if ignored not in {shift, (shift + 1) % units}]
    return free[:MOST_SHIFTS]


def usable(measured: Measured, units: int, by: list[int]) -> tuple[int, Floats, Floats]:
    """Return a shift to two classes that the loss does not mask, with its value and gradient at ``rows(units)``.

    A masked class gives no number where the loss divides by the sum of its mask, and else neither loss nor gradient.
    Where every pair has such a class, the first pair that gives numbers is returned, or the first pair.

    Args:
        measured: The loss.
        units: Of the head.
        by: The shifts to try.
    """
    tried = []
    for shift in by:
        value, gradient = rolled(measured, shift)(*decision.rows(units))
        if both_give_numbers(value, gradient) and _both_teach(value, gradient):
            return shift, value, gradient
        tried.append((shift, value, gradient))
    return min(tried, key=lambda one: not both_give_numbers(*one[1:]))


def both_give_numbers(value: Floats, gradient: Floats) -> bool:
    """Return whether each of the two labels gives a number at some logit."""
    return _at_some_logit(decision.finite(value, gradient))


def _both_teach(value: Floats, gradient: Floats) -> bool:
    return _at_some_logit((value != 0) | (gradient != 0).any(axis=1))


def _at_some_logit(rows: NDArray[np.bool_]) -> bool:
    return bool(rows.reshape(-1, 2).any(axis=0).all())


def rolled(measured: Measured, shift: int) -> Measured:
    """Return a measurement of other classes: rows and labels are rolled by so many units, and its gradients back."""

    def of_others(logits: Floats, targets: Floats) -> tuple[Floats, Floats]:
        value, gradient = measured(np.roll(logits, shift, axis=1), np.roll(targets, shift, axis=1))
        return value, np.roll(gradient, -shift, axis=1)

    return of_others if shift else measured
