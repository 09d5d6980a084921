"""PyTorch's CrossEntropyLoss is given probabilities.

## What it does

Finds `CrossEntropyLoss` or `cross_entropy` on a model that ends in a softmax or sigmoid.

## Why is this bad?

The loss applies a log-softmax itself, so the activation is applied twice. That is silent. The same mistake in Keras
takes the accuracy from .93 to .38: ten epochs of `logitbench run digits --arms logits,double --seeds 4`.

## Example

    model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=1))
    loss = nn.CrossEntropyLoss()(model(x), y)

## Use instead

    model = nn.Sequential(nn.Linear(20, 10))

## Where it cannot tell

A head that is chosen at run time, a `forward` that branches, a model or a loss that another module makes.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret import known
from logitbench.checks.interpret.events import Event
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import pytorch

SEVERITY = Severity.ERROR
KINDS = frozenset({"CrossEntropyLoss", "cross_entropy"})
WRONG = known.PROBABILITIES
WHAT = "takes logits, and {head} gives probabilities: the activation is applied twice"
REMEDY = "nn.Linear(...)  # without the activation"


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that the loss is not of."""
    del backend
    return pytorch.misfits(event, KINDS, WRONG, WHAT, REMEDY)
