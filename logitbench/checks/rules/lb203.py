"""Accuracy of many labels is that of the greatest one.

## What it does

Finds `"accuracy"` on a head of several units with binary cross-entropy: a multi-label head.

## Why is this bad?

Keras makes out what `"accuracy"` means from shapes alone. Of several units it compares which one is the greatest with
the greatest label: of an example with three labels, two are not looked at.

## Example

    model = keras.Sequential([keras.layers.Dense(20, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])

## Use instead

    model.compile(loss="binary_crossentropy", metrics=["binary_accuracy"])

On logits: `keras.metrics.BinaryAccuracy(threshold=0.0)`.

## Where it cannot tell

How many units there are, where that is no number in the file. Labels of which exactly one is 1 are no multi-label
task: there the greatest is what counts, and a softmax head fits better. A file that takes an `argmax`, or makes
one-hot labels, is taken for one.
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
