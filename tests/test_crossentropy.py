"""Every loss path against 50 digits of mpmath, which shares no formula with the code it judges."""

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

from logitbench.crossentropy import PATHS, Floats, nll
from logitbench.heads import Activation, LossPath

EPSILON = 1e-7
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


SIGMOID: dict[int, Reference] = {
    0: sigmoid_fused,
    1: lambda z, y: of_probability([sigmoid(z[0])], y),
    2: lambda z, y: sigmoid_fused([sigmoid(z[0])], y),
    3: of_probability,
}
SOFTMAX: dict[int, Reference] = {
    0: softmax_fused,
    1: lambda z, y: -log_of(softmax(z)[y]),
    2: lambda z, y: softmax_fused(softmax(z), y),
    3: divided_then_clipped,
    4: clipped_then_divided,
}


def replaced(z: Sequence[mpf], unit: int, t: mpf) -> list[mpf]:
    return [*z[:unit], t, *z[unit + 1 :]]


def derivative(reference: Reference, z: Sequence[mpf], y: int, unit: int) -> mpf:
    """Numerical, at 50 digits: a central difference over 1e-20 is good to 1e-29 or so."""
    step = mpf(10) ** -20
    ahead = reference(replaced(z, unit, z[unit] + step), y)
    behind = reference(replaced(z, unit, z[unit] - step), y)
    return (ahead - behind) / (2 * step)


def agrees(activation: Activation, path: int, logits: Sequence[float], y: int) -> None:
    reference = (SIGMOID if activation is Activation.SIGMOID else SOFTMAX)[path]
    z = [mpf(one) for one in logits]
    value, gradient = PATHS[activation][path][1](np.array([logits]), np.array([y]), EPSILON)
    assert value.shape == (1,)
    assert gradient.shape == (1, len(logits))
    assert value[0] == VALUES(float(reference(z, y)))
    expected = [float(derivative(reference, z, y, unit)) for unit in range(len(z))]
    assert gradient[0].tolist() == GRADIENTS(expected)


def spread(classes: int, turn: int) -> list[float]:
    """A row of logits in which every extreme stands beside others; no two rows are the same."""
    return [SIGNED[(turn + 5 * unit) % len(SIGNED)] for unit in range(classes)]


@pytest.mark.parametrize("path", SIGMOID)
def test_every_path_of_sigmoid_is_exact_at_the_extremes(path: int) -> None:
    points = SIGNED if path != 3 else [*PROBABILITIES, *(z for z in SIGNED if z not in (0.0, 1.0)), -0.5, 1.5]
    for z, y in product(points, (0, 1)):
        agrees(Activation.SIGMOID, path, [z], y)


@pytest.mark.parametrize("path", [0, 1, 2])
@pytest.mark.parametrize("classes", [2, 3, 10, 20])
def test_every_path_of_softmax_is_exact_at_the_extremes(path: int, classes: int) -> None:
    for turn in range(0, len(SIGNED), 1 if classes < 10 else 4):
        for y in range(min(classes, 4)):
            agrees(Activation.SOFTMAX, path, spread(classes, turn), y)


@pytest.mark.parametrize("path", [3, 4])
@pytest.mark.parametrize("classes", [2, 3, 10, 20])
def test_logits_read_as_class_probabilities_are_exact_in_and_out_of_the_clip(path: int, classes: int) -> None:
    inside = [(1 + unit) / (classes + 2) for unit in range(classes)]
    outside = [-3.0, 2.5, *inside[2:]]
    for row, y in product((inside, outside, outside[::-1]), range(min(classes, 4))):
        agrees(Activation.SOFTMAX, path, row, y)


def test_no_path_has_been_left_without_a_reference() -> None:
    assert [path for path, _ in PATHS[Activation.SIGMOID]] == ["fused", "clipped", "double", "raw"]
    assert [path for path, _ in PATHS[Activation.SOFTMAX]] == ["fused", "clipped", "double", "raw", "raw"]
    assert len(SIGMOID) == len(PATHS[Activation.SIGMOID])
    assert len(SOFTMAX) == len(PATHS[Activation.SOFTMAX])


fixed = partial(settings, derandomize=True, deadline=None, database=None)
logit = st.floats(-1e4, 1e4, allow_subnormal=False)


@fixed(max_examples=300)
@given(logit, st.integers(0, 1))
def test_nll_of_any_logit_has_fifteen_digits(z: float, y: int) -> None:
    assert nll([[z]], [y])[0] == pytest.approx(float(sigmoid_fused([mpf(z)], y)), rel=1e-14, abs=1e-300)


@fixed(max_examples=200)
@given(st.lists(st.floats(-300, 300, allow_subnormal=False), min_size=2, max_size=20), st.data())
def test_nll_of_any_row_of_logits_is_exact(row: list[float], data: st.DataObject) -> None:
    y = data.draw(st.integers(0, len(row) - 1))
    # e^margin turns the last bit of a margin of hundreds of nats into 1e-13 of the tail.
    assert nll([row], [y])[0] == pytest.approx(float(softmax_fused([mpf(z) for z in row], y)), rel=1e-12, abs=1e-300)


@fixed(max_examples=200)
@given(st.floats(-50, 50), st.integers(0, 1), st.sampled_from((0, 1, 2)))
def test_the_gradient_of_any_logit_is_exact(z: float, y: int, path: int) -> None:
    if abs(abs(z) - 16.118) > 0.01:  # at the edge of the clip there is no derivative
        agrees(Activation.SIGMOID, path, [z], y)


@fixed(max_examples=100)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20), st.data())
def test_two_classes_or_twenty_give_a_gradient_that_sums_to_zero(row: list[float], data: st.DataObject) -> None:
    y = data.draw(st.integers(0, len(row) - 1))
    _, gradient = PATHS[Activation.SOFTMAX][0][1](np.array([row]), np.array([y]), EPSILON)
    assert gradient.sum() == pytest.approx(0, abs=1e-14)


def test_a_softmax_of_z_and_nothing_is_a_sigmoid_of_z() -> None:
    z = np.array(SIGNED)
    for y in (0, 1):
        labels = np.full(len(z), y)
        pairs = np.stack([np.zeros_like(z), z], axis=1)
        np.testing.assert_allclose(nll(pairs, labels), nll(z[:, None], labels), rtol=1e-14)


@pytest.mark.parametrize("z", [17.0, 30.0, 88.0, 100.0, 1e4])
@pytest.mark.parametrize("y", [0, 1])
def test_past_the_clip_the_gradient_is_exactly_zero_and_never_before_it(z: float, y: int) -> None:
    wrong = z if y == 0 else -z
    sigmoid_clipped = PATHS[Activation.SIGMOID][1][1]
    softmax_clipped = PATHS[Activation.SOFTMAX][1][1]
    pair = [0.0, wrong]
    assert np.all(sigmoid_clipped(np.array([[wrong]]), np.array([y]), EPSILON)[1] == 0)
    assert np.all(softmax_clipped(np.array([pair]), np.array([y]), EPSILON)[1] == 0)
    inside = np.sign(wrong) * 16.0
    assert np.all(np.abs(sigmoid_clipped(np.array([[inside]]), np.array([y]), EPSILON)[1]) > 0.99)
    assert np.all(np.abs(softmax_clipped(np.array([[0.0, inside]]), np.array([y]), EPSILON)[1]) > 0.99)


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
    value, _ = dict(PATHS[Activation.SIGMOID])[path](logits, labels, EPSILON)
    assert value.mean() == pytest.approx(float32 + above, abs=6e-5)


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        ([1.0, 2.0], [0, 1]),
        ([[[1.0]]], [0]),
        ([[1.0], [2.0]], [0]),
        ([[1.0], [2.0]], [[0], [1]]),
        (1.0, 0),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_both_shapes(logits: object, labels: object) -> None:
    with pytest.raises(ValueError, match=r"expected logits \[examples, units\] and labels \[examples\], got \("):
        nll(logits, labels)  # type: ignore[arg-type]


def test_a_logit_that_is_not_a_number_stays_one() -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(nll([[np.nan]], [1])[0])
        assert np.isnan(nll([[np.nan, 0.0, 1.0]], [1])[0])
    assert nll([[np.inf]], [0])[0] == np.inf
