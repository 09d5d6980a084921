"""Several experiments at once: which to show in which order, and what holds over all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.compare.declared import less_is_better
from logitbench.compare.statistics import CONFIDENCE, FEWEST, Array
from logitbench.compare.verdict import Verdict

RESAMPLES = 2000

GROUPS: dict[str, Callable[[Comparison], str]] = {
    "arm": lambda _: "",
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
    """A number with its 95 % interval."""

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
        mixed: Whether an experiment has runs that are not pooled; it takes part once, with the means of its groups of
            runs, seed by seed.
        seeds: Seeds of all of them.
        diverged: Seeds in which one of the two has no number.
        too_few: Experiments that take no part because they have fewer than ``FEWEST`` seeds.
        arm: The arm.
        baseline: The arm it is held against.
        improvement: Probability that in a seed the arm has the better declared number by more than the margin, in an
            experiment drawn at random; a difference within the margin counts half, and a missing number is worse than
            any other. Its interval is Agresti and Coull's, which keeps a width where all seeds agree.
        difference: Interquartile mean of the paired differences, of the seeds in which both have a number; None where
            fewer than ``FEWEST`` have. Its interval is a bootstrap's that draws seeds within each experiment.
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
    strata: dict[tuple[str, str, str], dict[str, list[_Stratum]]] = {}
    for comparison in comparisons:
        for pair in comparison.pairs:
            key = (GROUPS[by](comparison), pair.arm, pair.baseline)
            of_experiment = strata.setdefault(key, {}).setdefault(comparison.run.experiment, [])
            of_experiment.append(_stratum(comparison, pair))
    return [
        _group(key, enough, too_few)
        for key, experiments in strata.items()
        for found in [{name: _merged(groups) for name, groups in experiments.items()}]
        for enough in [[one for one in found.values() if len(one.scores) >= FEWEST]]
        for too_few in [tuple(name for name, one in found.items() if len(one.scores) < FEWEST)]
        if len(enough) > 1 and any(one.different for one in enough)
    ]


@dataclass(frozen=True)
class _Stratum:
    """An experiment.

    Args:
        groups: How many groups of runs it has that are not pooled.
        different: Whether the arms are not identical.
        scores: 1 where the arm is better, 0 where the baseline is, else a half, by seed.
        differences: Arm minus baseline, by seed; NaN where one of them has no number.
    """

    groups: int
    different: bool
    scores: Mapping[int, float]
    differences: Mapping[int, float]


def _stratum(comparison: Comparison, pair: ArmPair) -> _Stratum:
    declared = comparison.declared
    ours, theirs = (declared.of(comparison.figures[arm]) for arm in (pair.arm, pair.baseline))
    whole = np.isfinite(ours) & np.isfinite(theirs)
    ahead = np.where(whole, theirs - ours if less_is_better(declared.metric) else ours - theirs, 0.0)
    better = np.where(whole, ahead > declared.equivalence_margin, np.isfinite(ours) & ~np.isfinite(theirs))
    worse = np.where(whole, -ahead > declared.equivalence_margin, np.isfinite(theirs) & ~np.isfinite(ours))
    scores, differences = (1.0 + better - worse) / 2, np.where(whole, ours - theirs, np.nan)
    return _Stratum(
        1,
        pair.verdict is not Verdict.IDENTICAL,
        dict(zip(comparison.seeds, scores.tolist(), strict=True)),
        dict(zip(comparison.seeds, differences.tolist(), strict=True)),
    )


def _merged(groups: Sequence[_Stratum]) -> _Stratum:
    """Return an experiment's groups of runs as one: the mean over groups of each seed.

    Groups share seeds, and so initial weights and batches: to count a seed once for each would narrow the intervals.
    """
    if len(groups) == 1:
        return groups[0]
    return _Stratum(
        len(groups),
        any(one.different for one in groups),
        _means([one.scores for one in groups]),
        _means([one.differences for one in groups]),
    )


def _means(by_seed: Sequence[Mapping[int, float]]) -> dict[int, float]:
    seeds = dict.fromkeys(seed for one in by_seed for seed in one)
    return {seed: float(np.mean([one[seed] for one in by_seed if seed in one])) for seed in seeds}


def _group(key: tuple[str, str, str], strata: Sequence[_Stratum], too_few: tuple[str, ...]) -> Overall:
    seeds = sum(len(one.scores) for one in strata)
    differences = [np.array([gap for gap in one.differences.values() if np.isfinite(gap)]) for one in strata]
    whole = [of_experiment for of_experiment in differences if len(of_experiment)]
    left = sum(map(len, whole))
    name, arm, baseline = key
    return Overall(
        name=name,
        experiments=len(strata),
        mixed=any(one.groups > 1 for one in strata),
        seeds=seeds,
        diverged=seeds - left,
        too_few=too_few,
        arm=arm,
        baseline=baseline,
        improvement=improvement([np.array([*one.scores.values()]) for one in strata]),
        difference=_bootstrapped(interquartile_mean, whole) if left >= FEWEST else None,
    )


def improvement(strata: Sequence[Array]) -> Estimate:
    """Return the mean of the strata's mean scores with Agresti and Coull's interval, as if every score were 0 or 1.

    A bootstrap's interval has no width where all seeds agree. (Agresti and Coull, 1998,
    https://doi.org/10.1080/00031305.1998.10480550; Wilson's covers .89 instead of .95 at a probability of .01.) The
    number of observations is the one that gives a mean of means the variance of a single proportion. Ties make the
    interval wider than it need be.

    Args:
        strata: Scores between 0 and 1 of each experiment.
    """
    from statsmodels.stats.proportion import proportion_confint

    value = float(np.mean([one.mean() for one in strata]))
    observations = len(strata) ** 2 / sum(1 / len(one) for one in strata)
    low, high = proportion_confint(value * observations, observations, 1 - CONFIDENCE, method="agresti_coull")
    return Estimate(value, float(low), float(high))


def _bootstrapped(statistic: Callable[[Sequence[Array]], float], strata: Sequence[Array]) -> Estimate:
    rng = np.random.default_rng(0)
    drawn = [statistic([rng.choice(one, len(one)) for one in strata]) for _ in range(RESAMPLES)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Estimate(statistic(strata), float(low), float(high))


def interquartile_mean(strata: Sequence[Array]) -> float:
    """Return the mean of the middle half of the numbers, of which each stratum has the same share.

    Where the quarters fall between two numbers, these are weighted. rliable's (Agarwal et al., 2021), SciPy's trimmed
    mean, cuts off whole numbers; the two are equal for strata of one size if their total is divisible by 4.
    """
    numbers = np.concatenate(strata)
    shares = np.concatenate([np.full(len(one), 1 / len(one) / len(strata)) for one in strata])
    order = numbers.argsort(kind="stable")
    ends = np.cumsum(shares[order])
    inside = np.clip(np.minimum(ends, 0.75) - np.maximum(ends - shares[order], 0.25), 0, None)
    return float((inside * numbers[order]).sum() / inside.sum())
