"""What ``probe sampling`` is asked about, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from logitbench.probes.sampling.chances import Floats, Knobs


@dataclass(frozen=True)
class Measured:
    """A distribution, held against the one of float64 logits by the same strategy and knobs.

    Args:
        context: Which row of logits, from 0.
        strategy: One of ``STRATEGIES``.
        representation: One of ``REPRESENTATIONS``.
        precision: One of ``PRECISIONS``.
        shown: The likeliest tokens of the softmax, each with its chance.
        total: Sum of all chances, in float64.
        tokens: How many have a chance above 0.
        became_zero: Tokens whose chance is exactly 0, and is not in the reference.
        gained: Tokens that have a chance, and none in the reference.
        ties: Tokens left out although equal to the last one kept.
        distance: Total variation distance to the reference; NaN where there is no distribution.
        other_draws: Share of draws that give another token under the same random numbers.
        other_draws_rounded: The same where the running total that is searched is rounded to the precision too.
    """

    context: int
    strategy: str
    representation: str
    precision: str
    shown: tuple[tuple[int, float], ...]
    total: float
    tokens: int
    became_zero: int
    gained: int
    ties: int
    distance: float
    other_draws: float
    other_draws_rounded: float


@dataclass(frozen=True)
class Agreement:
    """Top-k of the logits and then softmax, held against softmax, then top-k, then made to sum to 1.

    Args:
        context: Which row of logits, from 0.
        precision: In which both are computed.
        different: Tokens whose chances are not the same number.
        greatest: The greatest difference of a chance; NaN where one is no distribution.
        distance: Total variation distance of the two; NaN where one is no distribution.
        other_from: The least k for which the two keep other tokens; None where they never do.
        rounding: Total variation distance between the softmax of the logits as they are and as they are rounded,
            both in float64: what no later care brings back.
    """

    context: int
    precision: str
    different: int
    greatest: float
    distance: float
    other_from: int | None
    rounding: float


@dataclass(frozen=True)
class Head:
    """Where logits come from.

    Args:
        about: For a title.
        names: Of the tokens.
        logits: Makes them, [contexts, tokens].
    """

    about: str
    names: tuple[str, ...]
    logits: Callable[[], Floats]


@dataclass(frozen=True)
class Sampling:
    """All that the probe finds.

    Args:
        head: Where the logits come from.
        contexts: Rows of logits.
        knobs: Temperature, k and p.
        draws: Random numbers for each context.
        measured: By context, strategy, precision and representation.
        agreements: By context and precision.
    """

    head: Head
    contexts: int
    knobs: Knobs
    draws: int
    measured: tuple[Measured, ...]
    agreements: tuple[Agreement, ...]
