"""A loss applies an activation that the model has already applied.

## What it does

Finds a head that ends in a sigmoid or softmax with a cross-entropy that has `from_logits=True`.

## Why is this bad?

The activation is applied twice. JAX and PyTorch give no warning. A logit of 20 with label 0 costs 1.31 instead of
20.00, with a gradient of 0 instead of 1: confident mistakes are never corrected. `logitbench run digits --arms
logits,double --seeds 4` trains for 10 epochs: the mean validation accuracy is 0.38 instead of 0.93.

Keras on TensorFlow recovers the logits from the activation and warns: the same logit costs 20.00. It cannot recover
them after a `Reshape` or in `mixed_float16`: there the logit costs 1.31 on TensorFlow, too. Nor can it recover them
for `BinaryFocalCrossentropy`: there the logit costs 0.70 instead of 20.00 with the default `gamma=2`. This rule is a
warning where TensorFlow recovers the logits, and an error everywhere else.

## Example

    model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))

## Use instead

    model = keras.Sequential([keras.layers.Dense(10)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))

or keep the activation and remove `from_logits=True`.

## Limits

Not detected: an activation or a `from_logits` that is chosen at run time. Not reported: `log_softmax` with a
categorical loss. It is right, because the softmax of log-probabilities gives the probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import fixes, words

SEVERITY = Severity.ERROR


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find activations that are applied twice."""
    if not isinstance(event, Pair) or event.tensor.torch or not words.is_keras(event.loss):
        return
    if event.loss.from_logits is not True or not words.gives_probabilities(event.tensor):
        return
    what = f"{event.loss.kind} has from_logits=True, and {words.head(event.tensor)} gives probabilities"
    remedy = words.loss_call(event.loss, from_logits=False)
    own = event.tensor.activation == words.OWN[event.loss.family]  # else the activation would be LB103's
    fix = fixes.read_probabilities(event) if own else None
    if backend == "tensorflow" and words.is_recovered(event.tensor, event.loss):
        back = "inside a graph, TensorFlow" if event.model is None else "TensorFlow"  # tf.nn's, eagerly: it does not
        cost = f"{back} takes the logits back, JAX and PyTorch apply the activation twice"
        yield Problem(event.node, f"{what}: {cost}", remedy, Severity.WARNING, event.tensor.node, fix)
    else:
        yield Problem(event.node, f"{what}: the activation is applied twice", remedy, head=event.tensor.node, fix=fix)
