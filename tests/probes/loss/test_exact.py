from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf

from logitbench import formulas
from logitbench.probes.loss import exact

LOSSES: dict[str, tuple[exact.Formula, formulas.Family]] = {
    "binary": (exact.binary, formulas.BINARY),
    "categorical": (exact.categorical, formulas.CATEGORICAL),
    "binary focal": (exact.binary_focal(2.0), formulas.binary_focal(2.0)),
    "binary focal, gamma 0.5": (exact.binary_focal(0.5), formulas.binary_focal(0.5)),
    "categorical focal": (exact.categorical_focal(2.0, 0.25), formulas.categorical_focal(2.0, 0.25)),
}

logit = st.floats(-120, 120)


@st.composite
def rows(draw: st.DrawFn, units: int | None = None) -> tuple[list[float], list[float]]:
    """Logits, and targets of a class, smoothed or not; in float16, float32 or float64."""
    n = units or draw(st.integers(2, 7))
    dtype = draw(st.sampled_from(["float16", "float32", "float64"]))
    logits = np.array(draw(st.lists(logit, min_size=n, max_size=n))).astype(dtype).astype(np.float64)
    smoothing = draw(st.sampled_from([0.0, 0.1, 0.5]))
    targets = np.eye(n)[draw(st.integers(0, n - 1))] * (1 - smoothing) + smoothing / n
    return logits.tolist(), targets.tolist()


@pytest.mark.parametrize("name", LOSSES)
@given(st.data())
@settings(max_examples=60)
def test_the_exact_value_and_an_independent_float64_formula_agree(name: str, data: st.DataObject) -> None:
    reference, family = LOSSES[name]
    logits, targets = data.draw(rows())
    if "focal" in name:
        targets = [float(round(target)) for target in np.eye(len(targets))[int(np.argmax(targets))]]
    value, gradient = reference(logits, targets)
    found, slopes = family.of_logits(np.array([logits]), np.array([targets]))
    assert found[0] == pytest.approx(float(value), rel=1e-9, abs=1e-12)
    assert slopes[0] == pytest.approx([float(slope) for slope in gradient], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", LOSSES)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_the_gradient_is_the_numerical_derivative_of_the_value(name: str, data: st.DataObject) -> None:
    reference, _ = LOSSES[name]
    logits, targets = data.draw(rows())
    _, gradient = reference(logits, targets)
    place = data.draw(st.integers(0, len(logits) - 1))

    def moved(by: mpf) -> mpf:
        return reference([*logits[:place], mpf(logits[place]) + by, *logits[place + 1 :]], targets)[0]

    with mpmath.workdps(60):
        step = mpf(10) ** -15
        numerical = (moved(step) - moved(-step)) / (2 * step)
        assert abs(numerical - gradient[place]) < mpf(10) ** -25


@pytest.mark.parametrize(
    ("formula", "logits", "targets", "value"),
    [
        (exact.binary, [0.0], [1.0], mpmath.log(2)),
        (exact.binary, [100.0], [0.0], mpf(100)),
        (exact.binary, [100.0], [1.0], mpf("3.7200759760208359629596958038631183373588922923768e-44")),
        (exact.categorical, [0.0, 0.0, 0.0], [0.0, 1.0, 0.0], mpmath.log(3)),
    ],
)
def test_values_that_are_known(
    formula: Callable[..., exact.Exact], logits: list[float], targets: list[float], value: mpf
) -> None:
    assert abs(formula(logits, targets)[0] - value) <= abs(value) * mpf(10) ** -14
