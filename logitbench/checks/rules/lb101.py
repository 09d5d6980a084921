"""A loss reads logits as if they were probabilities.

## What it does

Finds a head that ends in no activation (or in `relu`, `tanh` and the like) whose cross-entropy has
`from_logits=False`. That is the default, and what every loss given as text has.

## Why is this bad?

Keras clips the logits to the interval from 0 to 1 and takes their log; a categorical loss scales them by their sum,
too. For a logit outside it the gradient is exactly 0: the network does not learn from that example. It trains without
an error. Nine wrong logits from -100 to 100 cost 14.25 instead of 55.63. After ten epochs of
`logitbench run digits --arms logits,raw --seeds 4` the accuracy is .18 instead of .93.

## Example

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="binary_crossentropy")

## Use instead

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))

or end the model in `activation="sigmoid"` (`"softmax"` for many classes).

## Where it cannot tell

A head whose activation is chosen at run time, comes out of a loop, a function of another module or a saved model; a
`Lambda` that does arithmetic; `softplus` and `exponential`, which a categorical loss turns into probabilities itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.fix import Fix
from logitbench.checks.interpret import known
from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import fixes, words

SEVERITY = Severity.ERROR


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find logits that are read as probabilities."""
    del backend  # it is the same on all
    if not isinstance(event, Pair) or event.tensor.torch or not words.is_keras(event.loss):
        return
    if event.loss.from_logits is not False or event.tensor.activation not in known.UNBOUNDED:
        return
    scaled = "scaled by their sum and " if event.loss.family == "categorical" else ""
    yield Problem(
        event.node,
        f"{event.loss.kind} has from_logits=False, and {words.head(event.tensor)} gives no probabilities: its outputs "
        f"are {scaled}clipped to 0 and 1, and where they are clipped nothing is learned",
        f'{words.loss_call(event.loss, from_logits=True)}\nor activation="{words.OWN[event.loss.family]}" in the head'
        if event.tensor.activation == "linear"
        else f'keras.layers.Dense(..., activation="{words.OWN[event.loss.family]}")',
        head=event.tensor.node,
        fix=_fix(event),
    )


def _fix(event: Pair) -> Fix | None:
    """Read the logits as such; another activation than none, or one unit of many classes, is not mended by that."""
    single = event.loss.family == "categorical" and event.tensor.units == 1
    return fixes.read_logits(event) if event.tensor.activation == "linear" and not single else None
