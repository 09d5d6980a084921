"""Accuracy on a multi-label head compares only the largest output.

## What it does

Finds `"accuracy"` on a head of several units with a binary cross-entropy: a multi-label head.

## Why is this bad?

Keras chooses the meaning of `"accuracy"` by shapes alone. With several units, it compares the position of the largest
output with the position of the largest label and ignores the rest of the row. The outputs 0.9, 0.1, 0.2 with the
labels 1, 1, 0 have an accuracy of 1.00, but only 0.67 of the labels are predicted right.

## Example

    model = keras.Sequential([keras.layers.Dense(20, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])

## Use instead

    model = keras.Sequential([keras.layers.Dense(20, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", metrics=["binary_accuracy"])

On a logits head, use `keras.metrics.BinaryAccuracy(threshold=0.0)`.

## Limits

Not detected: a number of units that is not a literal in the file. Not reported: a file that takes an `argmax` or
makes one-hot labels. There exactly one label of each row is 1, so the largest output is what counts. For such labels,
a softmax head fits better.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.WARNING


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find multi-label heads whose accuracy is that of one label."""
    del backend
    if not isinstance(event, Pair) or event.exclusive or event.loss.family != "binary" or (event.tensor.units or 0) < 2:
        return
    tensor, logits = event.tensor, words.gives_logits(event.tensor, event.loss)
    if not logits and not (tensor.activation == "sigmoid" and event.loss.from_logits is False):
        return
    for metric in event.metrics:
        if metric.kind == "accuracy":
            better = "BinaryAccuracy(threshold=0.0)" if logits else "BinaryAccuracy()"
            yield Problem(
                words.place(metric.node, event.node),
                f"of {tensor.units} units accuracy compares the greatest alone, and {event.loss.kind} is of every one",
                f"keras.metrics.{better}",
                head=tensor.node,
            )
