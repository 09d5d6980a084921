"""Several experiments at once: which to show in which order, and what holds over all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.compare.statistics import CONFIDENCE, FEWEST, Array
from logitbench.compare.verdict import Verdict, less_is_better

RESAMPLES = 2000

GROUPS: dict[str, Callable[[Comparison], str]] = {
    "arm": lambda _: "",
    "experiment": lambda comparison: comparison.run.experiment,
    "precision": lambda comparison: str(comparison.run.spec.get("training", {}).get("precision")),
}
"""What experiments may be put together by."""

ORDERS: dict[str, Callable[[Comparison], tuple[float, str]]] = {
    "experiment": lambda comparison: (0.0, comparison.run.experiment),
    "difference": lambda comparison: (
        -max((abs(pair.evidence.sample.mean or 0.0) for pair in comparison.pairs), default=0.0),
        comparison.run.experiment,
    ),
    "p": lambda comparison: (
        min((pair.evidence.p for pair in comparison.pairs if pair.evidence.p is not None), default=1.0),
        comparison.run.experiment,
    ),
}
"""What experiments may be sorted by."""

ALARMS: dict[str, Callable[[ArmPair], bool]] = {
    "different": lambda pair: pair.verdict in {Verdict.A_BETTER, Verdict.B_BETTER, Verdict.DIVERGED} or any(pair.alone),
    "worse": lambda pair: pair.verdict is Verdict.A_BETTER or pair.alone[0] > 0,
    "not-equivalent": lambda pair: pair.verdict not in {Verdict.IDENTICAL, Verdict.EQUIVALENT},
}
"""What a caller may ask to fail on; to diverge where the baseline does not is to be worse."""

UNDECIDED = frozenset({Verdict.TOO_FEW_SEEDS, Verdict.INCONCLUSIVE, Verdict.DIVERGED})
"""Verdicts that let ``different`` and ``worse`` pass because nothing is known."""


def only_different(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Return the comparisons without arms that are identical to their baseline, and none that had only such."""
    return [_different(comparison) for comparison in comparisons if comparison.different]


def _different(comparison: Comparison) -> Comparison:
    kept = {name for pair in comparison.different for name in (pair.arm, pair.baseline)}
    return dataclasses.replace(
        comparison,
        pairs=comparison.different,
        loss_paths={arm: paths for arm, paths in comparison.loss_paths.items() if arm in kept},
        cells={key: cell for key, cell in comparison.cells.items() if key[2] in kept},
        figures={arm: of_arm for arm, of_arm in comparison.figures.items() if arm in kept},
    )


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval from a stratified bootstrap: seeds are drawn anew within each experiment."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Overall:
    """An arm against the baseline over several experiments, paired by seed; each experiment has the same weight.

    After Agarwal et al., 2021 (https://arxiv.org/abs/2108.13264), whose trials are not paired.

    Args:
        name: What the experiments have in common; empty for all.
        experiments: How many they are.
        mixed: Whether some are the same experiment, in runs that may not be taken together.
        seeds: Seeds of all of them.
        diverged: Seeds in which one of the two has no number.
        too_few: Experiments that take no part because they have fewer than ``FEWEST`` seeds.
        arm: The arm.
        baseline: The arm it is held against.
        improvement: Probability that in a seed the arm has the better declared number by more than the margin, in an
            experiment drawn at random; what is within the margin counts half, and to have no number is worse than any.
        difference: Interquartile mean of the paired differences, of the seeds in which both have a number; None where
            fewer than ``FEWEST`` have.
    """

    name: str
    experiments: int
    mixed: bool
    seeds: int
    diverged: int
    too_few: tuple[str, ...]
    arm: str
    baseline: str
    improvement: Estimate
    difference: Estimate | None


def groups(comparisons: Sequence[Comparison], by: str = "arm") -> list[Overall]:
    """Return what holds over experiments, for each group that has two of them or more.

    An experiment with fewer than ``FEWEST`` seeds takes no part, nor do arms that are identical in all of them.

    Args:
        comparisons: All with the same declared number.
        by: One of ``GROUPS``.
    """
    strata: dict[tuple[str, str, str], list[_Stratum]] = {}
    for comparison in comparisons:
        for pair in comparison.pairs:
            key = (GROUPS[by](comparison), pair.arm, pair.baseline)
            strata.setdefault(key, []).append(_stratum(comparison, pair))
    return [
        _group(key, enough, tuple(one.experiment for one in found if len(one.scores) < FEWEST))
        for key, found in strata.items()
        for enough in [[one for one in found if len(one.scores) >= FEWEST]]
        if len(enough) > 1 and any(one.different for one in enough)
    ]


@dataclass(frozen=True)
class _Stratum:
    """An experiment.

    Args:
        experiment: Its name.
        different: Whether the arms are not identical.
        scores: 1 where the arm is better, 0 where the baseline is, else a half, [seeds].
        differences: Arm minus baseline, [seeds in which both have a number].
    """

    experiment: str
    different: bool
    scores: Array
    differences: Array


def _stratum(comparison: Comparison, pair: ArmPair) -> _Stratum:
    declared = comparison.declared
    ours, theirs = (declared.of(comparison.figures[arm]) for arm in (pair.arm, pair.baseline))
    whole = np.isfinite(ours) & np.isfinite(theirs)
    ahead = np.where(whole, theirs - ours if less_is_better(declared.metric) else ours - theirs, 0.0)
    better = np.where(whole, ahead > declared.equivalence_margin, np.isfinite(ours) & ~np.isfinite(theirs))
    worse = np.where(whole, -ahead > declared.equivalence_margin, np.isfinite(theirs) & ~np.isfinite(ours))
    return _Stratum(
        comparison.run.experiment,
        pair.verdict is not Verdict.IDENTICAL,
        (1.0 + better - worse) / 2,
        (ours - theirs)[whole].astype(np.float64),
    )


def _group(key: tuple[str, str, str], strata: Sequence[_Stratum], too_few: tuple[str, ...]) -> Overall:
    seeds = sum(len(one.scores) for one in strata)
    whole = [one.differences for one in strata if len(one.differences)]
    left = sum(map(len, whole))
    name, arm, baseline = key
    return Overall(
        name=name,
        experiments=len(strata),
        mixed=len({one.experiment for one in strata}) < len(strata),
        seeds=seeds,
        diverged=seeds - left,
        too_few=too_few,
        arm=arm,
        baseline=baseline,
        improvement=_estimate(_mean_of_means, [one.scores for one in strata]),
        difference=_estimate(interquartile_mean, whole) if left >= FEWEST else None,
    )


def _estimate(statistic: Callable[[Sequence[Array]], float], strata: Sequence[Array]) -> Estimate:
    rng = np.random.default_rng(0)
    drawn = [statistic([rng.choice(one, len(one)) for one in strata]) for _ in range(RESAMPLES)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(statistic(strata), float(low), float(high))


def _mean_of_means(strata: Sequence[Array]) -> float:
    return float(np.mean([one.mean() for one in strata]))


def interquartile_mean(strata: Sequence[Array]) -> float:
    """Return the mean of the middle half of the numbers, of which each stratum has the same share."""
    numbers = np.concatenate(strata)
    shares = np.concatenate([np.full(len(one), 1 / len(one) / len(strata)) for one in strata])
    order = numbers.argsort(kind="stable")
    ends = np.cumsum(shares[order])
    inside = np.clip(np.minimum(ends, 0.75) - np.maximum(ends - shares[order], 0.25), 0, None)
    return float((inside * numbers[order]).sum() / inside.sum())
