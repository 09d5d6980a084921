"""What makes evidence weak, said beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from logitbench.compare.statistics import Array
from logitbench.compare.verdict import BEST, Declared, less_is_better

WIDE = 0.1
"""Standard deviation over mean, over seeds."""


def of_arm(arm: str, figures: Mapping[str, Array], declared: Declared) -> Iterator[str]:
    """Yield what is to be doubted in an arm's declared number.

    Args:
        arm: Its name.
        figures: Its figures by metric, [seeds, epochs]; NaN where it diverged.
        declared: What the number is.
    """
    numbers = declared.of(figures)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) > 1 and numbers.std(ddof=1) > WIDE * abs(numbers.mean()):
        share = (
            f"{100 * numbers.std(ddof=1) / abs(numbers.mean()):.0f} % of its mean" if numbers.mean() else "a mean of 0"
        )
        how = "by" if numbers.mean() else "around"
        yield f"{declared.metric} of {arm} spreads over seeds {how} {share}"
    yield from _unfinished(arm, figures[declared.metric], declared)


def of_numbers(arms: Mapping[str, Mapping[str, Array]], declared: Declared) -> Iterator[str]:
    """Yield what is to be doubted in the declared numbers of a pair, whichever arm they are of.

    Args:
        arms: By arm, its figures by metric, [seeds, epochs].
        declared: What the number is.
    """
    finished = {arm: int(np.isfinite(declared.of(figures)).sum()) for arm, figures in arms.items()}
    if len(set(finished.values())) > 1:
        told = ", ".join(f"{arm} in {n}" for arm, n in finished.items())
        yield f"{declared.metric} is a finite number in unequal numbers of seeds ({told}), and compared where all are"
    if declared.at == f"{BEST}{declared.metric}":
        yield f"{declared.metric} is judged at the epoch that it chose itself, and is better there than on new data"


def _unfinished(arm: str, figures: Array, declared: Declared) -> Iterator[str]:
    """Say so if the metric still gets better at the last epoch, by more than the margin."""
    whole = figures[np.isfinite(figures).all(axis=1)]
    if declared.at != "last" or figures.shape[1] < 2 or not len(whole):
        return
    before, last = whole[:, -2].mean(), whole[:, -1].mean()
    gain = before - last if less_is_better(declared.metric) else last - before
    if gain > declared.equivalence_margin:
        how = "falls" if last < before else "rises"
        yield (
            f"{declared.metric} of {arm} still {how} at the last epoch ({before:.4f} to {last:.4f}): more epochs may "
            "change what is found"
        )
