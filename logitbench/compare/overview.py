"""Several experiments at once: which to show in which order, and what holds over all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

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
    return [_different(comparison) for comparison in comparisons if any(_differs(pair) for pair in comparison.pairs)]


def _differs(pair: ArmPair) -> bool:
    return pair.verdict is not Verdict.IDENTICAL


def _different(comparison: Comparison) -> Comparison:
    pairs = tuple(filter(_differs, comparison.pairs))
    kept = {name for pair in pairs for name in (pair.arm, pair.baseline)}
    return dataclasses.replace(
        comparison,
        pairs=pairs,
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
    """An arm against the baseline over several experiments (Agarwal et al., 2021, https://arxiv.org/abs/2108.13264).

    Args:
        name: What the experiments have in common; empty for all.
        experiments: How many they are.
        mixed: Whether some are the same experiment, in runs that may not be taken together.
        seeds: Seeds of all of them.
        diverged: Seeds in which one of the two has no number.
        too_few: Experiments that take no part because they have fewer than ``FEWEST`` seeds.
        arm: The arm.
        baseline: The arm it is held against.
        improvement: Probability that a trial of the arm has the better declared number than one of the baseline, in an
            experiment drawn at random; ties count half, and to have no number is worse than any.
        difference: Interquartile mean, over all seeds and experiments in which both have a number, of the paired
            differences; None where fewer than ``FEWEST`` have.
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
        _group(key, enough, tuple(one.experiment for one in found if len(one.ours) < FEWEST))
        for key, found in strata.items()
        for enough in [[one for one in found if len(one.ours) >= FEWEST]]
        if len(enough) > 1 and any(one.different for one in enough)
    ]


@dataclass(frozen=True)
class _Stratum:
    """An experiment's declared numbers, [seeds], negative where less is better; -inf where there is none."""

    experiment: str
    different: bool
    sign: int
    ours: Array
    theirs: Array

    @property
    def whole(self) -> np.ndarray:
        return np.isfinite(self.ours) & np.isfinite(self.theirs)


def _stratum(comparison: Comparison, pair: ArmPair) -> _Stratum:
    sign = -1 if less_is_better(comparison.declared.metric) else 1
    ours, theirs = (
        np.where(np.isfinite(numbers), sign * numbers, -np.inf)
        for numbers in (comparison.declared.of(comparison.figures[arm]) for arm in (pair.arm, pair.baseline))
    )
    return _Stratum(comparison.run.experiment, _differs(pair), sign, ours, theirs)


def _group(key: tuple[str, str, str], strata: Sequence[_Stratum], too_few: tuple[str, ...]) -> Overall:
    rng = np.random.default_rng(0)
    whole = [(one.ours[one.whole], one.theirs[one.whole]) for one in strata]
    seeds, left = (sum(len(ours) for ours, _ in of) for of in ([(one.ours, one.theirs) for one in strata], whole))
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
        improvement=_estimate(_improvement, [(one.ours, one.theirs) for one in strata], rng),
        difference=_estimate(partial(_difference, strata[0].sign), whole, rng) if left >= FEWEST else None,
    )


Numbers = Sequence[tuple[Array, Array]]


def _estimate(statistic: Callable[[Numbers], float], strata: Numbers, rng: np.random.Generator) -> Estimate:
    draws = [rng.integers(len(ours), size=(RESAMPLES, len(ours))) if len(ours) else None for ours, _ in strata]
    drawn = [
        statistic(
            [
                (ours[draw[i]], theirs[draw[i]])
                for (ours, theirs), draw in zip(strata, draws, strict=True)
                if draw is not None
            ]
        )
        for i in range(RESAMPLES)
    ]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(statistic(strata), float(low), float(high))


def _improvement(strata: Numbers) -> float:
    return float(
        np.mean([((ours[:, None] > theirs) / 2 + (ours[:, None] >= theirs) / 2).mean() for ours, theirs in strata])
    )


def _difference(sign: int, strata: Numbers) -> float:
    from scipy import stats

    return sign * float(stats.trim_mean(np.concatenate([ours - theirs for ours, theirs in strata]), 0.25))
