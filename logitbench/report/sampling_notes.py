"""What follows of what ``probe sampling`` finds, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from logitbench.probes.sampling.chances import Knobs
from logitbench.probes.sampling.records import Measured, Sampling


def setting(strategy: str, knobs: Knobs) -> float | int | None:
    """Return the knob of a strategy; None for greedy."""
    return {"temperature": knobs.temperature, "top-k": knobs.top_k, "top-p": knobs.top_p}.get(strategy)


def label(strategy: str, knobs: Knobs) -> str:
    """Return a strategy with its knob."""
    knob = setting(strategy, knobs)
    return strategy if knob is None else f"{strategy} {knob:g}"


def meaning(found: Sampling) -> str:
    """Return what the columns are."""
    over = "" if found.contexts == 1 else f" Means over {found.contexts} contexts; tokens are added up over them."
    return (
        f"distance: total variation. other draws: share of other tokens under the same {found.draws:,} random numbers. "
        f"became 0, new: tokens that lost or got a chance. tied: left out, and equal to the last one kept.{over}"
    )


def worst(found: Sampling) -> Iterator[str]:
    """Yield what follows of the worst cases: tokens that are lost, draws that differ, nothing to draw from."""
    rounded = [one for one in found.measured if not math.isnan(one.distance)]
    lost = max(rounded, key=lambda one: one.became_zero)
    if lost.became_zero:
        yield (
            f"{_way(lost, found)}: {lost.became_zero:,} of {len(found.head.names):,} tokens have a chance of exactly "
            "0, and more than that in float64."
        )
    drawn = max(rounded, key=lambda one: one.other_draws)
    if drawn.other_draws:
        yield (
            f"{_way(drawn, found)}: a distance of {drawn.distance:.2g}, and {_percent(drawn.other_draws)} of draws are "
            f"other tokens ({_percent(drawn.other_draws_rounded)} if the running total is rounded too): a chance that "
            "is off moves every token after it. Compare distributions, not samples."
        )
    none = Counter(
        (one.strategy, one.representation, one.precision) for one in found.measured if math.isnan(one.distance)
    )
    if none:
        ways = (
            f"{label(strategy, found.knobs)} from {representation} in {precision}"
            + (f" ({times} of {found.contexts} contexts)" if found.contexts > 1 else "")
            for (strategy, representation, precision), times in none.items()
        )
        yield f"NaN: every chance is 0 or NaN, so nothing can be drawn: {', '.join(ways)}."


def _way(one: Measured, found: Sampling) -> str:
    of = "" if found.contexts == 1 else f", context {one.context}"
    return f"{label(one.strategy, found.knobs)} from {one.representation} in {one.precision}{of}"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
