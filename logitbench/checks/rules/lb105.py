"""A function that takes logits is given probabilities, or a log is taken by hand.

## What it does

Finds a tensor behind a sigmoid or softmax that is given to one of TensorFlow's `*_with_logits` functions (an error),
and the plain logarithm of such a tensor (a note).

## Why is this bad?

The functions apply the activation themselves, so it is applied twice, and no backend takes the logits back: nine
wrong logits from -100 to 100 cost 0.99997 instead of 55.63. And the log of a probability is -inf as soon as the
probability is rounded to 0, in float32 for a sigmoid of a logit below -88.7.

## Example

    p = tf.nn.softmax(logits)
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=p)
    penalty = tf.math.log(p)

## Use instead

    loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=logits)
    penalty = tf.nn.log_softmax(logits)

## Where it cannot tell

A log of a probability to which something is added first, and what a function of another module returns.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Logged, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.ERROR


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find probabilities where logits belong, and logs of them."""
    del backend
    if isinstance(event, Pair) and event.loss.home == "tensorflow" and words.gives_probabilities(event.tensor):
        what = f"{event.loss.kind} takes logits, and {words.head(event.tensor)} gives probabilities"
        yield Problem(event.node, f"{what}: the activation is applied twice", head=event.tensor.node)
    elif isinstance(event, Logged) and words.gives_probabilities(event.tensor) and not event.tensor.predicted:
        better = f"log_{event.tensor.activation} of the logits"
        what = (
            f"the log of {words.head(event.tensor)}'s probabilities is -inf where one is rounded to 0: {better} is not"
        )
        yield Problem(event.node, what, severity=Severity.NOTE, head=event.tensor.node)
