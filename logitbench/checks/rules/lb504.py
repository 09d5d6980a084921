"""PyTorch's NLLLoss is given no log-probabilities.

## What it does

Finds `NLLLoss` or `nll_loss` on a model that ends in no log-softmax.

## Why is this bad?

The loss takes the number of the right class as it is: without a log-softmax nothing holds the others down. Of logits
it has no least value; of probabilities its gradient hardly depends on how wrong they are.

## Example

    model = nn.Sequential(nn.Linear(20, 10), nn.Softmax(dim=1))
    loss = nn.NLLLoss()(model(x), y)

## Use instead

    model = nn.Sequential(nn.Linear(20, 10))
    loss = nn.CrossEntropyLoss()(model(x), y)

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
KINDS = frozenset({"NLLLoss", "nll_loss"})
WRONG = {"linear"} | known.PROBABILITIES
WHAT = "takes log-probabilities, and {head} gives none"
REMEDY = "nn.LogSoftmax(dim=1)  # at the end, or nn.CrossEntropyLoss() on logits"


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads that the loss is not of."""
    del backend
    return pytorch.misfits(event, KINDS, WRONG, WHAT, REMEDY)
