"""A loss of predictions is not the loss that was trained.

## What it does

Finds a cross-entropy that is called on what `predict()` gave of a head that ends in its activation. It is a note:
shown under `--severity note`.

## Why is this bad?

Keras on TensorFlow takes the logits back while it trains and evaluates; an array has none to take back, so the loss
is clipped. Nine wrong logits from -100 to 100 cost 14.33 by hand and 55.63 in `evaluate()`: the two do not compare.

## Example

    loss = keras.losses.BinaryCrossentropy()(y, model.predict(x))

## Use instead

    loss = model.evaluate(x, y)

## Where it cannot tell

What the number is then compared with.
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
