"""``probe loss``: every loss, activation, ``from_logits``, precision, topology and execution."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from logitbench import formulas
from logitbench.formulas import Family
from logitbench.heads import Activation
from logitbench.probes import decision
from logitbench.probes.dead import dead_from, labelled
from logitbench.probes.execution import Floats, Losses, double_precision, value_and_gradient
from logitbench.probes.loss import exact, references
from logitbench.probes.loss.records import LossProbe, Point, Setting
from logitbench.probes.loss.settings import WHOLE
from logitbench.probes.loss.topologies import BUILDS
from logitbench.probes.loss.units import error, ulp

LOGITS = (0.0, 1.0, 8.0, 16.0, 17.0, 30.0, 88.0, 100.0)
"""At which a loss is shown, with either sign."""


@dataclass(frozen=True)
class Loss:
    """A loss.

    Args:
        family: What it computes.
        exact: The same to 50 digits.
        make: Makes it; None for a framework's own.
        sparse: Whether it takes class numbers.
    """

    family: Family
    exact: exact.Formula
    make: Any = None
    sparse: bool = False


LOSSES: dict[str, Loss] = {
    "binary": Loss(formulas.BINARY, exact.binary, keras.losses.BinaryCrossentropy),
    "categorical": Loss(formulas.CATEGORICAL, exact.categorical, keras.losses.CategoricalCrossentropy),
    "sparse": Loss(formulas.CATEGORICAL, exact.categorical, keras.losses.SparseCategoricalCrossentropy, sparse=True),
    "binary-focal": Loss(formulas.binary_focal(2), exact.binary_focal(2), keras.losses.BinaryFocalCrossentropy),
    "categorical-focal": Loss(
        formulas.categorical_focal(2, 0.25),
        exact.categorical_focal(2, 0.25),
        keras.losses.CategoricalFocalCrossentropy,
    ),
}


def loss_of(name: str) -> Loss:
    """Return one of Keras's losses, or a framework's own."""
    if name in LOSSES:
        return LOSSES[name]
    family = references.FAMILIES[name]
    reference = exact.binary if family is formulas.BINARY else exact.categorical
    return Loss(family, reference, sparse="sparse" in name or "integer" in name)


def probe(setting: Setting) -> LossProbe:
    """Measure a head and its loss."""
    loss = loss_of(setting.loss)
    units = units_of(setting, loss)
    with warnings.catch_warnings(record=True) as caught, precision(setting.policy):
        warnings.simplefilter("always")
        computed = Computed(setting, loss, units)
        value, gradient = computed(*decision.rows(units))
        path, through = decision.decide(value, gradient, loss.family, units, keras.config.epsilon())
        points = tuple(_points(computed, loss, units))
        wrong, right = (dead_from(computed, units, right=right) for right in (False, True))
    return LossProbe(
        backend=keras.config.backend(),
        version=computed.version,
        setting=setting,
        path=path,
        through=through,
        dtype=computed.dtype,
        points=points,
        wrong_dead_from=wrong,
        right_dead_from=right,
        largest=max((point.loss for point in points if np.isfinite(point.loss)), default=np.nan),
        warnings=tuple(dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, UserWarning))),
    )


def units_of(setting: Setting, loss: Loss) -> int:
    """Return how many units a head is probed with."""
    return 1 if loss.family.activation is Activation.SIGMOID and setting.activation != "softmax" else 3


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Set a precision for a while: one of ``settings.POLICIES``."""
    before, floatx = keras.config.dtype_policy(), keras.config.floatx()
    if policy in WHOLE:
        keras.config.set_floatx(policy)
    keras.config.set_dtype_policy(policy)
    try:
        with double_precision(policy == "float64"):
            yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(before)


class Computed:
    """What the backend computes for rows; all calls have the same shape, so that nothing is compiled twice."""

    SIZE = 64
    """Rows at a time; more than any measurement here has."""

    def __init__(self, setting: Setting, loss: Loss, units: int) -> None:
        self._sparse, self._units = loss.sparse, units
        self.dtype = ""
        function, self.version = losses(setting, loss, units)

        def noted(rows: Any, targets: Any) -> Any:
            values = function(rows, targets)
            self.dtype = keras.backend.standardize_dtype(values.dtype)
            return values

        given = "float64" if setting.policy == "float64" else "float32"
        self._run = value_and_gradient(noted, setting.execution, given)

    def __call__(self, logits: Floats, targets: Floats) -> tuple[Floats, Floats]:
        """Return losses [rows] and gradients by the logits [rows, units]."""
        padded = np.zeros((self.SIZE, self._units))
        padded[: len(logits)] = logits
        labels = np.zeros((self.SIZE, self._units), "float32")
        labels[:, 0] = 1
        labels[: len(logits)] = targets
        values, gradients = self._run(padded, labels.argmax(axis=1) if self._sparse else labels)
        return values[: len(logits)], gradients[: len(logits)]


def losses(setting: Setting, loss: Loss, units: int) -> tuple[Losses, str]:
    """Return what computes a setting's losses, from rows and targets to a loss a row; and whose version it is."""
    if loss.make is None:
        return references.function(setting.loss)
    inputs = keras.Input((units,), dtype="float64" if setting.policy == "float64" else "float32")
    model = keras.Model(inputs, BUILDS[setting.topology](inputs, setting.activation))
    function = loss.make(from_logits=setting.from_logits, reduction=None)
    return lambda x, y: function(y, model(x, training=True)), f"keras {keras.__version__}"


def _points(computed: Computed, loss: Loss, units: int) -> Iterator[Point]:
    signed = np.array(sorted({sign * logit + 0.0 for sign in (-1, 1) for logit in LOGITS}))  # no -0
    for right in (True, False):
        rows, targets = labelled(signed, units, right=right)
        values, gradients = computed(rows, targets)
        for row, target, value, slopes in zip(rows.tolist(), targets.tolist(), values, gradients, strict=True):
            true, true_slopes = loss.exact(row, target)
            off = error(float(value), true)
            yield Point(
                logit=row[0],
                right=right,
                loss=float(value),
                exact=float(true),
                relative_error=float(off / true) if true else float(off),
                ulps=float(off / ulp(true, computed.dtype)),
                gradient=float(slopes[0]),
                exact_gradient=float(true_slopes[0]),
            )
