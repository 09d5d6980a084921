"""A focal loss with from_logits=True still clips probabilities.

## What it does

Finds `CategoricalFocalCrossentropy(from_logits=True)` on a head that gives logits. With `--backend jax` or `--backend
torch` it also finds `BinaryFocalCrossentropy(from_logits=True)`. It is a note: shown under `--severity note`.

## Why is this bad?

The loss is right, but it is not as stable as other losses with `from_logits=True`: Keras applies the softmax, clips
the probabilities and takes their log. A wrong prediction with a logit of 17 has a gradient of exactly 0, as from a
softmax head; `CategoricalCrossentropy(from_logits=True)` has a gradient of 1.

`BinaryFocalCrossentropy(from_logits=True)` applies a sigmoid in the same way: for a logit of 17 with label 0, its
gradient is 0 on JAX and PyTorch. TensorFlow recovers the logit, and there the gradient is 1.

## Example

    model = keras.Sequential([keras.layers.Dense(10)])
    model.compile(loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True))

## Use instead

The same, if you accept the clip. Otherwise write a focal loss on `log_softmax` (`log_sigmoid` for the binary loss).

## Limits

Not detected: a loss that another module creates.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.NOTE
ACTIVATION = {"CategoricalFocalCrossentropy": "softmax", "BinaryFocalCrossentropy": "sigmoid"}
"""What each focal loss applies to logits before it clips."""


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find focal losses of logits that clip probabilities."""
    if not isinstance(event, Pair) or event.loss.kind not in ACTIVATION:
        return
    if event.loss.kind == "BinaryFocalCrossentropy" and backend == "tensorflow":
        return  # it recovers the logit from the sigmoid
    if words.gives_logits(event.tensor, event.loss):
        steps = f"{ACTIVATION[event.loss.kind]}, clip, log"
        what = f"{event.loss.kind} computes {steps}: from_logits=True gains it no stability"
        yield Problem(event.node, what, head=event.tensor.node)
