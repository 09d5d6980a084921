"""A focal loss with from_logits=True gains no stability.

## What it does

Finds `CategoricalFocalCrossentropy(from_logits=True)` on a head that gives logits.

## Why is this bad?

It is right, but not what `from_logits=True` stands for elsewhere: Keras computes softmax, clip, log on every backend.
Past the clip (16.1 in float32) a wrong prediction has a gradient of exactly 0, as it has from a softmax head.

## Example

    model.compile(loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True))

## Use instead

The same, if you can live with the clip; else a focal loss of your own on `log_softmax`.

## Where it cannot tell

A loss that another module makes.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.NOTE


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find focal losses of logits."""
    del backend
    if not isinstance(event, Pair) or event.loss.kind != "CategoricalFocalCrossentropy":
        return
    if words.gives_logits(event.tensor, event.loss):
        what = "CategoricalFocalCrossentropy computes softmax, clip, log: from_logits=True gains it no stability"
        yield Problem(event.node, what, head=event.tensor.node)
