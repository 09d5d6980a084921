"""``probe sampling``: what a precision and a representation of a head do to the choice of a token."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from logitbench.errors import UsageError
from logitbench.probes.sampling.chances import (
    LOGITS,
    PRECISIONS,
    REPRESENTATIONS,
    STRATEGIES,
    Floats,
    Knobs,
    chances,
    descending,
    first_other,
    rounded,
    softmax,
)
from logitbench.probes.sampling.draws import distance, draw, share_of_others
from logitbench.probes.sampling.records import Agreement, Head, Measured, Sampling

MOST_TOKENS, MOST_DRAWS = 1_000_000, 10_000_000


SHOWN = 3
"""How many of the likeliest tokens are shown."""


def zipf(tokens: int, seed: int) -> Head:
    """Return a head whose logits are those of a Zipf law, shuffled; tokens are named by rank.

    The r-th likeliest token has a probability in proportion to 1/r, as words of a language do (Zipf, 1935). The logits
    are minus log r, moved to a mean of 0: the gradients of a softmax's logits add up to 0, so training leaves their
    mean where it begins.

    Raises:
        UsageError: There are too few tokens, or too many.
    """
    if not 2 <= tokens <= MOST_TOKENS:
        raise UsageError(f"--vocabulary should be from 2 to {MOST_TOKENS:,}, got {tokens:,}", "For example 32000.")
    ranks = 1 + np.random.default_rng(seed).permutation(tokens)
    logits = -np.log(ranks)
    about = f"Zipf's law over {tokens:,} tokens, named by rank"
    return Head(about, tuple(map(str, ranks)), lambda: (logits - logits.mean())[None])


def _require(knobs: Knobs, draws: int, tokens: int) -> None:
    """Refuse what no distribution comes of.

    Raises:
        UsageError: The message names the option.
    """
    if not 0 < knobs.temperature < np.inf:
        raise UsageError(
            f"--temperature should be a number above 0, got {knobs.temperature}",
            "Greedy choice, the limit at 0, is always shown.",
        )
    if not 1 <= knobs.top_k <= tokens:
        raise UsageError(
            f"--top-k should be from 1 to {tokens:,}, the number of tokens, got {knobs.top_k:,}",
            "Take a smaller k, or more tokens.",
        )
    if not 0 < knobs.top_p <= 1:
        raise UsageError(f"--top-p should be above 0 and at most 1, got {knobs.top_p}", "For example 0.9.")
    if not 1 <= draws <= MOST_DRAWS:
        raise UsageError(f"--draws should be from 1 to {MOST_DRAWS:,}, got {draws:,}", "For example 20000.")


def probe(head: Head, knobs: Knobs, draws: int, seed: int) -> Sampling:
    """Measure each strategy in each precision, from logits and from probabilities.

    Args:
        head: Where the logits come from.
        knobs: Temperature, k and p.
        draws: Random numbers for each context.
        seed: Theirs.

    Raises:
        UsageError: A knob has a value that none can have; no logits are made then.
    """
    _require(knobs, draws, len(head.names))
    logits = head.logits()
    rng = np.random.default_rng([seed, 1])  # not the numbers that shuffled the tokens
    measured: list[Measured] = []
    agreements: list[Agreement] = []
    for context, row in enumerate(logits):
        measured += _measure(context, row, knobs, rng.random(draws))
        agreements += _agree(context, row, knobs)
    return Sampling(head, len(logits), knobs, draws, tuple(measured), tuple(agreements))


def _measure(context: int, row: Floats, knobs: Knobs, uniform: Floats) -> Iterator[Measured]:
    likeliest = [int(token) for token in descending(row)[:SHOWN]]
    for strategy in STRATEGIES:
        reference = chances(row, strategy, LOGITS, knobs).of
        drawn = draw(reference, uniform)
        for precision, representation in product(PRECISIONS, REPRESENTATIONS):
            found = chances(rounded(row, precision), strategy, representation, knobs)
            ours = found.of.astype(np.float64)
            yield Measured(
                context,
                strategy,
                representation,
                precision,
                shown=tuple((token, float(ours[token])) for token in likeliest),
                total=float(ours.sum()),
                tokens=int(np.count_nonzero(ours > 0)),
                became_zero=int(np.count_nonzero((ours == 0) & (reference > 0))),
                gained=int(np.count_nonzero((ours > 0) & (reference == 0))),
                ties=found.ties,
                distance=distance(ours, reference),
                other_draws=share_of_others(drawn, draw(ours, uniform)),
                other_draws_rounded=share_of_others(drawn, draw(found.of, uniform)),
            )


def _agree(context: int, row: Floats, knobs: Knobs) -> Iterator[Agreement]:
    for precision in PRECISIONS:
        logits = rounded(row, precision)
        one, other = (
            chances(logits, "top-k", representation, knobs).of.astype(np.float64) for representation in REPRESENTATIONS
        )
        with np.errstate(all="ignore"):  # logits beyond float16
            yield Agreement(
                context,
                precision,
                different=int(np.count_nonzero(one != other)),
                greatest=float(np.abs(one - other).max()),
                distance=distance(one, other),
                other_from=first_other(descending(logits), descending(softmax(logits))),
                rounding=distance(softmax(logits.astype(np.float64)), softmax(row)),
            )
