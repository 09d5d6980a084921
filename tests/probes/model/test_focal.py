"""The path of focal losses at any settings, against 30 digits of mpmath that share no formula with the program."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import keras
import mpmath
import numpy as np
import pytest
from mpmath import mpf

from logitbench.heads import LossPath
from logitbench.probes.model.models import loss_path

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

Setting = tuple[float, float | None, float, bool, str | None]
"""gamma, alpha where classes are balanced, label_smoothing, from_logits and the activation."""

LOGITS = (-30.5, -0.75, 0.25, 0.75, 30.5)
GAMMAS, SMOOTHINGS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0), (0.0, 0.1, 0.3)


def settings(gammas: tuple[float, ...], alphas: tuple[float | None, ...], *smoothings: float) -> Iterator[Setting]:
    return itertools.product(gammas, alphas, smoothings, (False, True), (None, "sigmoid"))


def sigmoid(z: mpf) -> mpf:
    return 1 / (1 + mpmath.exp(-z))


def clip(p: mpf) -> tuple[mpf, mpf]:
    """Return p within 1e-7 and 1 - 1e-7, and what is left to 1, as float32 rounds them."""
    clipped = np.float32(float(min(max(p, mpf("1e-7")), 1 - mpf("1e-7"))))
    return mpf(float(clipped)), mpf(float(np.float32(1) - clipped))


def references(z: float, label: int, gamma: float, alpha: float | None, smoothing: float) -> dict[LossPath, float]:
    """Lin et al., 2017, of a logit by each path; NaN for a root of a negative number."""
    t = label * (1 - mpf(smoothing)) + mpf(smoothing) / 2
    weight = 1 if alpha is None else t * alpha + (1 - t) * (1 - alpha)

    def focal(p: mpf, within: tuple[mpf, mpf]) -> float:
        missed = t * (1 - p) + (1 - t) * p
        if missed < 0 and gamma != int(gamma):
            return float("nan")
        return float(-weight * missed**gamma * (t * mpmath.log(within[0]) + (1 - t) * mpmath.log(within[1])))

    with mpmath.workdps(30):
        z, p = mpf(z), sigmoid(mpf(z))
        return {
            LossPath.FUSED: focal(p, (p, 1 - p)),
            LossPath.CLIPPED: focal(p, clip(p)),
            LossPath.DOUBLE: focal(sigmoid(p), (sigmoid(p), 1 - sigmoid(p))),
            LossPath.RAW: focal(z, clip(z)),
        }


def expected_path(setting: Setting) -> LossPath:
    """Return the one path whose values Keras gives, called directly."""
    gamma, alpha, smoothing, _, activation = setting
    head = keras.layers.Dense(1, activation=activation, kernel_initializer="ones")
    rows = [(z, label) for z in LOGITS for label in (0, 1)]
    with_loss = made(setting)
    given = np.array([[z] for z, _ in rows], "float32")
    labels = np.array([[label] for _, label in rows], "float32")
    found = np.array([float(with_loss(labels[at : at + 1], head(given[at : at + 1]))) for at in range(len(rows))])
    wanted = [references(z, label, gamma, alpha, smoothing) for z, label in rows]
    (path,) = (
        path
        for path in LossPath
        if path is not LossPath.OTHER
        and np.allclose(found, [row[path] for row in wanted], rtol=1e-3, atol=1e-6, equal_nan=True)
    )
    return path


def made(setting: Setting) -> keras.losses.Loss:
    gamma, alpha, smoothing, from_logits, _ = setting
    return keras.losses.BinaryFocalCrossentropy(
        alpha is not None,
        alpha=0.25 if alpha is None else alpha,
        gamma=gamma,
        label_smoothing=smoothing,
        from_logits=from_logits,
    )


@pytest.mark.parametrize("setting", [*settings((0.5, 1.5), (None,), 0.0), (0.0, 0.7, 0.1, False, None)])
def test_the_path_is_the_one_whose_values_keras_gives(setting: Setting) -> None:
    assert loss_path(made(setting), setting[-1], units=1).path is expected_path(setting)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_setting_hides_the_path() -> None:
    wrong = [
        setting
        for setting in settings(GAMMAS, (None, 0.7), *SMOOTHINGS)
        if loss_path(made(setting), setting[-1], units=1).path is not expected_path(setting)
    ]
    assert wrong == []


def test_where_a_power_of_a_negative_number_gives_no_number_it_is_said() -> None:
    reading = loss_path(keras.losses.BinaryFocalCrossentropy(gamma=1.5))
    assert (reading.path, reading.broken_at) == (LossPath.RAW, -0.5)
    assert loss_path(keras.losses.BinaryFocalCrossentropy(gamma=1.5), "sigmoid").broken_at is None


def test_a_gamma_below_1_has_no_gradient_where_the_prediction_is_certain() -> None:
    reading = loss_path(keras.losses.BinaryFocalCrossentropy(gamma=0.5), "sigmoid")
    assert (reading.path, reading.broken_at) == (LossPath.FUSED, -30.5)


@pytest.mark.parametrize("gamma", [1.5, *(pytest.param(gamma, marks=pytest.mark.slow) for gamma in (0.0, 0.5, 3.0))])
def test_settings_do_not_hide_the_path_of_several_classes(gamma: float) -> None:
    for from_logits, activation, path in (
        (False, None, LossPath.RAW),
        (False, "softmax", LossPath.CLIPPED),
        (True, None, LossPath.CLIPPED),
        (True, "softmax", LossPath.DOUBLE),
    ):
        loss = keras.losses.CategoricalFocalCrossentropy(
            gamma=gamma, alpha=0.4, label_smoothing=0.1, from_logits=from_logits
        )
        assert loss_path(loss, activation, units=3).path is path
