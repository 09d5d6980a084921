"""Arms held against each other: the way from trials to comparisons."""

from __future__ import annotations

import dataclasses
import statistics as exact
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from logitbench.compare import attribution, doubts, findings, statistics
from logitbench.compare.comparison import ArmPair, Cell, Comparison
from logitbench.compare.contest import Contest, across, within
from logitbench.compare.figures import Figures
from logitbench.compare.pooling import studies
from logitbench.compare.statistics import Array
from logitbench.compare.verdict import Declared, Evidence, Verdict, judge, without_survivors
from logitbench.errors import UsageError, did_you_mean
from logitbench.heads import LossPath
from logitbench.records import LEARNED, MEASURED_SINCE, METRICS
from logitbench.store import Trial

DEFAULT_METRICS = ("loss", "val_loss", "val_accuracy", "val_matched_accuracy", "val_nll")

OF_GRADIENTS = ("saturated_fraction", "dead_fraction")
"""Shown too where a loss path is clipped or an example is dead."""


def compare(
    trials: Iterable[Trial],
    *,
    metrics: Sequence[str] | None = None,
    baseline: str | None = None,
    declared: Declared | None = None,
    allow_mixed: bool = False,
) -> list[Comparison]:
    """Compare the arms of each experiment among the trials.

    Args:
        trials: Finished trials, in any order; experiments come in the order of their first one.
        metrics: Names among ``METRICS``; by default those that tell something of the experiment.
        baseline: The arm that others are held against; by default ``logits`` where there is one, else the first.
        declared: The number of each trial that the verdicts are about.
        allow_mixed: Keep runs apart that may not be taken together, instead of refusing them.

    Raises:
        UsageError: A metric or the baseline is not there, or runs may not be taken together.
    """
    contests = [within(study, baseline) for study in studies(trials, allow_mixed=allow_mixed)]
    return _compare(contests, metrics, declared or Declared())


def compare_against(
    trials: Iterable[Trial],
    others: Iterable[Trial],
    *,
    metrics: Sequence[str] | None = None,
    declared: Declared | None = None,
) -> list[Comparison]:
    """Hold each arm of each experiment against itself in other results, over the seeds that both have.

    Args:
        trials: Finished trials, in any order.
        others: The trials that they are held against.
        metrics: Names among ``METRICS``; by default those that tell something of the experiment.
        declared: The number of each trial that the verdicts are about.

    Raises:
        UsageError: A metric is not there, runs may not be taken together, or the two have nothing in common.
    """
    return _compare(across(studies(trials), studies(others)), metrics, declared or Declared())


def _compare(contests: Sequence[Contest], metrics: Sequence[str] | None, declared: Declared) -> list[Comparison]:
    for contest in contests:
        _require_metrics(contest, (*(metrics or ()), *declared.metrics))
        _require_one_loss(contest, declared)
    drafts = [
        _Draft(contest, tuple(metrics or default_metrics(contest.figures, contest.loss_paths)), declared)
        for contest in contests
    ]
    # All pairs of arms are one family: the more of them are tested, the more evidence each needs.
    family = [(draft, arm) for draft in drafts for arm in draft.to_be_judged()]
    judged = judge([draft.declared_differences(arm) for draft, arm in family], declared)
    for (draft, arm), evidence in zip(family, judged, strict=True):
        draft.evidence[arm] = evidence
    return [draft.comparison() for draft in drafts]


def _require_metrics(contest: Contest, metrics: Iterable[str]) -> None:
    measured = next(iter(contest.figures.values()))
    for metric in metrics:
        if metric not in METRICS:
            raise UsageError(f"there is no metric {metric!r}", did_you_mean(metric, METRICS))
        if metric not in measured:
            raise UsageError(
                f"the results of {contest.runs[0].experiment} have no {metric}: they are of a schema before "
                f"{MEASURED_SINCE[metric]}",
                "Run it again, or leave that metric out.",
            )


def _require_one_loss(contest: Contest, declared: Declared) -> None:
    for arm, base in contest.baselines.items():
        one, other = ("/".join(contest.loss_paths[name]) for name in (arm, base))
        if one != other and any(metric.endswith("loss") for metric in declared.metrics):
            raise UsageError(
                f"a verdict on the loss would be about arithmetic: {arm} computes it on the path {one}, "
                f"{base} on {other}",
                "Take val_nll, which is the same function of the logits for every arm.",
            )


def default_metrics(of_arms: Figures, loss_paths: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the metrics that tell something of these figures.

    Args:
        of_arms: Figures of all arms.
        loss_paths: Their loss paths as measured.
    """
    clipped = any(LossPath.CLIPPED in paths for paths in loss_paths.values())
    if not clipped and not any((of_arm["dead_fraction"] > 0).any() for of_arm in of_arms.values()):
        return DEFAULT_METRICS
    measured = next(iter(of_arms.values()))
    return (*DEFAULT_METRICS, *(metric for metric in OF_GRADIENTS if metric in measured))


class _Draft:
    """A comparison as far as it does not depend on others.

    Args:
        contest: Who is held against whom.
        metrics: The metrics compared.
        declared: The number of each trial that the verdicts are about.
    """

    def __init__(self, contest: Contest, metrics: tuple[str, ...], declared: Declared) -> None:
        self._contest = contest
        self._metrics = metrics
        self._declared = declared
        self.evidence: dict[str, Evidence] = {}
        self._same = {arm: _same(contest, arm) for arm in contest.baselines}

    def to_be_judged(self) -> list[str]:
        """Return the arms that are not their baseline's twin in every seed in which not both diverged."""
        return [arm for arm, same in self._same.items() if not same.identical]

    def declared_differences(self, arm: str) -> Array:
        """Return the arm's declared number minus the baseline's, [seeds]."""
        ours, theirs = self._figures(arm)
        return self._declared.of(ours) - self._declared.of(theirs)

    def _lost(self, arm: str) -> tuple[int, int]:
        """Return in how many seeds the arm has no declared number and the baseline has one, and the other way.

        Of the last epoch, who has diverged before has none that is trusted.
        """
        ours, theirs = (np.isfinite(self._declared.of(figures)) for figures in self._figures(arm))
        lost = int((~ours & theirs).sum()), int((ours & ~theirs).sum())
        alone = self._same[arm].alone if self._declared.at == "last" else (0, 0)
        return max(lost[0], alone[0]), max(lost[1], alone[1])

    def _figures(self, arm: str) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        return self._contest.figures[arm], self._contest.figures[self._contest.baselines[arm]]

    def comparison(self) -> Comparison:
        """Return the whole."""
        contest = self._contest
        pairs = tuple(self._pair(arm) for arm in contest.baselines)
        epochs = next(iter(contest.figures.values()))["loss"].shape[1]
        return Comparison(
            runs=contest.runs,
            seeds=contest.seeds,
            epochs=tuple(range(1, epochs + 1)),
            metrics=self._metrics,
            declared=self._declared,
            loss_paths=contest.loss_paths,
            cells=_cells(contest.figures, self._metrics),
            pairs=pairs,
            findings=tuple(findings.explain(contest.figures, contest.explained, pairs)),
            notes=(*contest.notes, *self._of_a_single_arm()),
            warnings=contest.warnings,
            figures=contest.figures,
        )

    def _of_a_single_arm(self) -> Iterator[str]:
        """Yield what a pair would have among its doubts."""
        if not self._contest.baselines:
            found = doubts.of_predictions(self._contest.figures, self._declared, self._contest.runs[0].dataset)
            yield from (f"{sentence}." for sentence in found)

    def _pair(self, arm: str) -> ArmPair:
        ours, theirs = self._figures(arm)
        base = self._contest.baselines[arm]
        columns = [(metric, epoch) for metric in self._metrics for epoch in range(1, ours[metric].shape[1] + 1)]
        differences = np.concatenate([ours[metric] - theirs[metric] for metric in self._metrics], axis=1)
        evidence = self.evidence.get(arm)
        if evidence is None:  # nothing is tested: SciPy, which is slow to import, is not needed
            found = statistics.described(differences)
            sample = statistics.described(self.declared_differences(arm)[:, None])[0]
            evidence = Evidence(sample, Verdict.IDENTICAL)
        else:
            found = statistics.paired(differences)
            evidence = without_survivors(evidence, self._lost(arm), (arm, base))
            doubted = [
                *doubts.of_numbers({base: theirs, arm: ours}, self._declared),
                *doubts.of_arm(base, theirs, self._declared),
                *doubts.of_arm(arm, ours, self._declared),
            ]
            evidence = dataclasses.replace(evidence, doubts=(*evidence.doubts, *doubted))
        one_class = doubts.of_predictions({base: theirs, arm: ours}, self._declared, self._contest.runs[0].dataset)
        evidence = dataclasses.replace(evidence, doubts=(*one_class, *evidence.doubts))
        return ArmPair(
            arm=arm,
            baseline=base,
            seeds=len(self._contest.seeds),
            identical=self._same[arm].equal,
            diverged=self._same[arm].diverged,
            alone=self._same[arm].alone,
            evidence=evidence,
            differences=dict(zip(columns, found, strict=True)),
            accuracy=tuple(attribution.accuracy(ours, theirs)),
            loss=tuple(attribution.loss(ours, theirs)),
        )


@dataclasses.dataclass(frozen=True)
class _Same:
    """In how many seeds an arm and its baseline are equal to the bit, and in how many one or only one diverged."""

    seeds: int
    equal: int
    diverged: int
    alone: tuple[int, int]
    diverged_alike: bool

    @property
    def identical(self) -> bool:
        return 0 < self.equal == self.seeds - self.diverged and self.diverged_alike


def _same(contest: Contest, arm: str) -> _Same:
    base = contest.baselines[arm]
    ours, theirs = (_learned(contest.figures[name]) for name in (arm, base))
    finite = [np.isfinite(figures) for figures in (ours, theirs)]
    whole = [figures.all(axis=(0, 2)) for figures in finite]
    weights = np.array([one == other for one, other in zip(contest.finals[arm], contest.finals[base], strict=True)])
    equal = (ours == theirs).all(axis=(0, 2)) & weights
    return _Same(
        seeds=len(contest.seeds),
        equal=int(equal.sum()),
        diverged=int((~whole[0] | ~whole[1]).sum()),
        alone=(int((~whole[0] & whole[1]).sum()), int((whole[0] & ~whole[1]).sum())),
        diverged_alike=bool((finite[0] == finite[1]).all()),
    )


def _learned(of_arm: Mapping[str, Array]) -> Array:
    """Return what was learned, [metrics, seeds, epochs]."""
    return np.stack([figures for metric, figures in of_arm.items() if metric in LEARNED])


def _cells(of_arms: Figures, metrics: tuple[str, ...]) -> dict[tuple[str, int, str], Cell]:
    epochs = next(iter(of_arms.values()))["loss"].shape[1]
    return {
        (metric, epoch + 1, arm): _cell(by_metric[metric][:, epoch])
        for metric in metrics
        for epoch in range(epochs)
        for arm, by_metric in of_arms.items()
    }


def _cell(column: Array) -> Cell:
    finite = column[np.isfinite(column)]
    equal = len(finite) > 0 and bool((finite == finite[0]).all())  # a mean may be a bit off what all are
    mean = float(finite[0]) if equal else exact.fmean(finite.tolist()) if len(finite) else None
    spread = None if len(finite) < 2 else 0.0 if equal else float(finite.std(ddof=1))
    return Cell(
        mean=mean,
        spread=spread,
        n=len(finite),
        diverged=len(column) - len(finite),
    )
