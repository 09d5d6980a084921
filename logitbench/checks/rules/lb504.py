"""PyTorch's NLLLoss is not given log-probabilities.

## What it does

Finds `NLLLoss` or `nll_loss` on a model that ends in no log-softmax.

## Why is this bad?

The loss is the negative output of the right class, without a log and without normalization.

On logits it has no lower bound. The logits 1, 4, 2 with the second class right cost -4.0; 10 times these logits cost
-40.0.

On probabilities it is small for every mistake. For the logits 20, 0, 0 with the second class right, the softmax costs
0.00 instead of 20.00, with a gradient of 0.00 instead of -1.00 for the right class.

## Example

    model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=1))
    loss = nn.NLLLoss()(model(x), y)

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
KINDS = frozenset({"NLLLoss", "nll_loss"})
WRONG = {"linear"} | known.PROBABILITIES
WHAT = "takes log-probabilities, and {head} gives none"
REMEDY = "nn.LogSoftmax(dim=1)  # at the end, or nn.CrossEntropyLoss() on logits"


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that the loss is not of."""
    del backend
    return pytorch.misfits(event, KINDS, WRONG, WHAT, REMEDY)
