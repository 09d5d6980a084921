"""From logits to the chance of each token, by each way of choosing one, every operation rounded to one precision.

What is rounded when: each result of ``exp``, ``-``, ``/`` and ``**`` is rounded to the precision. Sums are added up in
float32 (float64 in float64) and rounded once; so is each partial sum of a running total. That is what
``jax.nn.softmax`` does in bfloat16, bit for bit, and what ``torch.cumsum`` does. ``torch.softmax`` rounds once only,
at the end, and so is a little closer to the truth. Equal values are put in the order of the tokens, lowest first, as
``numpy.argmax``, ``jax.lax.top_k`` and ``tf.math.top_k`` do; ``torch.topk`` promises no order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

REFERENCE = "float64"
PRECISIONS = (REFERENCE, "float32", "float16", "bfloat16")

LOGITS, PROBABILITIES = "logits", "probabilities"
REPRESENTATIONS = (LOGITS, PROBABILITIES)
"""What a strategy is applied to: logits, of which the softmax is taken last, or the softmax of all of them."""

STRATEGIES = ("greedy", "temperature", "top-k", "top-p")

Floats = NDArray[np.float64]

Numbers = NDArray[Any]
"""[tokens], in the precision that is asked about."""


@dataclass(frozen=True)
class Knobs:
    """What the strategies are given; each strategy uses its own alone.

    Args:
        temperature: Above 0.
        top_k: From 1 to the number of tokens.
        top_p: Above 0, at most 1.
    """

    temperature: float
    top_k: int
    top_p: float


@dataclass(frozen=True)
class Chances:
    """A distribution over the tokens.

    Args:
        of: [tokens], in its precision; the sum is 1 but for rounding. All NaN where the arithmetic breaks down.
        ties: How many tokens were left out although they are equal to the last one kept.
    """

    of: Numbers
    ties: int


def rounded(logits: Floats, precision: str) -> Numbers:
    """Return logits in a precision, to the nearest; float16 has none beyond 65,504 and gives infinities."""
    if precision == "bfloat16":
        import ml_dtypes  # Keras and TensorFlow both depend on it

        return logits.astype(ml_dtypes.bfloat16)
    with np.errstate(over="ignore"):
        return logits.astype(precision)


def chances(logits: Numbers, strategy: str, representation: str, knobs: Knobs) -> Chances:
    """Return the chance of each token.

    Args:
        logits: In the precision in which everything is computed.
        strategy: One of ``STRATEGIES``.
        representation: One of ``REPRESENTATIONS``.
        knobs: Temperature, k and p.
    """
    with np.errstate(all="ignore"):  # what overflows or has no value is what is asked about
        probabilities = softmax(logits)
        if strategy == "temperature":
            return Chances(_tempered(logits, probabilities, representation, knobs.temperature), 0)
        ranked = logits if representation == LOGITS else probabilities
        order = descending(ranked)
        count = {
            "greedy": 1,
            "top-k": knobs.top_k,
            "top-p": nucleus(probabilities[order], knobs.top_p),
        }[strategy]
        kept, left_out = order[:count], order[count:]
        of = np.zeros_like(probabilities)
        of[kept] = softmax(logits[kept]) if representation == LOGITS else normalised(probabilities[kept])
        if strategy == "greedy":
            of[kept] = 1
        return Chances(of, int(np.count_nonzero(ranked[left_out] == ranked[kept[-1]])))


def softmax(logits: Numbers) -> Numbers:
    """Return e^z / sum of e^z, the largest z taken off first, so that nothing overflows."""
    return normalised(np.exp(logits - logits.max()))


def normalised(weights: Numbers) -> Numbers:
    """Return weights over their sum."""
    result: Numbers = weights / weights.sum(dtype=_sums_in(weights)).astype(weights.dtype)
    return result


def running_total(weights: Numbers) -> Numbers:
    """Return the sum of the weights up to and including each."""
    return weights.cumsum(dtype=_sums_in(weights)).astype(weights.dtype)


def descending(values: Numbers) -> NDArray[np.intp]:
    """Return the tokens from the largest value to the smallest, equal ones in their own order."""
    return np.argsort(-values.astype(np.float64), kind="stable")


def nucleus(descending_probabilities: Numbers, top_p: float) -> int:
    """Return how many of the likeliest tokens it takes to reach the mass ``top_p``.

    All of them where rounding keeps the running total from ever reaching it; and for 1, which filters nothing.
    """
    total = running_total(descending_probabilities)
    reached = total >= total.dtype.type(top_p)
    return int(reached.argmax()) + 1 if top_p < 1 and reached.any() else len(total)


def first_other(one: NDArray[np.intp], other: NDArray[np.intp]) -> int | None:
    """Return the least k for which the first k of two orders [tokens] are not the same set; None where all are."""
    place = np.empty_like(other)
    place[other] = np.arange(len(other))
    # The first k are the same set if and only if none of the one's stands at place k or later in the other.
    apart = np.maximum.accumulate(place[one]) > np.arange(len(one))
    return int(apart.argmax()) + 1 if apart.any() else None


def _tempered(logits: Numbers, probabilities: Numbers, representation: str, temperature: float) -> Numbers:
    number = logits.dtype.type
    if representation == LOGITS:
        return softmax(logits / number(temperature))
    # softmax(z / T) is softmax(z)^(1/T), made to sum to 1
    return normalised(probabilities ** number(1 / temperature))


def _sums_in(weights: Numbers) -> type[np.floating[Any]]:
    return np.float64 if weights.dtype == np.float64 else np.float32
