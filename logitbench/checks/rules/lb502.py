"""PyTorch's BCEWithLogitsLoss is given probabilities.

## What it does

Finds `BCEWithLogitsLoss` or `binary_cross_entropy_with_logits` on a model that ends in a sigmoid or softmax.

## Why is this bad?

The loss applies a sigmoid itself, so it is applied twice. That is silent: nine wrong logits from -100 to 100 cost
0.99997 instead of 55.63.

## Example

    model = nn.Sequential(nn.Linear(20, 1), nn.Sigmoid())
    loss = nn.BCEWithLogitsLoss()(model(x), y)

## Use instead

    model = nn.Sequential(nn.Linear(20, 1))

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
KINDS = frozenset({"BCEWithLogitsLoss", "binary_cross_entropy_with_logits"})
WRONG = known.PROBABILITIES
WHAT = "takes logits, and {head} gives probabilities: the activation is applied twice"
REMEDY = "nn.Linear(...)  # without the activation"


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that the loss is not of."""
    del backend
    return pytorch.misfits(event, KINDS, WRONG, WHAT, REMEDY)
