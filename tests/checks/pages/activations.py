"""What the pages say of Keras's activations. Each function takes numbers of its text and returns the others."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from tests.checks.pages.measuring import value_and_gradient

Numbers = dict[str, float]
Floats = NDArray[np.float64]
NEAR = 0.02
"""How near to a printed end a property has to begin: the ends are printed to 0.01."""


def activated(name: str, z: Floats, dtype: str = "float32") -> Floats:
    """Return an activation of logits in a precision, computed on a batch of a length that vectorizes."""
    rows = ops.cast(ops.convert_to_tensor(np.resize(z, 64 * -(-len(z) // 64))), dtype)
    values = ops.convert_to_numpy(ops.cast(getattr(keras.activations, name)(rows), "float64"))
    return np.asarray(values, "float64")[: len(z)]


def is_one(z: Floats, dtype: str) -> NDArray[np.bool_]:
    return np.asarray(activated("sigmoid", z, dtype) == 1)


def ends(at: float, dtype: str) -> bool:
    """Return whether the sigmoid is 1 from a logit on, and not yet just before it."""
    return bool(is_one(np.arange(at, 40, 1 / 256), dtype).all() and not is_one(np.array([at - NEAR]), dtype)[0])


def sigmoid_of_one(float16: float, bfloat16: float, float32: float) -> Numbers:
    """Only PyTorch reaches 1 exactly there in float16 and bfloat16; the others are at 1 by then."""
    on_torch = keras.config.backend() == "torch"
    for at, dtype in ((float16, "float16"), (bfloat16, "bfloat16")):
        assert ends(at, dtype) if on_torch else is_one(np.arange(at, 40, 1 / 256), dtype).all(), dtype
    assert ends(float32, "float32")
    return {"value": 1.0}


def sigmoid_of_one_earlier(float16: float, bfloat16: float) -> Numbers:
    for at, dtype in ((float16, "float16"), (bfloat16, "bfloat16")):
        assert is_one(np.arange(at, at + NEAR, 1 / 256), dtype).any(), dtype
        assert not is_one(np.arange(0, at - NEAR, 1 / 256), dtype).any(), dtype
    return {"value": 1.0}


def sigmoid_of_zero(zero: float) -> Numbers:
    """From the printed logit down the sigmoid is 0, and not just above it; the log of 0 is -inf."""
    below = np.arange(-200, zero, 0.01)
    p = activated("sigmoid", np.append(below, zero))
    logs = ops.convert_to_numpy(ops.log(ops.convert_to_tensor(p.astype("float32"))))
    assert np.isneginf(logs).all()
    assert activated("sigmoid", np.array([zero + NEAR])).all()
    assert np.isfinite(activated("log_sigmoid", below)).all()
    return {"value": float(p.max())}


def sigmoid_gradient(one: float, zero: float) -> Numbers:
    def slope(z: float) -> float:
        rows = np.full((64, 1), z, "float32")
        return float(value_and_gradient(lambda x: ops.sum(keras.activations.sigmoid(x)), rows)[1][0, 0])

    assert slope(one) == slope(zero) == 0
    assert slope(one - NEAR) > 0
    assert slope(zero + NEAR) > 0
    return {"value": slope(one)}


def sigmoid_twice(threshold: float) -> Numbers:
    twice = activated("sigmoid", activated("sigmoid", np.linspace(-100, 100, 64)))
    assert (twice >= threshold).all()
    return {"least": float(twice.min()), "greatest": float(twice.max())}


def threshold_of_logits(threshold: float, low: float) -> Numbers:
    """Between the two, a logit speaks for the positive class, and is below the threshold."""
    z = np.linspace(low, threshold, 66)[1:-1]
    assert (activated("sigmoid", z) > threshold).all()
    assert (z < threshold).all()
    return probability(threshold)


def probability(threshold: float) -> Numbers:
    return {"p": float(activated("sigmoid", np.array([threshold]))[0])}


def rounding(threshold: float) -> Numbers:
    """To round a probability is to compare it with this threshold."""
    p = np.linspace(0.01, 0.99, 50)
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.round(ops.convert_to_tensor(p))) == 1, p > threshold)
    return {}


def threshold_of_zero(zero: float) -> Numbers:
    z = np.linspace(-5, 5, 64)
    np.testing.assert_array_equal(z > zero, activated("sigmoid", z) > 0.5)
    return {}


def order_of_logits() -> Numbers:
    row = np.array([[1.5, 4.4, 2.0, -3.0]], "float32")
    p = ops.convert_to_numpy(layers.Softmax()(row))
    np.testing.assert_array_equal(np.argsort(p), np.argsort(row))
    return {}


def softmax_over_the_batch() -> Numbers:
    rows = np.array([[1.0, 3.0, 2.0], [0.0, -1.0, 4.0], [2.0, 2.0, 2.5]], "float32")
    layer = keras.layers.Softmax(axis=0)
    together = keras.ops.convert_to_numpy(layer(rows))
    alone = keras.ops.convert_to_numpy(layer(rows[:1]))
    totals = together.sum(axis=0)
    assert np.ptp(totals) < 1e-6
    assert np.abs(together.sum(axis=1) - 1).min() > 0.01
    assert np.abs(together[0] - alone[0]).min() > 0.01
    assert np.ptp(alone) == 0
    return {"total": float(totals[0]), "alone": float(alone[0, 0])}
