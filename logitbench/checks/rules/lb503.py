"""PyTorch's BCELoss is given logits.

## What it does

Finds `BCELoss` or `binary_cross_entropy` on a model that ends in no activation, or in `relu`, `tanh` and the like.

## Why is this bad?

The loss takes probabilities. PyTorch raises an error for a number outside 0 and 1 on a CPU, and stops the whole
process on a GPU, the first time that there is one.

## Example

    model = nn.Sequential(nn.Linear(20, 1))
    loss = nn.BCELoss()(model(x), y)

## Use instead

    loss = nn.BCEWithLogitsLoss()(model(x), y)

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
KINDS = frozenset({"BCELoss", "binary_cross_entropy"})
WRONG = known.UNBOUNDED
WHAT = "takes probabilities, and {head} gives none"
REMEDY = "nn.BCEWithLogitsLoss()"


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that the loss is not of."""
    del backend
    return pytorch.misfits(event, KINDS, WRONG, WHAT, REMEDY)
