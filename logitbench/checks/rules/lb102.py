"""A loss applies an activation that the model has applied already.

## What it does

Finds a head that ends in sigmoid or softmax whose cross-entropy has `from_logits=True`.

## Why is this bad?

The activation is applied twice. On JAX and PyTorch that is silent: nine wrong logits from -100 to 100 cost 0.99997
instead of 55.63, and a confident mistake is hardly corrected any more. After ten epochs of
`logitbench run digits --arms logits,double --seeds 4` the accuracy is .38 instead of .93. Keras on TensorFlow takes
the logits back and warns; it cannot do so after a Reshape, in mixed precision or for a focal loss. So it is an error on
JAX and PyTorch, and on TensorFlow where the logits are lost; else a warning.

## Example

    model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))

## Use instead

    model = keras.Sequential([keras.layers.Dense(10)])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))

or keep the activation and leave `from_logits=True` out.

## Where it cannot tell

A head or a `from_logits=` that is chosen at run time. `log_softmax` with a categorical loss is right and never
reported: the softmax of log-probabilities gives the probabilities back.
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
