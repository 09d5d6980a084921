"""The comparison of one experiment, before and after its arms are judged."""

from __future__ import annotations

import dataclasses
import statistics as exact
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from logitbench.compare import attribution, doubts, findings, robustness, sequential, statistics
from logitbench.compare.comparison import ArmPair, Cell, Comparison
from logitbench.compare.contest import Contest
from logitbench.compare.declared import Declared
from logitbench.compare.figures import Figures
from logitbench.compare.sameness import sameness
from logitbench.compare.statistics import Array
from logitbench.compare.verdict import DECISIVE, Evidence, Verdict, judge, without_survivors

ENOUGH_FOR_RARE_EVENTS = 60
"""Seeds that show an event of 5 % of seeds with a probability of .95."""


class Draft:
    """The comparison of one experiment before its verdicts.

    Args:
        contest: Which arms are compared.
        metrics: The metrics compared.
        declared: The number of each trial that the verdicts are about.
    """

    def __init__(self, contest: Contest, metrics: tuple[str, ...], declared: Declared) -> None:
        self._contest = contest
        self._metrics = metrics
        self._declared = declared
        self._same = {arm: sameness(contest, arm) for arm in contest.baselines}
        self._evidence = self._judged()

    def _judged(self) -> dict[str, Evidence]:
        """Judge the arms that are not identical to their baseline; their pairs are one family."""
        arms = [arm for arm, same in self._same.items() if not same.identical]
        differences = [self._declared_differences(arm) for arm in arms]
        if self._sequential:
            judged = sequential.judge_in_looks(differences, self._contest.seeds, self._declared)
        else:
            judged = judge(differences, self._declared)
        return dict(zip(arms, judged, strict=True))

    @property
    def _sequential(self) -> bool:
        """Whether a run added seeds until there was a verdict."""
        return any(run.sequential for run in self._contest.runs)

    def _declared_differences(self, arm: str) -> Array:
        """Return the arm's declared number minus the baseline's, [seeds]."""
        ours, theirs = self._figures(arm)
        return self._declared.of(ours) - self._declared.of(theirs)

    def _figures(self, arm: str) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        return self._contest.figures[arm], self._contest.figures[self._contest.baselines[arm]]

    def comparison(self) -> Comparison:
        """Return the comparison with its verdicts."""
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
            notes=(*contest.notes, *_unseen(pairs), *self._of_looks(pairs), *self._of_a_single_arm()),
            warnings=contest.warnings,
            apart=contest.apart,
            figures=contest.figures,
        )

    def _of_looks(self, pairs: Iterable[ArmPair]) -> Iterator[str]:
        """Yield how the figures of a sequential design differ from its verdicts."""
        looks = sorted({pair.evidence.look for pair in pairs if pair.evidence.look})
        if looks:
            yield (
                f"--seeds auto added seeds: verdicts are judged after {' and '.join(map(str, looks))} seeds; the "
                f"table has all {len(self._contest.seeds)} seeds, and its p and intervals are not corrected for looks."
            )

    def _of_a_single_arm(self) -> Iterator[str]:
        """Yield the doubts of an experiment without pairs."""
        if not self._contest.baselines:
            found = doubts.of_predictions(self._contest.figures, self._declared, self._contest.runs[0].dataset)
            yield from (f"{sentence}." for sentence in found)

    def _pair(self, arm: str) -> ArmPair:
        ours, theirs = self._figures(arm)
        base = self._contest.baselines[arm]
        columns = [(metric, epoch) for metric in self._metrics for epoch in range(1, ours[metric].shape[1] + 1)]
        differences = np.concatenate([ours[metric] - theirs[metric] for metric in self._metrics], axis=1)
        evidence = self._evidence.get(arm)
        if evidence is None:  # nothing is tested: SciPy, which is slow to import, is not needed
            found = statistics.described(differences)
            sample = statistics.described(self._declared_differences(arm)[:, None])[0]
            evidence = Evidence(sample, Verdict.IDENTICAL)
        else:
            found = statistics.paired(differences)
            doubts_of_pair = tuple(f"{arm} against {base}: {doubt}" for doubt in evidence.doubts)
            evidence = dataclasses.replace(evidence, doubts=doubts_of_pair)
            evidence = without_survivors(evidence, self._same[arm].alone, (arm, base))
            better = evidence.verdict in (Verdict.A_BETTER, Verdict.B_BETTER)
            doubted = [
                *(doubts.of_accuracy((arm, ours), (base, theirs), self._declared) if better else ()),
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


def _unseen(pairs: Iterable[ArmPair]) -> Iterator[str]:
    """Yield what the verdict with the fewest seeds does not cover."""
    decided = [pair.evidence.sample.n for pair in pairs if pair.verdict in DECISIVE]
    if decided and min(decided) < ENOUGH_FOR_RARE_EVENTS:
        yield robustness.unseen(min(decided))


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
