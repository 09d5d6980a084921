"""Why two arms print different numbers: each gap split into parts that add up to it.

reported accuracy gap = the metric's threshold (each arm's reported minus matched) + the weights (matched minus matched)
reported loss gap = the loss's arithmetic (each arm's reported minus float64 nll on the same weights) + the weights (nll
minus nll)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from logitbench.compare.statistics import Array


@dataclass(frozen=True)
class Split:
    """A gap between what two arms report at an epoch, arm minus baseline, means over the seeds in which all is finite.

    Args:
        epoch: Number of the epoch, from 1.
        n: Number of seeds.
        baseline: What the baseline reports.
        arm: What the arm reports.
        baseline_fair: The baseline's matched accuracy, or its float64 nll.
        arm_fair: The arm's.
    """

    epoch: int
    n: int
    baseline: float
    arm: float
    baseline_fair: float
    arm_fair: float

    @property
    def gap(self) -> float:
        """The arm's figure minus the baseline's."""
        return self.arm - self.baseline

    @property
    def of_weights(self) -> float:
        """Part of the gap that comes from the weights, which is what was learned."""
        return self.arm_fair - self.baseline_fair

    @property
    def of_measuring(self) -> float:
        """Part that comes from how the figure is taken: the metric's threshold, or the loss's arithmetic."""
        return self.gap - self.of_weights

    def rounded(self, digits: int) -> tuple[float, float, float]:
        """Return gap, measuring and weights with so many decimals, which add up to the last of them.

        The gap is that of the two figures as they are printed, so a reader who subtracts them gets it. Weights are
        rounded by themselves; the part between closes the sum.
        """
        gap = round(round(self.arm, digits) - round(self.baseline, digits), digits)
        weights = round(self.of_weights, digits)
        return gap, round(gap - weights, digits), weights


def accuracy(arm: Mapping[str, Array], baseline: Mapping[str, Array]) -> list[Split]:
    """Split the gap of the reported validation accuracy, epoch by epoch; an epoch without a whole seed is left out.

    Args:
        arm: The arm's figures by metric, [seeds, epochs]; NaN where it diverged.
        baseline: The baseline's.
    """
    return _splits(arm, baseline, "val_accuracy", "val_matched_accuracy")


def loss(arm: Mapping[str, Array], baseline: Mapping[str, Array]) -> list[Split]:
    """Split the gap of the reported validation loss, as ``accuracy`` does."""
    return _splits(arm, baseline, "val_loss", "val_nll")


def _splits(arm: Mapping[str, Array], baseline: Mapping[str, Array], reported: str, fair: str) -> list[Split]:
    figures = [of[metric] for of in (arm, baseline) for metric in (reported, fair)]
    whole = np.asarray(np.isfinite(np.stack(figures)).all(axis=0))
    found = []
    for column in range(whole.shape[1]):
        if not whole[:, column].any():
            continue
        ours, ours_fair, theirs, theirs_fair = (values[whole[:, column], column] for values in figures)
        found.append(
            Split(
                epoch=column + 1,
                n=len(ours),
                baseline=float(theirs.mean()),
                arm=float(ours.mean()),
                baseline_fair=float(theirs_fair.mean()),
                arm_fair=float(ours_fair.mean()),
            )
        )
    return found
