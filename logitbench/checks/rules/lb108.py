"""A softmax over the batch.

## What it does

Finds a softmax layer whose axis is the batch.

## Why is this bad?

The probabilities of one class add up to 1 over the examples of a batch, and those of one example do not. What the model
predicts for an example depends on the other examples. A batch of one example gets 1 for every class. Keras raises no
error, and on TensorFlow the loss is computed from the logits, without the softmax: it decreases as in a correct model.

## Example

    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Softmax(axis=0)])

## Use instead

    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Softmax()])

## Limits

Not reported: a function, such as `tf.nn.softmax`, because its input may be a single example. `logitbench probe model`
measures those. A loss over the batch, such as one that ranks a list of documents, may expect
such a softmax.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Activated, Event
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.heads import OVER_BATCH

SEVERITY = Severity.ERROR


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find softmax layers over the batch."""
    del backend
    if isinstance(event, Activated) and event.activation == OVER_BATCH:
        what = "the softmax is over the batch: what is predicted for one example depends on the other examples"
        yield Problem(event.node, what, "keras.layers.Softmax()")
