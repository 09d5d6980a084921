"""What Keras really computes where a rule has found something: ``python -m tests.checks.claims < cases.json``.

A process of its own, for Keras's backend is chosen when it is imported. Each case is a head, its loss and, where the
rule is on one, a metric; the answer is what was measured.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import keras
import numpy as np
from keras import layers

import logitbench

UNITS = 3
"""Where a program does not say how many."""

EXAMPLES = 400


def model_of(case: dict[str, Any], metrics: list[Any] | None = None) -> Any:
    """Return the head of a case on inputs that are its logits, compiled."""
    units = case["units"] or UNITS
    dtype = f"mixed_{case['dtype']}" if case["dtype"] in {"float16", "bfloat16"} else None
    head: Any = layers.Dense(units, case["activation"], kernel_initializer="identity", use_bias=False, dtype=dtype)
    model = keras.Sequential([keras.Input((2, units) if "TimeDistributed" in case["after"] else (units,))])
    model.add(layers.TimeDistributed(head) if "TimeDistributed" in case["after"] else head)
    if set(case["after"]) - {"TimeDistributed"}:
        model.add(layers.Reshape((1, units)))
    loss = getattr(keras.losses, case["loss"])
    model.compile("sgd", loss(from_logits=True) if case["from_logits"] else loss(), metrics=metrics or [])
    return model


def path(case: dict[str, Any]) -> dict[str, Any]:
    """Measure the loss path, and from which logit on nothing is learned."""
    reading = logitbench.probe_model(model_of(case)).outputs[0].reading
    return {"path": reading.path, "dead_from": reading.dead_from}


def value(case: dict[str, Any]) -> dict[str, Any]:
    """Compute the loss of one example of three classes, the first of them right."""
    logits = np.array([[1.5, 4.4, 2.0]])
    labels = np.array([[0]]) if case["loss"].startswith("Sparse") else np.array([[1.0, 0.0, 0.0]])
    if case["units"] not in {None, UNITS}:
        logits, labels = np.resize(logits, (1, case["units"])), np.resize(labels, (1, case["units"]))
    return {"loss": model_of(case).evaluate(logits, labels, verbose=0)}


def constant(case: dict[str, Any]) -> dict[str, Any]:
    """Compute the softmax of one unit, in the model and in a loss."""
    ones = keras.activations.softmax(keras.ops.convert_to_tensor([[-3.0], [3.0]]))
    found: dict[str, Any] = {"probabilities": np.asarray(keras.ops.convert_to_numpy(ones)).ravel().tolist()}
    head = model_of({**case, "units": 1, "activation": "softmax", "loss": "BinaryCrossentropy", "from_logits": False})
    before = head.get_weights()
    head.train_on_batch(np.array([[3.0]]), np.zeros((1, 1)))
    found["moved"] = float(np.abs(np.subtract(before, head.get_weights())).max())
    if case["loss"]:
        one = {**case, "loss": "CategoricalCrossentropy"}
        found["losses"] = [model_of(one).evaluate(np.array([[z]]), np.ones((1, 1)), verbose=0) for z in (-3.0, 3.0)]
    return found


def activation(case: dict[str, Any]) -> dict[str, Any]:
    """Compute an activation of logits, in the precision of the head, and once more of what it gave."""
    apply = getattr(keras.activations, case["activation"])
    logits = keras.ops.cast(keras.ops.convert_to_tensor([[-104.0, 6.25, 8.32, 0.5, 0.0]]), case["dtype"] or "float32")
    if case["activation"] == "softmax":  # of each number beside a 0
        logits = keras.ops.stack([logits[0], keras.ops.zeros_like(logits[0])], axis=1)

    def numbers(tensor: Any) -> list[float]:
        found = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32")))
        return [float(one) for one in (found[:, 0] if case["activation"] == "softmax" else found[0])]

    once = apply(logits)
    return {"once": numbers(once), "twice": numbers(apply(once))}


def metric(case: dict[str, Any]) -> dict[str, Any]:
    """Compute a metric as the program asks for it, of the probabilities themselves, and with the rule's remedy."""
    random, units, binary = np.random.default_rng(0), case["units"] or UNITS, case["loss"].startswith("Binary")
    logits = random.normal(0, 2, (EXAMPLES, units)).astype("float32")
    probabilities = np.asarray(keras.ops.convert_to_numpy(_own(binary)(keras.ops.convert_to_tensor(logits))))
    labels: Any = (random.uniform(size=logits.shape) < probabilities).astype("float32")
    if not binary:
        labels = np.eye(units, dtype="float32")[probabilities.argmax(1)]

    def shown(one: dict[str, Any], asked: Any, inputs: Any) -> float:
        figures = model_of(one, [asked]).evaluate(inputs, labels, batch_size=EXAMPLES, verbose=0, return_dict=True)
        return float(np.mean(next(figure for name, figure in figures.items() if name != "loss")))

    plain = {**case, "activation": "linear", "from_logits": False, "loss": "MeanSquaredError"}
    found = {
        "shown": shown(case, _asked(case["metric"]), logits),
        "right": shown(plain, _asked({**case["metric"], "from_logits": False}), probabilities),
        "share": float(((logits > 0) == (labels > 0)).mean()),
        "all positive": float(2 * labels.mean() / (1 + labels.mean())),
    }
    if case["remedy"].startswith("keras.metrics."):
        found["fixed"] = shown(case, eval(case["remedy"], {"keras": keras}), logits)  # noqa: S307 - the rule's own
    return found


def over_batch(case: dict[str, Any]) -> dict[str, Any]:
    """Compute the softmax over axis 0 of one row of logits beside two others."""
    rows = np.array([[1.5, 4.4, 2.0], [0.0, 0.0, 0.0], [3.0, -1.0, 2.0]])
    layer = layers.Softmax(axis=0)
    return {"first": [np.asarray(keras.ops.convert_to_numpy(layer(rows[[0, other]])))[0].tolist() for other in (1, 2)]}


def of_other_labels(case: dict[str, Any]) -> dict[str, Any]:
    """Compute a metric, and the rule's remedy, of predictions that are all right and of ones that are all wrong."""
    units = case["units"]
    numbers = np.arange(4 * units) % units
    labels: Any = numbers[:, None] if case["loss"].startswith("Sparse") else np.eye(units)[numbers]
    ranks = (np.arange(units) - numbers[:, None]) % units  # 0 for the right class
    right, wrong = (np.eye(units)[numbers] - ranks / 100, ranks / 100 + (ranks == units - 1))

    def shown(asked: Any) -> list[float] | None:
        model = model_of({**case, "activation": "linear"}, [asked])
        try:
            figures = [model.evaluate(x, labels, verbose=0, return_dict=True) for x in (right, wrong)]
        except Exception:
            return None
        return [next(figure for name, figure in one.items() if name != "loss") for one in figures]

    return {"shown": shown(_asked(case["metric"])), "fixed": shown(eval(case["remedy"], {"keras": keras}))}  # noqa: S307


def _own(binary: bool) -> Any:
    return keras.activations.sigmoid if binary else keras.activations.softmax


def _asked(asked: dict[str, Any]) -> Any:
    kind, lower = asked["kind"], {"accuracy", "crossentropy"}
    if kind in lower:
        return kind
    given: dict[str, Any] = {"from_logits": True} if asked["from_logits"] else {}
    if kind in {"F1Score", "FBetaScore"}:
        given |= {"threshold": asked["cut"]}
    if "At" in kind:
        given |= {kind.partition("At")[2].lower(): 0.9}
    return getattr(keras.metrics, kind)(**given)


def predicted(case: dict[str, Any]) -> dict[str, Any]:
    """Compute the loss of a confident mistake in ``evaluate``, and of what ``predict`` gives."""
    model, x, y = model_of({**case, "after": []}), np.array([[-60.0]]), np.array([[1.0]])
    by_hand = getattr(keras.losses, case["loss"])()(y, model.predict(x, verbose=0))
    return {"evaluated": model.evaluate(x, y, verbose=0), "by_hand": float(keras.ops.convert_to_numpy(by_hand))}


def with_logits(case: dict[str, Any]) -> dict[str, Any]:
    """Compute one of TensorFlow's losses of logits on probabilities, and by the formula."""
    import tensorflow as tf

    logits = tf.constant([[1.5, 4.4, 2.0]])
    given = getattr(tf.nn, case["activation"])(logits)
    labels = tf.constant([0]) if case["loss"].startswith("sparse") else tf.constant([[1.0, 0.0, 0.0]])
    p = given.numpy().astype("float64")[0]
    found = float(np.mean(getattr(tf.nn, case["loss"])(labels=labels, logits=given).numpy()))
    if case["loss"].startswith("sigmoid"):
        return {"loss": found, "double": float(np.mean(np.logaddexp(0, p) - p * [1.0, 0.0, 0.0]))}
    return {"loss": found, "double": float(np.log(np.exp(p).sum()) - p[0])}


def of_torch(case: dict[str, Any]) -> dict[str, Any]:
    """Compute one of PyTorch's losses of what a head gives of three logits, and of ten times that."""
    import torch
    from torch.nn import functional

    name = {"CrossEntropyLoss": "cross_entropy", "NLLLoss": "nll_loss", "BCELoss": "binary_cross_entropy"}.get(
        case["loss"], "binary_cross_entropy_with_logits" if "Logits" in case["loss"] else case["loss"]
    )
    logits = torch.tensor([[1.5, 4.4, 2.0]])
    given = {"linear": logits, "sigmoid": torch.sigmoid(logits), "softmax": torch.softmax(logits, 1)}[
        case["activation"]
    ]
    labels = torch.tensor([0]) if name in {"cross_entropy", "nll_loss"} else torch.tensor([[1.0, 0.0, 0.0]])
    p = given.numpy().astype("float64")[0]
    try:
        found = [float(getattr(functional, name)(scale * given, labels)) for scale in (1, 10)]
    except RuntimeError as error:
        return {"error": str(error)}
    doubled = {
        "cross_entropy": float(np.log(np.exp(p).sum()) - p[0]),
        "binary_cross_entropy_with_logits": float(np.mean(np.logaddexp(0, p) - p * [1.0, 0.0, 0.0])),
    }
    return {"loss": found[0], "of ten times": found[1], "double": doubled.get(name)}


MEASURED = {
    "LB101": path,
    "LB102": path,
    "LB103": value,
    "LB104": constant,
    "LB105": with_logits,
    "LB105 log": activation,
    "LB106": path,
    "LB108": over_batch,
    "LB201": metric,
    "LB202": metric,
    "LB203": metric,
    "LB204": of_other_labels,
    "LB301": activation,
    "LB302": path,
    "LB401": activation,
    "LB402": predicted,
    "LB501": of_torch,
    "LB502": of_torch,
    "LB503": of_torch,
    "LB504": of_torch,
}

if __name__ == "__main__":
    json.dump([MEASURED[case["claim"]](case) for case in json.load(sys.stdin)], sys.stdout)
