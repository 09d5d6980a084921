"""Probabilities are computed below float32.

## What it does

Finds a sigmoid or softmax head that computes in float16 or bfloat16: by its own `dtype`, or by a mixed-precision
policy that the file sets.

## Why is this bad?

The sigmoid rounds to exactly 1 early: in float16 from a logit of 8.32, in bfloat16 from 6.25, in float32 only from
16.64. On TensorFlow and JAX it can round to 1 from 7.63 in float16 and from 5.56 in bfloat16.

In `mixed_float16`, a sigmoid head is also clipped on TensorFlow, because Keras cannot recover the logits through the
cast to float32. A logit of 20 with label 0 costs 15.94 instead of 20.00, with a gradient of 0 instead of 1.

In `mixed_float16`, a softmax head has an infinite or NaN gradient over a range: where the logit of the wrong class is
12 to 16 above that of the right class. From 17 on, the gradient is 0. One such example can destroy the weights.

## Example

    keras.mixed_precision.set_global_policy("mixed_float16")
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")

## Use instead

    keras.mixed_precision.set_global_policy("mixed_float16")
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid", dtype="float32")])
    model.compile(loss="binary_crossentropy")

or a logits head with `from_logits=True`. In `mixed_float16`, a logit of 20 with label 0 then costs 20.00, with a
gradient of 1.

## Limits

Not detected: a policy that is set in another file or at run time.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.WARNING
SATURATES = {"float16": 8.32, "bfloat16": 6.25}
"""From this logit on, a sigmoid is 1 on every backend; so is a softmax of two units, from this difference on."""


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads whose probabilities saturate early."""
    del backend
    if not isinstance(event, Pair) or not words.gives_probabilities(event.tensor) or event.tensor.torch:
        return
    dtype = event.tensor.dtype
    if dtype in SATURATES and words.is_keras(event.loss):
        where = (
            "from a logit of" if event.tensor.activation == "sigmoid" else "between two classes from a difference of"
        )
        what = f"{words.head(event.tensor)} is computed in {dtype}: {where} {SATURATES[dtype]} on it saturates"
        yield Problem(words.place(event.tensor.node, event.node), what, 'dtype="float32"  # of the head')
