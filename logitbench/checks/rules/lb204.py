"""A metric expects other labels or another head.

## What it does

Finds a metric of one-hot labels beside a loss that takes class numbers, a metric of class numbers beside a loss that
takes one-hot labels, and a binary accuracy on a softmax over several classes.

## Why is this bad?

`CategoricalAccuracy` reads the class from the position of the greatest label. A class number is a single label, so its
position is always 0: the metric shows how often class 0 is predicted, and raises no error. `BinaryAccuracy` compares
each probability with 0.5. With 10 classes, a confident prediction of a wrong class has an accuracy of 0.8.

## Example

    model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["categorical_accuracy"])

## Use instead

    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])

## Limits

Not detected: a number of units that is not a literal in the file. Not reported: a binary accuracy on a softmax
over a positive and a negative class, which is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.interpret.values import Metric
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.ERROR

OF_ONE_HOT = ("CategoricalAccuracy", "TopKCategoricalAccuracy")


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find metrics of other labels than the loss takes, and binary accuracies of a softmax."""
    del backend
    if not isinstance(event, Pair) or not words.is_keras(event.loss) or event.loss.family != "categorical":
        return
    sparse = event.loss.kind.startswith("Sparse")
    for metric in event.metrics:
        if found := _problem(metric, event, sparse):
            what, better = found
            where = words.place(metric.node, event.node)
            remedy = words.metric_call(metric, better, "threshold", slot=2)  # of a BinaryAccuracy, which alone has one
            yield Problem(where, what, remedy, head=event.tensor.node)


def _problem(metric: Metric, event: Pair, sparse: bool) -> tuple[str, str] | None:
    tensor, kind = event.tensor, metric.kind
    if kind in OF_ONE_HOT and sparse:
        return f"{kind} reads one-hot labels, and {event.loss.kind} takes class numbers", f"Sparse{kind}"
    if kind.removeprefix("Sparse") in OF_ONE_HOT and kind.startswith("Sparse") and not sparse:
        return f"{kind} reads class numbers, and {event.loss.kind} takes one-hot labels", kind.removeprefix("Sparse")
    if kind == "BinaryAccuracy" and tensor.activation == "softmax" and (tensor.units or 0) > 2:
        what = f"BinaryAccuracy compares each of {tensor.units} probabilities with a threshold, and one class is right"
        return what, "SparseCategoricalAccuracy" if sparse else "CategoricalAccuracy"
    return None
