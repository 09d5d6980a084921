"""Between the activation and the loss stands what keeps the logits from being taken back.

## What it does

Finds a sigmoid or softmax head, with `from_logits=False`, behind whose activation comes a `Reshape`, a `Flatten`, a
`squeeze`, a cast, an index or `TimeDistributed`. It is a note: shown under `--severity note`.

## Why is this bad?

Keras on TensorFlow takes the logits back only from an activation that stands directly before the loss. Else it clips
the probabilities, as JAX and PyTorch always do: nine wrong logits from -100 to 100 cost 14.33 instead of 55.63, and
past the clip the gradient is exactly 0. After 30 epochs on raw breast-cancer features (6 seeds) such a head is at an
accuracy of .58 where the other is at .84.

## Example

    keras.Sequential([keras.layers.Dense(1, activation="sigmoid"), keras.layers.Reshape(())])

## Use instead

    keras.Sequential([keras.layers.Dense(1), keras.layers.Reshape(())])  # and from_logits=True

or apply the activation last.

## Where it cannot tell

Whether logits are ever large enough for it to matter.
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
