"""A softmax over one unit.

## What it does

Finds a softmax over a single unit: in the model, or in a categorical cross-entropy on a head of one unit.

## Why is this bad?

The softmax of a single number is 1, whatever the number is, so every prediction is 1. The gradient is 0, and the
model learns nothing. There is one exception. On TensorFlow, the binary cross-entropies (`BinaryCrossentropy` and
`BinaryFocalCrossentropy`) recover the logit, and the model trains; but it still predicts 1 for every example. Keras
raises no error.

## Example

    keras.layers.Dense(1, activation="softmax")

## Use instead

    keras.layers.Dense(1, activation="sigmoid")  # with loss="binary_crossentropy"

## Limits

Not detected: a number of units that is not a literal in the file. Not reported: a softmax after a layer that changes
the shape. A `Flatten` before a softmax, as in attention, is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Activated, Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.ERROR


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find softmaxes of one number."""
    del backend
    if isinstance(event, Activated) and not event.before.torch:
        if event.activation == "softmax" and event.before.units == 1:
            what = "the softmax of one unit is 1, whatever its logit: every prediction is the same"
            yield Problem(event.node, what, 'keras.layers.Dense(1, activation="sigmoid")')
    elif isinstance(event, Pair) and words.is_keras(event.loss) and not event.tensor.torch:
        tensor = event.tensor
        if event.loss.family == "categorical" and tensor.units == 1 and tensor.activation in {"linear", "sigmoid"}:
            what = f"{event.loss.kind} takes a softmax over the units of {words.head(tensor)}, and there is one unit"
            yield Problem(
                event.node, f"{what}: it has nothing to tell apart", 'loss="binary_crossentropy"', head=tensor.node
            )
