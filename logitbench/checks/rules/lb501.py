"""PyTorch's CrossEntropyLoss is given probabilities.

## What it does

Finds `CrossEntropyLoss` or `cross_entropy` on a model that ends in a softmax or sigmoid.

## Why is this bad?

The loss applies a log-softmax itself, so the activation is applied twice, without a warning. The logits 20, 0, 0 with
the second class right cost 1.55 instead of 20.00, with a gradient of 0.00 instead of -1.00 for the right class:
confident mistakes are hardly corrected.

## Example

    model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=1))
    loss = nn.CrossEntropyLoss()(model(x), y)

## Use instead

    model = nn.Sequential(nn.Linear(20, 10))
    loss = nn.CrossEntropyLoss()(model(x), y)

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
KINDS = frozenset({"CrossEntropyLoss", "cross_entropy"})
WRONG = known.PROBABILITIES
WHAT = "takes logits, and {head} gives probabilities: the activation is applied twice"
REMEDY = "nn.Linear(...)  # without the activation"


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that the loss is not of."""
    del backend
    return pytorch.misfits(event, KINDS, WRONG, WHAT, REMEDY)
