"""A prediction is activated twice, or its logits are treated as probabilities.

## What it does

Finds a sigmoid or softmax of an output that is already a probability, often in a model that is wrapped for serving.
It also finds `> 0.5`, rounding or `decode_predictions` on the output of a model that gives logits. An export of a
model that gives logits is a note: shown under `--severity note`.

## Why is this bad?

The sigmoid of a probability lies between 0.50 and 0.73: with a threshold of 0.5, every example is positive.

A logit of 0.5 is a probability of 0.62: with `> 0.5`, every logit between 0 and 0.5 counts as the negative class.

`decode_predictions` and a served model return logits as scores. Their order is right, but they are not probabilities.

## Example

    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    served = keras.Sequential([model, keras.layers.Activation("sigmoid")])

## Use instead

    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    served = keras.Sequential([model])

For a model that gives logits: `model.predict(x) > 0`, or add one `Activation` before the export.

## Limits

Not detected: a model that is loaded, or compiled in another file. Not reported: a threshold other than 0.5.
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
