"""PyTorch's BCEWithLogitsLoss is given probabilities.

## What it does

Finds `BCEWithLogitsLoss` or `binary_cross_entropy_with_logits` on a model that ends in a sigmoid or softmax.

## Why is this bad?

The loss applies a sigmoid itself, so it is applied twice, without a warning. A logit of 20 with label 0 costs 1.31
instead of 20.00, with a gradient of 0 instead of 1.

## Example

    model = nn.Sequential(nn.Linear(20, 1), nn.Sigmoid())
    loss = nn.BCEWithLogitsLoss()(model(x), y)

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
KINDS = frozenset({"BCEWithLogitsLoss", "binary_cross_entropy_with_logits"})
WRONG = known.PROBABILITIES
WHAT = "takes logits, and {head} gives probabilities: the activation is applied twice"
REMEDY = "nn.Linear(...)  # without the activation"


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that the loss is not of."""
    del backend
    return pytorch.misfits(event, KINDS, WRONG, WHAT, REMEDY)
