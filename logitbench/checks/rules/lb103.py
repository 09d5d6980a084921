"""A head and its loss do not match.

## What it does

Finds a sigmoid head with a categorical cross-entropy, and a softmax head with a binary cross-entropy.

## Why is this bad?

A sigmoid decides for each class whether it is present. A softmax decides which class it is. Keras does not compare
the activation with the loss, so the loss that is optimized depends on the backend.

Take the logits 1.5, 4.4, 2.0 with the first class right. A softmax with `BinaryCrossentropy` costs 2.247 on
TensorFlow, which recovers the logits and applies a sigmoid to them, and 1.727 on JAX and PyTorch. A sigmoid with
`CategoricalCrossentropy` costs 3.036 on TensorFlow and 1.190 on JAX and PyTorch.

## Example

    model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
    model.compile(loss="binary_crossentropy")

## Use instead

    model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
    model.compile(loss="categorical_crossentropy")  # exactly one class is right

    model = keras.Sequential([keras.layers.Dense(3, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")  # any number of classes is right

## Limits

The rule cannot know which of the fixes is meant, so `--fix` changes nothing. LB102 covers a loss with
`from_logits=True`, and LB104 covers a single unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.WARNING


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that their loss is not of."""
    del backend
    if not isinstance(event, Pair) or event.tensor.torch or not words.is_keras(event.loss):
        return
    tensor, loss = event.tensor, event.loss
    if loss.from_logits is not False or not words.gives_probabilities(tensor) or tensor.units == 1:
        return
    if "indexing" in tensor.after:  # one of two probabilities is one, too
        return
    if tensor.activation != words.OWN[loss.family]:
        yield Problem(
            event.node,
            f"{loss.kind} is of {words.OWN[loss.family]} probabilities, and {words.head(tensor)} gives "
            f"{tensor.activation} ones: what is optimised depends on the backend",
            head=tensor.node,
        )
