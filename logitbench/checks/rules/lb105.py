"""A function of logits is given probabilities, or the log of probabilities is taken.

## What it does

Finds the output of a sigmoid or softmax that is passed to one of TensorFlow's `*_with_logits` functions (an error),
and the plain logarithm of such an output (a note, shown under `--severity note`).

## Why is this bad?

The functions apply the activation themselves and never recover logits, so it is applied twice. A logit of 20 with
label 0 costs 1.31 instead of 20.00.

The log of a probability is -inf when the probability is rounded to 0. In float32, the sigmoid of a logit is 0 from
-87.34 down on TensorFlow and JAX, and from -88.73 down on PyTorch. The log-sigmoid of the same logits is finite.

## Example

    p = tf.nn.softmax(logits)
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=p)
    penalty = tf.math.log(p)

## Use instead

    loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=logits)
    penalty = tf.nn.log_softmax(logits)

## Limits

Not detected: what a function of another module returns. Not reported: the log of a probability to which something is
added first.
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
