"""In which seeds an arm and its baseline are equal to the bit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from logitbench.compare.contest import Contest
from logitbench.compare.declared import diverged
from logitbench.compare.statistics import Array
from logitbench.records import LEARNED


@dataclasses.dataclass(frozen=True)
class Sameness:
    """How alike an arm and its baseline are.

    Args:
        seeds: Number of seeds.
        equal: Seeds in which all learned figures and the final weights are equal to the bit.
        diverged: Seeds in which one of the two diverged, or both.
        alone: Seeds in which the arm alone diverged, and those in which the baseline alone did.
        diverged_alike: Whether both have the same figures that are not finite.
    """

    seeds: int
    equal: int
    diverged: int
    alone: tuple[int, int]
    diverged_alike: bool

    @property
    def identical(self) -> bool:
        """Whether they are equal in every seed in which neither diverged, and diverged alike in the others."""
        return 0 < self.equal == self.seeds - self.diverged and self.diverged_alike


def sameness(contest: Contest, arm: str) -> Sameness:
    """Return how alike an arm and its baseline are."""
    base = contest.baselines[arm]
    ours, theirs = (_learned(contest.figures[name]) for name in (arm, base))
    finite = [np.isfinite(figures) for figures in (ours, theirs)]
    whole = [~diverged(contest.figures[name]) for name in (arm, base)]
    weights = np.array([one == other for one, other in zip(contest.finals[arm], contest.finals[base], strict=True)])
    equal = (ours == theirs).all(axis=(0, 2)) & weights
    return Sameness(
        seeds=len(contest.seeds),
        equal=int(equal.sum()),
        diverged=int((~whole[0] | ~whole[1]).sum()),
        alone=(int((~whole[0] & whole[1]).sum()), int((whole[0] & ~whole[1]).sum())),
        diverged_alike=bool((finite[0] == finite[1]).all()),
    )


def _learned(of_arm: Mapping[str, Array]) -> Array:
    """Return what was learned, [metrics, seeds, epochs]."""
    return np.stack([figures for metric, figures in of_arm.items() if metric in LEARNED])
