"""The number of each trial that a verdict is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logitbench.compare.statistics import Array
from logitbench.errors import UsageError, did_you_mean
from logitbench.records import LEARNED, METRICS, REPORTED

MARGIN_OF_ACCURACY, MARGIN_OF_LOSS = 0.005, 0.01
"""Differences of the mean that nobody would act on: half a point, a hundredth of a nat."""

BEST = "best:"


@dataclass(frozen=True)
class Declared:
    """The number of each trial that a verdict is about, chosen up front.

    Args:
        metric: One of ``METRICS``.
        at: ``last``, the last epoch; or ``best:METRIC``, the epoch at which that metric was best in each trial and arm.
        margin: Half the width of what counts as equivalent; by default 0.005 for shares, 0.01 nats for losses.

    Raises:
        UsageError: There is no such metric, epoch or margin.
    """

    metric: str = "val_nll"
    at: str = "last"
    margin: float | None = None

    def __post_init__(self) -> None:
        if self.at != "last" and not self.at.startswith(BEST):
            raise UsageError(f"--at takes last or best:METRIC, got {self.at!r}", "Example: --at best:val_nll")
        for name in self.metrics:
            if name not in METRICS:
                raise UsageError(f"there is no metric {name!r}", did_you_mean(name, METRICS))
        if "saturated_fraction" in self.metrics:
            raise UsageError(
                "saturated_fraction counts examples right or wrong: neither more nor less of it is better",
                "Take dead_fraction.",
            )
        for name in set(self.metrics) & REPORTED:
            raise UsageError(
                f"a verdict on {name} would be about the metric's threshold and not about the models",
                f"Keras uses the threshold 0.5 for every head. Take {name.replace('accuracy', 'matched_accuracy')}.",
            )
        if self.margin is not None and not 0 < self.margin < np.inf:
            raise UsageError(f"the margin should be above 0, got {self.margin}")

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that it is made of."""
        return (self.metric,) if self.at == "last" else (self.metric, self.at.removeprefix(BEST))

    @property
    def equivalence_margin(self) -> float:
        """The margin, stated or by default."""
        if self.margin is not None:
            return self.margin
        return MARGIN_OF_LOSS if is_loss(self.metric) else MARGIN_OF_ACCURACY

    def of(self, figures: Mapping[str, Array], metric: str | None = None) -> Array:
        """Return the number of each trial, [seeds]; NaN where the arm diverged, at whatever epoch.

        A training that diverges after its best epoch has not been stopped there: its best epoch is no result.

        Args:
            figures: By metric, [seeds, epochs].
            metric: Another metric at the same epoch.
        """
        chosen = figures[metric or self.metric]
        best = np.full(len(chosen), chosen.shape[1] - 1)
        if self.at != "last":
            by = figures[self.at.removeprefix(BEST)]
            signed = by if less_is_better(self.at.removeprefix(BEST)) else -by
            best = np.where(np.isfinite(by), signed, np.inf).argmin(axis=1)
        return np.where(diverged(figures), np.nan, chosen[np.arange(len(chosen)), best])


def diverged(figures: Mapping[str, Array]) -> NDArray[np.bool_]:
    """Return in which seeds a learned figure of an arm is not a finite number at some epoch, [seeds].

    Args:
        figures: By metric, [seeds, epochs].
    """
    learned = np.stack([values for metric, values in figures.items() if metric in LEARNED])
    return np.asarray(~np.isfinite(learned).all(axis=(0, 2)), dtype=bool)


def is_loss(metric: str) -> bool:
    """Return whether a metric is in nats."""
    return metric.endswith(("loss", "nll"))


def less_is_better(metric: str) -> bool:
    """Return whether less of a metric is better."""
    return is_loss(metric) or metric == "dead_fraction"
