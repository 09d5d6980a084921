"""A loss treats logits as probabilities.

## What it does

Finds a head that ends in no activation (or in `relu`, `tanh` and similar) with a cross-entropy that has
`from_logits=False`. That is the default, and it applies to every loss that is given by name.

## Why is this bad?

Keras clips the outputs to the interval from 0 to 1 and takes their log. `BinaryCrossentropy` has a gradient of
exactly 0 outside this interval: a logit of 20 with label 0 costs 15.94 instead of 20.00, with a gradient of 0 instead
of 1. The model does not learn from that example.

Categorical losses also divide each row by its sum, so their gradient is wrong, but does not always vanish. For the
logits 2, 3, 5 with the second class right, `CategoricalCrossentropy` gives the gradient 0.100, -0.233, 0.100 instead
of 0.042, -0.886, 0.844. For the logits 2, -3, 5 it gives 0, 0, 0. `SparseCategoricalCrossentropy` gives 0.100,
-0.233, 0.100 for the first row on JAX and PyTorch; on TensorFlow, which clips before it divides, it gives 0, 0, 0.

Keras raises no error. `logitbench run digits --arms logits,raw --seeds 4` trains for 10 epochs on TensorFlow: the
mean validation accuracy is 0.18 instead of 0.93.

## Example

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="binary_crossentropy")

## Use instead

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))

or end the model in `activation="sigmoid"` (`"softmax"` for many classes).

## Limits

Not detected: an activation that is chosen at run time, in a loop, in another module or in a saved model, and a
`Lambda` that does arithmetic. Not reported: `softplus` and `exponential`, because a categorical loss turns their
outputs into probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.fix import Fix
from logitbench.checks.interpret import known
from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.interpret.values import Loss
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import fixes, words

SEVERITY = Severity.ERROR


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find logits that a loss treats as probabilities."""
    del backend  # it is the same on all
    if not isinstance(event, Pair) or event.tensor.torch or not words.is_keras(event.loss):
        return
    if event.loss.from_logits is not False or event.tensor.activation not in known.UNBOUNDED:
        return
    yield Problem(
        event.node,
        f"{event.loss.kind} has from_logits=False, and {words.head(event.tensor)} gives no probabilities: its outputs "
        f"are {_treatment(event.loss)}",
        f'{words.loss_call(event.loss, from_logits=True)}\nor activation="{words.OWN[event.loss.family]}" in the head'
        if event.tensor.activation == "linear"
        else f'keras.layers.Dense(..., activation="{words.OWN[event.loss.family]}")',
        head=event.tensor.node,
        fix=_fix(event),
    )


def _treatment(loss: Loss) -> str:
    """Return what a loss does to logits. Only binary cross-entropy always has a gradient of 0 past the clip."""
    if loss.family == "categorical":
        return "scaled by their sum and clipped to 0 and 1, so loss and gradient are wrong"
    if loss.focal:
        return "clipped to 0 and 1, so loss and gradient are wrong"
    return "clipped to 0 and 1, and where they are clipped nothing is learned"


def _fix(event: Pair) -> Fix | None:
    """Read the logits as such; another activation than none, or one unit of many classes, is not fixed by that."""
    single = event.loss.family == "categorical" and event.tensor.units == 1
    return fixes.read_logits(event) if event.tensor.activation == "linear" and not single else None
