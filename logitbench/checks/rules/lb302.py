"""A layer after the activation prevents Keras from recovering the logits.

## What it does

Finds a sigmoid or softmax head with `from_logits=False` whose output passes through a `Reshape`, a `Flatten`, a
`squeeze`, a cast, an index or `TimeDistributed` before the loss. It is a note for `--backend tensorflow`: shown under
`--severity note`.

## Why is this bad?

Keras on TensorFlow recovers the logits from a sigmoid or softmax and computes the loss from them. It cannot do so
after a layer that makes a new tensor. Then it clips the probabilities, as JAX and PyTorch always do. A logit of 20
with label 0 costs 15.94 instead of 20.00, with a gradient of 0 instead of 1.

`logitbench run breast-cancer-raw --arms logits,probs-clipped --epochs 30 --seeds 6` trains such a head
(`probs-clipped`): its mean matched validation accuracy is 0.58 instead of 0.84.

## Example

    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid"), keras.layers.Reshape(())])
    model.compile(loss="binary_crossentropy")

## Use instead

    model = keras.Sequential([keras.layers.Dense(1), keras.layers.Reshape(())])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))

or apply the activation last.

## Limits

The rule cannot know whether logits become large enough for the clip to matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.NOTE


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads whose logits are lost on the way to the loss."""
    if not isinstance(event, Pair) or not words.is_keras(event.loss) or event.tensor.predicted or event.tensor.torch:
        return
    tensor, loss = event.tensor, event.loss
    if loss.from_logits is not False or tensor.activation != words.OWN[loss.family]:
        return
    if tensor.after and backend == "tensorflow":
        what = f"{tensor.after[0]} stands between {words.head(tensor)} and {loss.kind}"
        yield Problem(event.node, f"{what}: TensorFlow clips the probabilities there", head=tensor.node)
