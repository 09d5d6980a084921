"""Which path a loss takes from a head's logits: the one function that tells it, for models, arms and bare losses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from logitbench.errors import first_line
from logitbench.formulas import BINARY, CATEGORICAL, Family, binary_focal, categorical_focal
from logitbench.heads import Activation, LossPath
from logitbench.probes import decision
from logitbench.probes.dead import dead_from
from logitbench.probes.execution import Floats, value_and_gradient
from logitbench.probes.model import labels
from logitbench.probes.model.configured import config_of
from logitbench.probes.model.records import LossReading

Forward = Callable[[Any], Any]
"""From rows of logits, [examples, units], to a model's output for them."""

NO_NUMBER = "a label gives no number at any logit, as where a mask leaves nothing to divide by"
"""Why a loss is not measured."""

PAIR = 2
"""Examples that are measured together."""

NEAR = 0.5
"""Up to which logit, in absolute value, an example is used to measure another beside it."""

LONGEST = 200
"""Characters of another's error that are shown."""


@dataclass(frozen=True)
class Head:
    """What leads from logits to a model's output.

    Args:
        forward: Computes the output, of the model's own layers.
        units: Number of logits.
        shape: Of the output, for one example: [1, ...].
        dtype: Of the logits.
        execution: How the model is trained: ``eager``, ``graph`` or ``jit``.
    """

    forward: Forward
    units: int
    shape: tuple[int, ...]
    dtype: str
    execution: str


def read_loss(head: Head, loss: Any) -> LossReading:
    """Measure a loss on a head, with every kind of label that it takes, against every path of every family.

    Args:
        head: The head.
        loss: As ``compile`` takes it: a name, a function or a ``keras.losses.Loss``.
    """
    reading, measured = _read(head, loss)
    return reading if measured is None else replace(reading, dead_from=dead_from(measured, head.units, right=False))


def read_path(head: Head, loss: Any) -> LossPath:
    """Return the path alone, in less time; ``other`` for what cannot be measured."""
    return _read(head, loss)[0].path or LossPath.OTHER


def _read(head: Head, loss: Any) -> tuple[LossReading, decision.Measured | None]:
    # The cross-entropy of a softmax of one unit is 0 on every path, and tells none from another.
    families = [one for one in _families(loss) if head.units > 1 or one[1].activation is Activation.SIGMOID]
    smoothing = _number(config_of(loss).get("label_smoothing"), 0.0)
    shifts = labels.shifts(loss, head.units)
    if not shifts:
        return LossReading(None, why="its ignore_class leaves but one class, and it takes two to tell a loss"), None
    refusals, others = [], []
    for form, target in labels.forms(head.shape, head.units, loss):
        measured = _measured(head, loss, target)
        try:
            shift, value, gradient = labels.usable(measured, head.units, shifts)
        except Exception as error:
            refusals.append(f"it raised {type(error).__name__}: {first_line(error)[:LONGEST]}")
            continue
        if not labels.both_give_numbers(value, gradient):
            refusals.append(NO_NUMBER)
            continue
        measured = labels.rolled(measured, shift)
        path, through, name = _told(value, gradient, families, head.units, smoothing) or (LossPath.OTHER, None, None)
        reading = LossReading(path, through, name, form)
        spoiled = ~decision.finite(value, gradient)
        if spoiled.any():
            pairs = None if labels.is_of_keras(loss) else labels.rolled(_measured(head, loss, target, PAIR), shift)
            reading = replace(reading, broken_at=_broken_at(spoiled, head.units, pairs))
        if name:
            return reading, measured
        others.append((reading, measured))
    if others:  # a loss that gets labels of a form that it does not expect may give no number
        return min(others, key=lambda one: one[0].broken_at is not None)
    why = "; or ".join(dict.fromkeys(refusals))
    return LossReading(None, why=f"the loss of a single example could not be measured: {why}"), None


def _told(
    value: Floats, gradient: Floats, families: list[tuple[str, Family]], units: int, smoothing: float
) -> tuple[LossPath, Activation | None, str] | None:
    """Return path, activation and family; of families that agree, one that the activation belongs to comes first."""
    found = []
    for name, family in families:
        path, through = decision.decide(value, gradient, family, units, keras.config.epsilon(), smoothing)
        if path is not LossPath.OTHER:
            # Of two classes, a softmax's binary and categorical cross-entropies are one and the same.
            if through in {None, family.activation}:
                return path, through, name
            found.append((path, through, name))
    return found[0] if found else None


def _broken_at(spoiled: NDArray[np.bool_], units: int, pairs: decision.Measured | None) -> float | None:
    """Return the least of the logits at which the loss is no number.

    Args:
        spoiled: At which of ``rows(units)`` the loss of a single example is no number.
        units: Of the head.
        pairs: The loss of two examples; a logit counts where the loss is no number beside others too. A loss of the
            user's may divide by a count in the batch. None where the loss is known to take each example by itself.
    """
    logits, targets = decision.rows(units)
    beside = [row for row in np.flatnonzero(~spoiled) if abs(logits[row, 0]) <= NEAR]

    def is_spoiled_with(row: Any, other: Any) -> bool:
        both = [row, other]
        try:
            return not decision.finite(*pairs(logits[both], targets[both])).all()  # type: ignore[misc]
        except Exception:  # a model may be built for a batch of one; then nothing is said of it
            return False

    for row in sorted(np.flatnonzero(spoiled), key=lambda row: abs(logits[row, 0])):
        if pairs is None or all(is_spoiled_with(row, other) for other in beside):
            return float(logits[row, 0])
    return None


def _families(loss: Any) -> Iterator[tuple[str, Family]]:
    config = config_of(loss)
    gamma = _number(config.get("gamma"), 2.0)
    alpha = config.get("alpha", 0.25)
    balanced = _number(alpha, 0.25) if config.get("apply_class_balancing") else None
    yield "binary cross-entropy", BINARY
    yield "categorical cross-entropy", CATEGORICAL
    yield "binary focal cross-entropy", binary_focal(gamma, balanced)
    if isinstance(alpha, int | float):
        yield "categorical focal cross-entropy", categorical_focal(gamma, float(alpha))


def _number(given: Any, usual: float) -> float:
    """Return a setting, or its default where it is no number: in a user's function the name may mean something else."""
    return float(given) if isinstance(given, int | float) else usual


def _parts(head: Head, loss: Any) -> int:
    """Return of how many places the loss is the sum, by which Keras trains where a loss does not take their mean."""
    summed = getattr(loss, "reduction", "mean") in {"sum", "none", None}
    return int(np.prod(head.shape)) // head.units if summed else 1


def _measured(head: Head, loss: Any, target: labels.Target, size: int = 1) -> decision.Measured:
    # Keras's own way from a loss to one number, without the regularisers of a model, which are no part of that loss.
    bare = keras.Sequential(name="bare")
    bare.compile(optimizer=None, loss=loss)
    parts = _parts(head, loss)
    run = value_and_gradient(
        lambda row, label: bare.compute_loss(None, label, head.forward(row), training=True), head.execution, head.dtype
    )

    def measured(logits: Floats, targets: Floats) -> tuple[Floats, Floats]:
        """Measure ``size`` rows at a time, one by default: a user's loss may combine the examples of a batch."""
        found = [
            run(logits[at : at + size].astype("float32"), np.concatenate([*map(target, targets[at : at + size])]))
            for at in range(0, len(logits), size)
        ]
        values = np.repeat([float(np.sum(value)) for value, _ in found], size)
        return values / parts, np.concatenate([gradient for _, gradient in found]) / parts

    return measured
