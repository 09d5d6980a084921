"""PyTorch's BCELoss is given logits.

## What it does

Finds `BCELoss` or `binary_cross_entropy` on a model that ends in no activation, or in `relu`, `tanh` and similar.

## Why is this bad?

The loss expects probabilities. On a CPU, PyTorch raises an error at the first output below 0 or above 1. Outputs
within this interval are treated as probabilities without a warning: a logit of 0.5 with label 0 costs 0.69 instead of
0.97.

## Example

    model = nn.Sequential(nn.Linear(20, 1))
    loss = nn.BCELoss()(model(x), y)

## Use instead

    model = nn.Sequential(nn.Linear(20, 1))
    loss = nn.BCEWithLogitsLoss()(model(x), y)

## Limits

Not detected: an activation that is chosen at run time, a `forward` that branches, and a model or loss from another
module.
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
