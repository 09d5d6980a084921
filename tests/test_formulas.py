"""Every loss path against 50 digits of mpmath, which shares no formula with the code it judges; and every gradient
against differences of its own value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from scipy import special

from logitbench.formulas import BINARY, CATEGORICAL, Family, Floats, ValueAndGradient, binary_focal, categorical_focal
from logitbench.heads import Activation, LossPath

EPSILON = 1e-7
PATHS = {
    family.activation: [
        (path, formula) for path, through, formula in family.formulas() if through in (None, family.activation)
    ]
    for family in (BINARY, CATEGORICAL)
}
FAMILIES = {
    "binary": BINARY,
    "categorical": CATEGORICAL,
    "binary focal": binary_focal(2.0),
    "binary focal, weighted": binary_focal(1.5, 0.25),
    "categorical focal": categorical_focal(2.0, 0.25),
}
EXTREMES = (0.0, 1.0, 8.0, 16.0, 17.0, 30.0, 88.0, 100.0, 1e4)
SIGNED = sorted({sign * z for sign in (-1.0, 1.0) for z in EXTREMES})
PROBABILITIES = (0.01, 0.25, 0.5, 0.9, 0.99)
"""Inside the clip, where a logit read as a probability still has a gradient."""

VALUES = partial(pytest.approx, rel=2e-9, abs=0.0)
"""1 - 1e-7 in float64 is 1e-9 of 1e-7 away from what it should be; nothing else is as coarse."""
GRADIENTS = partial(pytest.approx, rel=2e-9, abs=1e-15)
"""p - y cancels where p is nearly y: right to the last bits of 1, not of the difference."""

Reference = Callable[[Sequence[mpf], int], mpf]
mpmath.mp.dps = 50


def log_of(p: mpf) -> mpf:
    """Log of a probability clipped as Keras clips it."""
    return mpmath.log(clip(p))


def clip(p: mpf) -> mpf:
    return min(max(p, mpf(EPSILON)), 1 - mpf(EPSILON))


def sigmoid(z: mpf) -> mpf:
    return 1 / (1 + mpmath.exp(-z))


def softmax(z: Sequence[mpf]) -> list[mpf]:
    powers = [mpmath.exp(one - max(z)) for one in z]
    return [power / mpmath.fsum(powers) for power in powers]


def sigmoid_fused(z: Sequence[mpf], y: int) -> mpf:
    return mpmath.log1p(mpmath.exp(-z[0] if y else z[0]))


def of_probability(q: Sequence[mpf], y: int) -> mpf:
    return -log_of(q[0]) if y else -mpmath.log(1 - clip(q[0]))


def softmax_fused(z: Sequence[mpf], y: int) -> mpf:
    return mpmath.log1p(mpmath.fsum(mpmath.exp(other - z[y]) for i, other in enumerate(z) if i != y))


def divided_then_clipped(z: Sequence[mpf], y: int) -> mpf:
    return -log_of(z[y] / mpmath.fsum(z))


def clipped_then_divided(z: Sequence[mpf], y: int) -> mpf:
    return -mpmath.log(clip(z[y]) / mpmath.fsum(map(clip, z)))


SIGMOID: list[tuple[LossPath, Reference]] = [
    (LossPath.FUSED, sigmoid_fused),
    (LossPath.CLIPPED, lambda z, y: of_probability([sigmoid(z[0])], y)),
    (LossPath.DOUBLE, lambda z, y: sigmoid_fused([sigmoid(z[0])], y)),
    (LossPath.RAW, of_probability),
]
SOFTMAX: list[tuple[LossPath, Reference]] = [
    (LossPath.FUSED, softmax_fused),
    (LossPath.CLIPPED, lambda z, y: divided_then_clipped(softmax(z), y)),
    (LossPath.CLIPPED, lambda z, y: clipped_then_divided(softmax(z), y)),
    (LossPath.DOUBLE, lambda z, y: softmax_fused(softmax(z), y)),
    (LossPath.RAW, divided_then_clipped),
    (LossPath.RAW, clipped_then_divided),
]


def replaced(z: Sequence[mpf], unit: int, t: mpf) -> list[mpf]:
    return [*z[:unit], t, *z[unit + 1 :]]


def derivative(reference: Reference, z: Sequence[mpf], y: int, unit: int) -> mpf:
    """Numerical, at 50 digits: a central difference over 1e-20 is good to 1e-29 or so."""
    step = mpf(10) ** -20
    ahead = reference(replaced(z, unit, z[unit] + step), y)
    behind = reference(replaced(z, unit, z[unit] - step), y)
    return (ahead - behind) / (2 * step)


def of(activation: Activation, path: int, logits: Sequence[float], y: int) -> ValueAndGradient:
    targets = [[float(y)]] if len(logits) == 1 else np.eye(len(logits))[[y]]
    return PATHS[activation][path][1](np.array([logits]), np.asarray(targets), EPSILON)


def agrees(activation: Activation, path: int, logits: Sequence[float], y: int) -> None:
    _, reference = (SIGMOID if activation is Activation.SIGMOID else SOFTMAX)[path]
    z = [mpf(one) for one in logits]
    value, gradient = of(activation, path, logits, y)
    assert value.shape == (1,)
    assert gradient.shape == (1, len(logits))
    assert value[0] == VALUES(float(reference(z, y)))
    expected = [float(derivative(reference, z, y, unit)) for unit in range(len(z))]
    assert gradient[0].tolist() == GRADIENTS(expected)


def spread(classes: int, turn: int) -> list[float]:
    """A row of logits in which every extreme stands beside others; no two rows are the same."""
    return [SIGNED[(turn + 5 * unit) % len(SIGNED)] for unit in range(classes)]


@pytest.mark.parametrize("path", range(len(SIGMOID)))
def test_every_path_of_sigmoid_is_exact_at_the_extremes(path: int) -> None:
    points = SIGNED if path != 3 else [*PROBABILITIES, *(z for z in SIGNED if z not in (0.0, 1.0)), -0.5, 1.5]
    for z, y in product(points, (0, 1)):
        agrees(Activation.SIGMOID, path, [z], y)


@pytest.mark.parametrize("path", [0, 1, 2, 3])
@pytest.mark.parametrize("classes", [2, 3, 10, 20])
def test_every_path_of_softmax_is_exact_at_the_extremes(path: int, classes: int) -> None:
    for turn in range(0, len(SIGNED), 1 if classes < 10 else 4):
        for y in range(min(classes, 4)):
            agrees(Activation.SOFTMAX, path, spread(classes, turn), y)


@pytest.mark.parametrize("path", [4, 5])
@pytest.mark.parametrize("classes", [2, 3, 10, 20])
def test_logits_read_as_class_probabilities_are_exact_in_and_out_of_the_clip(path: int, classes: int) -> None:
    inside = [(1 + unit) / (classes + 2) for unit in range(classes)]
    outside = [-3.0, 2.5, *inside[2:]]
    for row, y in product((inside, outside, outside[::-1]), range(min(classes, 4))):
        agrees(Activation.SOFTMAX, path, row, y)


def test_no_path_has_been_left_without_a_reference() -> None:
    for activation, references in ((Activation.SIGMOID, SIGMOID), (Activation.SOFTMAX, SOFTMAX)):
        assert [path for path, _ in PATHS[activation]] == [path for path, _ in references]


fixed = partial(settings, derandomize=True, deadline=None, database=None)


@fixed(max_examples=200)
@given(st.floats(-50, 50), st.integers(0, 1), st.sampled_from((0, 1, 2)))
def test_the_gradient_of_any_logit_is_exact(z: float, y: int, path: int) -> None:
    if abs(abs(z) - 16.118) > 0.01:  # at the edge of the clip there is no derivative
        agrees(Activation.SIGMOID, path, [z], y)


@fixed(max_examples=100)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20), st.data())
def test_two_classes_or_twenty_give_a_gradient_that_sums_to_zero(row: list[float], data: st.DataObject) -> None:
    y = data.draw(st.integers(0, len(row) - 1))
    _, gradient = of(Activation.SOFTMAX, 0, row, y)
    assert gradient.sum() == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("z", [17.0, 30.0, 88.0, 100.0, 1e4])
@pytest.mark.parametrize("y", [0, 1])
def test_past_the_clip_the_gradient_is_exactly_zero_and_never_before_it(z: float, y: int) -> None:
    wrong = z if y == 0 else -z
    inside = np.sign(wrong) * 16.0
    for pair, near in (([wrong], [inside]), ([0.0, wrong], [0.0, inside])):
        activation = Activation.SIGMOID if len(pair) == 1 else Activation.SOFTMAX
        assert np.all(of(activation, 1, pair, y)[1] == 0)
        assert np.all(np.abs(of(activation, 1, near, y)[1]) > 0.99)


def nine_wrong() -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Nine logits from -100 to 100 in steps of 25, every label wrong; the middle one, 0, is read as class 1."""
    logits = np.linspace(-100.0, 100.0, 9)
    return logits[:, None], (logits < 0).astype(np.int64)


@pytest.mark.parametrize(
    ("path", "float32", "above"),
    [
        (LossPath.FUSED, 55.6326, 0.0),
        (LossPath.DOUBLE, 0.99997, 0.0),
        # For y = 0 float32 has 1 - epsilon = 1 - 2^-23, so the cap of four of the nine is log(2^-23 / 1e-7) lower.
        (LossPath.CLIPPED, 14.3261, 4 / 9 * np.log(2.0**-23 / EPSILON)),
        (LossPath.RAW, 14.2491, 4 / 9 * np.log(2.0**-23 / EPSILON)),
    ],
)
def test_nine_wrong_logits_give_the_published_loss_of_each_path(path: LossPath, float32: float, above: float) -> None:
    logits, labels = nine_wrong()
    value, _ = dict(PATHS[Activation.SIGMOID])[path](logits, labels[:, None].astype(np.float64), EPSILON)
    assert value.mean() == pytest.approx(float32 + above, abs=6e-5)


@pytest.mark.parametrize("name", FAMILIES)
@given(seed=st.integers(0, 2**32), units=st.integers(2, 5), smoothing=st.sampled_from([0.0, 0.1]))
def test_a_gradient_is_what_the_value_changes_by(name: str, seed: int, units: int, smoothing: float) -> None:
    rng = np.random.default_rng(seed)
    z = rng.uniform(0.05, 0.95, size=(4, units))  # inside the clip, where a logit may be read as a probability
    t = np.eye(units)[rng.integers(units, size=4)] * (1 - smoothing) + smoothing / units
    for path, activation, formula in FAMILIES[name].formulas():
        _, gradient = formula(z, t, EPSILON)
        for unit in range(units):
            step = np.eye(units)[unit] * 1e-6
            slope = (formula(z + step, t, EPSILON)[0] - formula(z - step, t, EPSILON)[0]) / 2e-6
            assert gradient[:, unit] == pytest.approx(slope, rel=1e-5, abs=1e-7), (path, activation)


@pytest.mark.parametrize("name", FAMILIES)
def test_inside_the_clip_its_own_activation_makes_clipped_and_fused_the_same(name: str) -> None:
    family: Family = FAMILIES[name]
    z = np.random.default_rng(0).normal(size=(20, 3)) * 3
    t = np.eye(3)[np.arange(20) % 3]
    by_path = {
        (path, activation): formula(z, t, EPSILON)
        for path, activation, formula in family.formulas()
        if path in {LossPath.FUSED, LossPath.CLIPPED}
    }
    fused, clipped = by_path[LossPath.FUSED, None], by_path[LossPath.CLIPPED, family.activation]
    assert clipped[0] == pytest.approx(fused[0], rel=1e-9)
    assert clipped[1] == pytest.approx(fused[1], rel=1e-9, abs=1e-12)


def test_fused_cross_entropies_are_scipys() -> None:
    z = np.random.default_rng(0).normal(size=(20, 3)) * 30
    t = np.eye(3)[np.arange(20) % 3]
    assert CATEGORICAL.of_logits(z, t)[0] == pytest.approx(-(t * special.log_softmax(z, axis=1)).sum(axis=1))
    binary = -(t * special.log_expit(z) + (1 - t) * special.log_expit(-z)).mean(axis=1)
    assert BINARY.of_logits(z, t)[0] == pytest.approx(binary)


def test_past_the_clip_a_clipped_loss_has_no_gradient_and_a_fused_one_has() -> None:
    z, t = np.array([[30.0]]), np.array([[0.0]])
    for path, _, formula in list(BINARY.formulas())[:2]:
        value, gradient = formula(z, t, EPSILON)
        assert (gradient[0, 0] == 0) == (path is LossPath.CLIPPED)
        assert value[0] == pytest.approx(30.0 if path is LossPath.FUSED else -np.log(EPSILON))
