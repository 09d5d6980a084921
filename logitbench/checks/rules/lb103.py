"""A head and its loss are of different families.

## What it does

Finds a sigmoid head with a categorical cross-entropy, and a softmax head with binary cross-entropy.

## Why is this bad?

Sigmoids say of each class whether it is there; a softmax says which one it is. Keras does not compare the head's
activation with the loss: what is optimised depends on the backend. `softmax(3)` with binary cross-entropy costs 1.107
on TensorFlow, which reads the softmax's logits through a sigmoid, and 1.261 on JAX and PyTorch; `sigmoid(3)` with
categorical cross-entropy costs 2.408 and 1.719.

## Example

    model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
    model.compile(loss="binary_crossentropy")

## Use instead

    model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
    model.compile(loss="categorical_crossentropy")  # one class of three

    model = keras.Sequential([keras.layers.Dense(3, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")  # any of three

## Where it cannot tell

Which of the two was meant: so there is no fix. A loss with `from_logits=True` is LB102's; one unit is LB104's.
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
