"""Right models that look like wrong ones: of none of them may the probe raise an alarm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers, losses, ops
from keras import metrics as km

from logitbench.probes.model.models import probe_model
from logitbench.probes.model.records import Level

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

Dense = layers.Dense


def of(
    *stack: Any, loss: Any, metrics: Any = (), inputs: tuple[int | None, ...] = (4,), dtype: str = "float32"
) -> keras.Model:
    model = keras.Sequential([keras.Input(inputs, dtype=dtype), *stack])
    model.compile(loss=loss, metrics=list(metrics))
    return model


def wasserstein(target: Any, output: Any) -> Any:
    return -ops.mean(target * output)


def quantile(target: Any, output: Any, gamma: Any = None) -> Any:
    return ops.mean(ops.maximum(0.9 * (target - output), -0.1 * (target - output)))


def rounded(target: Any, output: Any) -> Any:
    return ops.cast(ops.equal(ops.round(output), target), "float32")


def tagger(*, mask: bool) -> keras.Model:
    return of(
        layers.Embedding(10, 4, mask_zero=mask),
        layers.LSTM(4, return_sequences=True),
        Dense(5),
        loss=losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        inputs=(None,),
        dtype="int32",
    )


def two_outputs() -> keras.Model:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, {"kind": Dense(3, name="kind")(inputs), "size": Dense(1, name="size")(inputs)})
    model.compile(
        loss={"kind": losses.SparseCategoricalCrossentropy(from_logits=True), "size": "mse"},
        metrics={"kind": ["accuracy"], "size": ["mae"]},
    )
    return model


BCE, CCE = losses.BinaryCrossentropy(from_logits=True), losses.CategoricalCrossentropy(from_logits=True)
SPARSE = losses.SparseCategoricalCrossentropy

RIGHT: dict[str, Callable[[], keras.Model]] = {
    "regression": lambda: of(Dense(1), loss="mse", metrics=["mae", "mape", "msle", km.R2Score()]),
    "regression, other metrics": lambda: of(
        Dense(1), loss="mse", metrics=["cosine_similarity", km.PearsonCorrelation(), km.LogCoshError(), rounded]
    ),
    "regression of three": lambda: of(Dense(3), loss="mse", metrics=["mae", km.RootMeanSquaredError()]),
    "regression by mae": lambda: of(Dense(1), loss="mae"),
    "regression by huber": lambda: of(Dense(1), loss="huber", metrics=["mae"]),
    "regression by quantile": lambda: of(Dense(1), loss=quantile),
    "regression to 0..1": lambda: of(Dense(1, activation="sigmoid"), loss="mse", metrics=["mae"]),
    "least squares GAN": lambda: of(Dense(1), loss="mse", metrics=["accuracy"]),
    "least squares of three": lambda: of(Dense(3), loss="mse", metrics=["accuracy"]),
    "counts": lambda: of(Dense(1, activation="softplus"), loss="poisson", metrics=["mae"]),
    "cosine": lambda: of(Dense(8), loss="cosine_similarity", metrics=["cosine_similarity"]),
    "hinge": lambda: of(Dense(1), loss="hinge", metrics=["accuracy"]),
    "squared hinge": lambda: of(Dense(1, activation="tanh"), loss="squared_hinge"),
    "categorical hinge": lambda: of(Dense(3), loss="categorical_hinge", metrics=["accuracy"]),
    "wasserstein": lambda: of(Dense(1), loss=wasserstein),
    "dice": lambda: of(layers.Conv2D(3, 1, activation="softmax"), loss=losses.Dice(), inputs=(4, 4, 3)),
    "tversky": lambda: of(
        layers.Conv2D(1, 1, activation="sigmoid"), loss=losses.Tversky(), metrics=[km.BinaryIoU()], inputs=(4, 4, 3)
    ),
    "binary": lambda: of(
        Dense(1, activation="sigmoid"), loss="binary_crossentropy", metrics=["accuracy", km.AUC(), "mae"]
    ),
    "binary counts": lambda: of(
        Dense(1, activation="sigmoid"),
        loss="binary_crossentropy",
        metrics=[km.TrueNegatives(), km.RecallAtPrecision(0.5), km.F1Score(threshold=0.5)],
    ),
    "binary logits": lambda: of(
        Dense(1), loss=BCE, metrics=[km.BinaryAccuracy(threshold=0), km.TrueNegatives(thresholds=0)]
    ),
    "binary logits, a cut of its own": lambda: of(Dense(1), loss=BCE, metrics=[km.Recall(thresholds=0.8)]),
    "binary logits, true AUC": lambda: of(Dense(1), loss=BCE, metrics=[km.AUC(from_logits=True)]),
    "labels": lambda: of(
        Dense(5, activation="sigmoid"),
        loss="binary_crossentropy",
        metrics=[km.BinaryAccuracy(), km.Precision(class_id=1), km.AUC(multi_label=True, num_labels=5)],
    ),
    "labels, logits": lambda: of(
        Dense(5), loss=BCE, metrics=[km.BinaryAccuracy(threshold=0), km.Precision(class_id=1, thresholds=0)]
    ),
    "labels, one of which holds": lambda: of(Dense(5), loss=BCE, metrics=[km.CategoricalAccuracy()]),
    "two classes": lambda: of(
        Dense(2, activation="softmax"), loss="categorical_crossentropy", metrics=["accuracy", km.Recall(class_id=1)]
    ),
    "three classes": lambda: of(
        Dense(3, activation="softmax"), loss="categorical_crossentropy", metrics=[km.Precision(class_id=1), km.AUC()]
    ),
    "three classes, top two": lambda: of(
        Dense(3), loss=CCE, metrics=[km.TopKCategoricalAccuracy(2), km.OneHotIoU(3, [1])]
    ),
    "class numbers": lambda: of(
        Dense(3), loss=SPARSE(from_logits=True), metrics=["accuracy", km.SparseTopKCategoricalAccuracy(2)]
    ),
    "class numbers, smoothing": lambda: of(
        Dense(3), loss=losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), metrics=["accuracy"]
    ),
    "two outputs": two_outputs,
    "a tagger": lambda: tagger(mask=False),
    "a tagger with a mask": lambda: tagger(mask=True),
    "a mask over numbers": lambda: of(
        layers.Masking(),
        layers.GRU(4, return_sequences=True),
        layers.TimeDistributed(Dense(1)),
        loss=BCE,
        inputs=(5, 3),
    ),
    "a class ignored": lambda: of(Dense(5), loss=SPARSE(from_logits=True, ignore_class=0), metrics=["accuracy"]),
    "a class ignored of labels": lambda: of(Dense(5), loss=SPARSE(from_logits=True, ignore_class=255)),
    "a sum of places": lambda: of(
        Dense(3), loss=losses.CategoricalCrossentropy(from_logits=True, reduction="sum"), inputs=(6, 4)
    ),
    "no mean of places": lambda: of(
        Dense(3), loss=losses.CategoricalCrossentropy(from_logits=True, reduction="none"), inputs=(6, 4)
    ),
    "focal": lambda: of(Dense(1), loss=losses.BinaryFocalCrossentropy(from_logits=True)),
    "focal of three": lambda: of(Dense(3), loss=losses.CategoricalFocalCrossentropy(from_logits=True)),
    "focal of three probabilities": lambda: of(
        Dense(3, activation="softmax"), loss=losses.CategoricalFocalCrossentropy(), metrics=["accuracy"]
    ),
}


@pytest.mark.parametrize("model", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_model_raises_no_alarm(model: Callable[[], keras.Model]) -> None:
    alarms = [one for one in probe_model(model()).advice if one.level is not Level.NOTE]
    assert alarms == []
