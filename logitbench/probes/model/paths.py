"""Which path a loss takes from a head's logits: the one function that tells it, for models, arms and bare losses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from logitbench.errors import first_line
from logitbench.formulas import BINARY, CATEGORICAL, Family, binary_focal, categorical_focal
from logitbench.heads import Activation, LossPath
from logitbench.probes import decision
from logitbench.probes.dead import dead_from
from logitbench.probes.execution import Floats, value_and_gradient
from logitbench.probes.model.configured import config_of, name_of
from logitbench.probes.model.records import LossReading

Forward = Callable[[Any], Any]
"""From one row of logits, [1, units], to a model's output for it."""

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
    refusals, others = [], []
    shift = _shift(loss, head.units)
    if shift is None:
        return LossReading(None, why="its ignore_class leaves but one class, and it takes two to tell a loss"), None
    for labels, target in _targets(head, loss):
        measured = _rolled(_measured(head, loss, target), shift)
        try:
            value, gradient = measured(*decision.rows(head.units))
        except Exception as error:
            refusals.append(f"{type(error).__name__}: {first_line(error)[:LONGEST]}")
            continue
        if found := _told(value, gradient, families, head.units, smoothing):
            path, through, name = found
            return LossReading(path, through, name, labels, broken_at=_broken_at(value, gradient)), measured
        others.append((LossReading(LossPath.OTHER, labels=labels, broken_at=_broken_at(value, gradient)), measured))
    if others:
        return others[0]
    return LossReading(None, why=f"the loss cannot be taken of one example: {'; or '.join(refusals)}"), None


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


def _broken_at(value: Floats, gradient: Floats) -> float | None:
    points = np.repeat(decision.POINTS, 2)[~decision.finite(value, gradient)]
    return min((float(point) for point in points), key=abs, default=None)


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
    """Return a setting; the usual one where it is none of Keras's, which a user's own function may call so."""
    return float(given) if isinstance(given, int | float) else usual


def _shift(loss: Any, units: int) -> int | None:
    """Return by how many units rows and labels go on, so that none of the labels 0 and 1 is one that is ignored."""
    ignored = config_of(loss).get("ignore_class")
    if not isinstance(ignored, int) or units == 1:
        return 0
    return next((shift for shift in range(units) if ignored not in {shift, (shift + 1) % units}), None)


def _rolled(measured: decision.Measured, shift: int) -> decision.Measured:
    def rolled(logits: Floats, targets: Floats) -> tuple[Floats, Floats]:
        value, gradient = measured(np.roll(logits, shift, axis=1), np.roll(targets, shift, axis=1))
        return value, np.roll(gradient, -shift, axis=1)

    return rolled if shift else measured


def _targets(head: Head, loss: Any) -> Iterator[tuple[str, Callable[[Floats], Any]]]:
    """Yield ways to give a row's label, [units], to a loss; where an output has more places, each has the label.

    The likelier comes first, for a head of many units takes long.
    """
    places = int(np.prod(head.shape)) // head.units

    def every_unit(row: Floats) -> Any:
        return np.tile(row, places).reshape(head.shape).astype("float32")

    def class_numbers(row: Floats) -> Any:
        return np.full(head.shape[:-1], row.argmax(), dtype="int32")

    ways: list[tuple[str, Callable[[Floats], Any]]] = [("numbers" if head.units == 1 else "one-hot", every_unit)]
    if head.units > 1 and head.shape[-1] == head.units:
        ways.append(("class numbers", class_numbers))
    yield from reversed(ways) if "sparse" in name_of(loss).lower() else ways


def _parts(head: Head, loss: Any) -> int:
    """Return of how many places the loss is the sum, by which Keras trains where a loss does not take their mean."""
    summed = getattr(loss, "reduction", "mean") in {"sum", "none", None}
    return int(np.prod(head.shape)) // head.units if summed else 1


def _measured(head: Head, loss: Any, target: Callable[[Floats], Any]) -> decision.Measured:
    # Keras's own way from a loss to one number, without the regularisers of a model, which are no part of that loss.
    bare = keras.Sequential(name="bare")
    bare.compile(optimizer=None, loss=loss)
    parts = _parts(head, loss)
    run = value_and_gradient(
        lambda row, label: bare.compute_loss(None, label, head.forward(row), training=True), head.execution, head.dtype
    )

    def measured(logits: Floats, targets: Floats) -> tuple[Floats, Floats]:
        """Measure rows one by one: a loss of the user's may do as it likes with a batch."""
        found = [run(row[None].astype("float32"), target(label)) for row, label in zip(logits, targets, strict=True)]
        values = np.array([float(np.sum(value)) for value, _ in found])
        return values / parts, np.concatenate([gradient for _, gradient in found]) / parts

    return measured
