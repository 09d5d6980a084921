"""What the pages say of Keras's losses. Each function takes numbers of its sentence and returns the others."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from keras.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    SparseCategoricalCrossentropy,
)

from tests.checks.pages.measuring import BACKEND, Measured, binary, measure, one

Numbers = dict[str, float]
AFTER = {
    "Reshape": lambda: layers.Reshape((1,)),
    "Flatten": layers.Flatten,
    "squeeze": lambda: layers.Lambda(lambda p: keras.ops.squeeze(p, -1)),
    "cast": lambda: layers.Lambda(lambda p: keras.ops.cast(p, "float16")),
    "index": lambda: layers.Lambda(lambda p: p[:, 0]),
}


def against_logits(wrong: Measured, z: float, label: float) -> Numbers:
    """Return a wrong loss and its gradient beside those of a logits head."""
    right = binary(z, label, loss=BinaryCrossentropy(from_logits=True))
    return {"loss": wrong.loss, "right": right.loss, "gradient": one(wrong), "slope": one(right)}


def raw_binary(z: float, label: float, low: float, high: float) -> Numbers:
    inside = [one(binary(p, label)) for p in np.linspace(low, high, 9)[1:-1]]
    outside = [one(binary(p, label)) for p in (low - 5, low - 0.1, high + 0.1, high + 5)]
    assert all(inside)
    assert not any(outside)
    return against_logits(binary(z, label), z, label) | {"dead": outside[0]}


def raw_categorical(a: float, b: float, c: float, d: float, e: float, f: float) -> Numbers:
    labels = np.array([[0.0, 1.0, 0.0]])
    found = {
        "wrong": measure(CategoricalCrossentropy(), [a, b, c], labels),
        "right": measure(CategoricalCrossentropy(from_logits=True), [a, b, c], labels),
        "clipped": measure(CategoricalCrossentropy(), [d, e, f], labels),
        "sparse": measure(SparseCategoricalCrossentropy(), [a, b, c], np.array([1])),
    }
    return {f"{name}{unit}": float(one.gradient[unit]) for name, one in found.items() for unit in range(3)}


def double(z: float, label: float) -> Numbers:
    """On TensorFlow, after a layer that keeps the logits from being recovered; see ``double_recovered``."""
    to_logits = BinaryCrossentropy(from_logits=True)
    found = binary(z, label, loss=to_logits, activation="sigmoid", after=[layers.Reshape((1,))])
    assert not any("from_logits" in text for text in found.warnings)
    return against_logits(found, z, label)


def double_recovered() -> Numbers:
    to_logits = BinaryCrossentropy(from_logits=True)
    direct = binary(20, 0, loss=to_logits, activation="sigmoid")
    others = [
        binary(20, 0, loss=to_logits, activation="sigmoid", after=[layers.Reshape((1,))]),
        binary(20, 0, loss=to_logits, activation="sigmoid", dtype="mixed_float16"),
    ]
    focal = BinaryFocalCrossentropy(from_logits=True)
    assert any("from_logits" in text for text in direct.warnings)
    (lost,) = {round(other.loss, 6) for other in others}
    return {
        "recovered": direct.loss,
        "lost": lost,
        "focal": binary(20, 0, loss=focal, activation="sigmoid").loss,
        "focal_right": binary(20, 0, loss=focal).loss,
        "gamma": focal.gamma,
    }


def log_softmax_twice() -> Numbers:
    row, labels, loss = [1.5, 4.4, 2.0], np.array([[1.0, 0.0, 0.0]]), CategoricalCrossentropy(from_logits=True)
    twice, once = measure(loss, row, labels, "log_softmax"), measure(loss, row, labels)
    np.testing.assert_allclose([twice.loss, *twice.gradient], [once.loss, *once.gradient], atol=1e-5)
    return {}


def mismatched(a: float, b: float, c: float) -> Numbers:
    labels = np.array([[1.0, 0.0, 0.0]])
    softmax = measure(BinaryCrossentropy(), [a, b, c], labels, "softmax").loss
    sigmoid = measure(CategoricalCrossentropy(), [a, b, c], labels, "sigmoid").loss
    of_logits = measure(BinaryCrossentropy(from_logits=True), [a, b, c], labels).loss
    assert (abs(softmax - of_logits) < 1e-6) == (BACKEND == "tensorflow")
    return {"softmax": softmax, "sigmoid": sigmoid}


def softmax_of_one() -> Numbers:
    labels = np.array([[0.0]])
    ones = {float(p) for z in (-30, -1, 0, 30) for p in layers.Softmax()(np.array([[z]], "float32"))[0]}
    binaries = [
        one(binary(3, 0, loss=loss, activation="softmax")) for loss in (BinaryCrossentropy(), BinaryFocalCrossentropy())
    ]
    assert all(binaries) if BACKEND == "tensorflow" else not any(binaries)
    others = [
        measure(CategoricalCrossentropy(), [3.0], labels + 1, "softmax"),
        measure(CategoricalCrossentropy(), [3.0], labels + 1, "sigmoid"),
        measure(CategoricalCrossentropy(from_logits=True), [3.0], labels + 1),
        measure(CategoricalFocalCrossentropy(), [3.0], labels + 1, "softmax"),
        measure(SparseCategoricalCrossentropy(), [3.0], np.array([0]), "softmax"),
        measure(keras.losses.MeanSquaredError(), [3.0], labels, "softmax"),
    ]
    dead = {one(other) for other in others}
    (number,), (gradient,) = ones, dead
    return {"prediction": number, "gradient": gradient}


def focal(z: float) -> Numbers:
    labels = np.array([[0.0, 1.0]])
    of_logits = measure(CategoricalFocalCrossentropy(from_logits=True), [z, 0.0], labels)
    of_softmax = measure(CategoricalFocalCrossentropy(), [z, 0.0], labels, "softmax")
    plain = measure(CategoricalCrossentropy(from_logits=True), [z, 0.0], labels)
    assert not of_softmax.gradient.any()
    return {"dead": float(of_logits.gradient[0]), "slope": float(plain.gradient[0])}


def binary_focal(z: float, label: float) -> Numbers:
    return {"gradient": one(binary(z, label, loss=BinaryFocalCrossentropy(from_logits=True)))}


def half_sigmoid(z: float, label: float) -> Numbers:
    return against_logits(binary(z, label, activation="sigmoid", dtype="mixed_float16"), z, label)


def half_logits(z: float, label: float) -> Numbers:
    found = binary(z, label, loss=BinaryCrossentropy(from_logits=True), dtype="mixed_float16")
    return {"right": found.loss, "slope": one(found)}


def half_softmax() -> Numbers:
    def gradient(margin: int) -> list[float]:
        labels = np.array([[0.0, 1.0]])
        found = measure(CategoricalCrossentropy(), [margin, 0.0], labels, "softmax", dtype="mixed_float16")
        return [float(slope) for slope in found.gradient]

    found = {margin: gradient(margin) for margin in range(31)}
    broken = [margin for margin, slopes in found.items() if not np.isfinite(slopes).all()]
    dead = [margin for margin, slopes in found.items() if slopes == [0, 0]]
    assert broken == list(range(broken[0], broken[-1] + 1))
    assert dead == list(range(dead[0], 31))
    assert np.isinf(found[broken[0]]).any()
    assert np.isnan(found[broken[0]]).any()
    return {"first": broken[0], "last": broken[-1], "dead_from": dead[0], "dead": found[dead[0]][0]}


def not_recovered(z: float, label: float) -> Numbers:
    direct = binary(z, label, activation="sigmoid")
    for name, layer in AFTER.items():
        shape = label if name in {"squeeze", "index"} else [[label]]
        clipped = measure(BinaryCrossentropy(), [z], np.array(shape, ndmin=1), "sigmoid", [layer()])
        assert clipped.loss == direct.loss if BACKEND != "tensorflow" else clipped.loss < direct.loss - 1, name
        assert not clipped.gradient.any(), name
    return against_logits(binary(z, label, activation="sigmoid", after=[layers.Reshape((1,))]), z, label)


def predicted(z: float, label: float) -> Numbers:
    model = keras.Sequential([keras.Input((1,)), layers.Activation("sigmoid")])
    model.compile(loss="binary_crossentropy")
    x, y = np.array([[z]]), np.array([[label]])
    by_hand = float(keras.ops.convert_to_numpy(BinaryCrossentropy()(y, model.predict(x, verbose=0))))
    evaluated = model.evaluate(x, y, verbose=0)
    return {"by_hand": by_hand, "evaluated": evaluated}
