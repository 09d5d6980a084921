"""A prediction is read as what it is not.

## What it does

Finds a sigmoid or softmax of what a sigmoid or softmax gave already, often where a model is wrapped to be served; and
`> 0.5`, rounding or `decode_predictions` of the output of a model that ends in no activation. A model of logits that
is exported as it is, is a note: shown under `--severity note`.

## Why is this bad?

A sigmoid of a probability lies between .5 and .73: every example is called positive. And 0.5 on a logit is a
probability of 0.62: those between are put on the wrong side. Scores that `decode_predictions` names, and that a
server gives out, are then no probabilities, though their order is right.

## Example

    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    served = keras.Sequential([model, keras.layers.Activation("sigmoid")])

## Use instead

    served = keras.Sequential([model])

For a logits model: `model.predict(x) > 0`, or wrap it in one `Activation` before it is exported.

## Where it cannot tell

A model that was loaded, or compiled in another file; a threshold other than 0.5 is yours.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from logitbench.checks.fix import Fix, PutNumber
from logitbench.checks.interpret import known
from logitbench.checks.interpret.events import Activated, Cut, Event, Served
from logitbench.checks.interpret.values import Tensor
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.ERROR
STRAIGHT = frozenset({"squeeze", "cast"})
"""What leaves the axes in their order: a softmax over another axis is no second one."""


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find activations on top of themselves, and logits that are cut as probabilities."""
    del backend
    if isinstance(event, Activated):
        yield from _twice(event)
    elif isinstance(event, Cut) and _gives_logits(event.tensor, "binary"):
        what = f"{event.how} of {words.head(event.tensor)}'s logits: a logit of 0.5 is a probability of 0.62"
        yield Problem(event.node, what, "> 0", head=event.tensor.node, fix=_fix(event.node))
    elif isinstance(event, Served):
        yield from _served(event)


def _twice(event: Activated) -> Iterator[Problem]:
    before = event.before
    if before.activation != event.activation or event.activation not in known.PROBABILITIES:
        return
    if event.activation == "sigmoid":  # of several units that are no output it may be a gate
        told = before.model or (before.units == 1 and not before.torch)
    else:  # one row of a prediction has its classes last
        straight = STRAIGHT | {"indexing"} if before.predicted else STRAIGHT
        told = set(before.after) <= straight and (before.model or not before.torch)
    if told:
        what = f"{event.activation} of {words.head(before)}'s probabilities: it is applied twice"
        yield Problem(event.node, what, head=before.node)


def _served(event: Served) -> Iterator[Problem]:
    tensor = event.tensor
    if event.to == "export" and _gives_logits(tensor):
        what = "the exported model gives logits, and whoever it serves may take them for probabilities"
        yield Problem(event.node, what, severity=Severity.NOTE, head=tensor.node)
    elif event.to == "decode_predictions" and tensor.model and tensor.activation == "linear":
        what = f"decode_predictions shows scores as they come, and {words.head(tensor)} gives logits"
        yield Problem(event.node, what, severity=Severity.WARNING, head=tensor.node)


def _gives_logits(tensor: Tensor, family: str | None = None) -> bool:
    """Return whether a model's output is known to be logits, by the loss that it was compiled with."""
    loss = tensor.trained
    if loss is None or not tensor.model or family not in {None, loss.family}:
        return False
    return words.is_keras(loss) and words.gives_logits(tensor, loss)


def _fix(node: ast.AST) -> Fix | None:
    """Cut at the logit of 0.5; a number that has a name may be used elsewhere."""
    number = node.comparators[0] if isinstance(node, ast.Compare) else None
    return Fix(PutNumber(number, "0.0")) if isinstance(number, ast.Constant) else None
