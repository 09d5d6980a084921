"""A loss computed from predictions is not the training loss.

## What it does

Finds a cross-entropy that is called on the output of `predict()`, for a head that ends in its activation. It is a
note for `--backend tensorflow`: shown under `--severity note`.

## Why is this bad?

Keras on TensorFlow recovers the logits in training and in `evaluate()`. It cannot recover them from an array, so
there it clips the probabilities. For a logit of 20 with label 0, the loss of `predict()` is 15.94 and `evaluate()`
gives 20.00: do not compare them. On JAX and PyTorch both are 15.94.

## Example

    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")
    loss = keras.losses.BinaryCrossentropy()(y, model.predict(x))

## Use instead

    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")
    loss = model.evaluate(x, y)

## Limits

The rule cannot know what the number is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.NOTE


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find losses of arrays that were predicted."""
    if not isinstance(event, Pair) or backend != "tensorflow" or not words.is_keras(event.loss):
        return
    if event.tensor.predicted and event.loss.from_logits is False and words.gives_probabilities(event.tensor):
        what = f"{event.loss.kind} of predict()'s output is clipped; evaluate() takes the logits back"
        yield Problem(event.node, what, "model.evaluate(x, y)", head=event.tensor.node)
