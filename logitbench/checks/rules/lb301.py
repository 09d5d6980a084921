"""Probabilities are computed below float32.

## What it does

Finds a sigmoid or softmax head that is computed in float16 or bfloat16: by its own `dtype`, or by a mixed-precision
policy that the file sets.

## Why is this bad?

The sigmoid of a logit is exactly 1 from 8.32 on in float16 and from 6.24 on in bfloat16, on TensorFlow and JAX from
7.63 and 5.56 (16.64 in float32). Keras on TensorFlow takes no logits back through the cast, so it clips there, too:
nine wrong logits from -100 to 100 cost 14.33 instead of 55.63. In mixed_float16 the gradient of a softmax head is inf
at margins of 12 and 16 on all backends.

## Example

    keras.mixed_precision.set_global_policy("mixed_float16")
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy")

## Use instead

    keras.layers.Dense(1, activation="sigmoid", dtype="float32")

or a head of logits with `from_logits=True`: it is right in mixed precision.

## Where it cannot tell

A policy that is set in another file or at run time.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words

SEVERITY = Severity.WARNING
SATURATES = {"float16": 8.32, "bfloat16": 6.24}
"""A logit from which on the sigmoid is 1 on every backend."""


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find heads whose probabilities saturate early."""
    del backend
    if not isinstance(event, Pair) or not words.gives_probabilities(event.tensor) or event.tensor.torch:
        return
    dtype = event.tensor.dtype
    if dtype in SATURATES and words.is_keras(event.loss):
        what = f"{words.head(event.tensor)} is computed in {dtype}: from a logit of {SATURATES[dtype]} on it saturates"
        yield Problem(words.place(event.tensor.node, event.node), what, 'dtype="float32"  # of the head')
