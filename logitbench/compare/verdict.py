"""What the evidence says of two arms, by the one number of each trial that was declared beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from logitbench.compare import statistics
from logitbench.compare.power import seeds_needed
from logitbench.compare.statistics import ALPHA, FEWEST, Array, Paired
from logitbench.errors import UsageError, did_you_mean
from logitbench.records import METRICS, REPORTED

MARGIN_OF_ACCURACY, MARGIN_OF_LOSS = 0.005, 0.01
"""Differences of the mean that nobody would act on: half a point, a hundredth of a nat."""

BEST = "best:"

FEW_ENOUGH_TO_LEAVE_OUT = 100
"""Seeds; of more, none carries an effect alone."""


class Verdict(StrEnum):
    """A is the baseline, B the arm that is held against it."""

    IDENTICAL = "IDENTICAL"
    """Every learned figure and all final weights are equal to the bit in every seed; no test is run.

    Seeds in which both diverged are counted apart; one in which only one of them did makes them differ.
    """
    DIVERGED = "DIVERGED"
    """In every seed one of them diverged."""
    TOO_FEW_SEEDS = "TOO FEW SEEDS"
    """Fewer than 6: no test could show anything at .05."""
    EQUIVALENT = "EQUIVALENT"
    """The mean difference is within the margin, shown by two one-sided tests."""
    A_BETTER = "A BETTER"
    B_BETTER = "B BETTER"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Declared:
    """The number of each trial that a verdict is about.

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
                f"Keras cuts every head at 0.5 for it. Take {name.replace('accuracy', 'matched_accuracy')}.",
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
        """Return the number of each trial, [seeds]; NaN where it has none, or no best epoch.

        Args:
            figures: By metric, [seeds, epochs].
            metric: Another metric at the same epoch.
        """
        chosen = figures[metric or self.metric]
        if self.at == "last":
            return chosen[:, -1]
        by = figures[self.at.removeprefix(BEST)]
        finite = np.isfinite(by)
        signed = by if less_is_better(self.at.removeprefix(BEST)) else -by
        best = np.where(finite, signed, np.inf).argmin(axis=1)
        return np.where(finite.any(axis=1), chosen[np.arange(len(chosen)), best], np.nan)


def is_loss(metric: str) -> bool:
    """Return whether a metric is in nats."""
    return metric.endswith(("loss", "nll"))


def less_is_better(metric: str) -> bool:
    """Return whether less of a metric is better."""
    return is_loss(metric) or metric == "dead_fraction"


@dataclass(frozen=True)
class Evidence:
    """An arm against the baseline by the declared number.

    Args:
        sample: The arm's number minus the baseline's, over the seeds in which both are finite.
        p: p of the sample, corrected (Holm) for all pairs of arms that were compared; None for fewer than 6 seeds.
        equivalence_p: p of the two one-sided tests, corrected in the same way; None for fewer than 6.
        tests: For how many pairs of arms the p-values are corrected.
        needed: Seeds that would settle what is inconclusive, if a number is known.
        verdict: What follows.
        doubts: What makes the evidence weak, one sentence each.
        lost: Seeds in which B alone has no number, and those in which A alone has none.
    """

    sample: Paired
    verdict: Verdict
    p: float | None = None
    equivalence_p: float | None = None
    tests: int = 1
    needed: int | None = None
    doubts: tuple[str, ...] = ()
    lost: tuple[int, int] = (0, 0)


def judge(differences: Sequence[Array], declared: Declared) -> list[Evidence]:
    """Judge pairs of arms, none of them identical, that make up a family.

    Args:
        differences: For each pair, the arm's number minus the baseline's, [seeds]; NaN where one diverged.
        declared: What the numbers are.
    """
    finite = [d[np.isfinite(d)] for d in differences]
    tests = sum(len(d) >= FEWEST for d in finite)
    samples = [statistics.paired(d[:, None], tests)[0] for d in finite]
    family = _Family(
        {i: sample.p for i, sample in enumerate(samples) if sample.p is not None},
        {i: _equivalence_p(sample, declared) for i, sample in enumerate(samples) if sample.p is not None},
    )
    corrected = _Family(_corrected(family.ps), _corrected(family.equivalence_ps))
    found = []
    for i, (d, sample) in enumerate(zip(finite, samples, strict=True)):
        p, equivalence_p = corrected.ps.get(i), corrected.equivalence_ps.get(i)
        verdict = _verdict(sample, p, equivalence_p, declared)
        needed = None
        if verdict is Verdict.INCONCLUSIVE:
            needed = seeds_needed(sample, declared.equivalence_margin, tests=tests)
        doubts = tuple(_carried_by_one(d, verdict, i, family, declared))
        found.append(Evidence(sample, verdict, p, equivalence_p, tests, needed, doubts))
    return found


@dataclass(frozen=True)
class _Family:
    """The p-values of pairs of arms that are tested together, by the number of the pair."""

    ps: Mapping[int, float]
    equivalence_ps: Mapping[int, float]


def without_survivors(evidence: Evidence, lost: tuple[int, int], names: tuple[str, str]) -> Evidence:
    """Take back a verdict that the seeds left speak for only because those are gone in which an arm diverged.

    What was to be doubted in that verdict goes with it.

    Args:
        evidence: Of the seeds in which both are finite.
        lost: Seeds in which B has no number and A has one, and those in which it is the other way.
        names: Of B and of A.
    """
    evidence = replace(evidence, lost=lost)
    for seeds, name, favourable in zip(lost, names, (Verdict.B_BETTER, Verdict.A_BETTER), strict=True):
        if seeds and evidence.verdict in (favourable, Verdict.EQUIVALENT):
            doubt = f"{name} diverged in {seeds} seeds in which the other did not; those left say {evidence.verdict}"
            evidence = replace(evidence, verdict=Verdict.INCONCLUSIVE, doubts=(doubt,))
    return evidence


def _corrected(ps: Mapping[int, float]) -> dict[int, float]:
    return dict(zip(ps, statistics.holm(list(ps.values())), strict=True))


def _equivalence_p(sample: Paired, declared: Declared) -> float:
    return statistics.equivalence_p(sample, declared.equivalence_margin)


def _verdict(sample: Paired, p: float | None, equivalence_p: float | None, declared: Declared) -> Verdict:
    if sample.n == 0:
        return Verdict.DIVERGED
    if p is None or equivalence_p is None:
        return Verdict.TOO_FEW_SEEDS
    if equivalence_p < ALPHA:
        return Verdict.EQUIVALENT
    if p < ALPHA and sample.mean:
        arm_is_better = (sample.mean < 0) == less_is_better(declared.metric)
        return Verdict.B_BETTER if arm_is_better else Verdict.A_BETTER
    return Verdict.INCONCLUSIVE


def _carried_by_one(d: Array, verdict: Verdict, pair: int, family: _Family, declared: Declared) -> Iterator[str]:
    """Say so if the verdict would be another one without one of the seeds, all else in the family as it is."""
    if verdict not in (Verdict.EQUIVALENT, Verdict.A_BETTER, Verdict.B_BETTER):
        return
    if not FEWEST < len(d) <= FEW_ENOUGH_TO_LEAVE_OUT:
        return
    rest = np.stack([np.delete(d, seed) for seed in range(len(d))], axis=1)
    samples, ps = statistics.described(rest), statistics.sign_flip_p(rest, tests=len(family.ps))
    equivalence_ps = [_equivalence_p(sample, declared) for sample in samples]
    # Verdicts change with rising p only: the seeds without which a p is largest or least are enough to try.
    for seed in (int(np.argmax(equivalence_ps)), int(np.argmin(equivalence_ps)), int(np.argmax(ps))):
        p = _corrected_in(family.ps, pair, float(ps[seed]))
        equivalence_p = _corrected_in(family.equivalence_ps, pair, equivalence_ps[seed])
        without = _verdict(samples[seed], p, equivalence_p, declared)
        if without is not verdict:
            yield f"without one of its {len(d)} seeds the verdict would be {without}"
            return


def _corrected_in(ps: Mapping[int, float], pair: int, p: float) -> float:
    """Return p corrected in the place of a pair's; its bounds where they decide, as statsmodels takes 0.1 s a time."""
    if p >= ALPHA:
        return p  # Holm's is no less
    bonferroni = p * len(ps)
    return bonferroni if bonferroni < ALPHA else _corrected({**ps, pair: p})[pair]  # Holm's is no more
