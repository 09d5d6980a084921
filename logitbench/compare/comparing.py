"""Arms held against each other: the way from trials to comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from logitbench.compare.comparison import Comparison
from logitbench.compare.contest import Contest, across, within
from logitbench.compare.declared import Declared
from logitbench.compare.draft import Draft
from logitbench.compare.figures import Figures
from logitbench.compare.pooling import studies
from logitbench.errors import UsageError, did_you_mean
from logitbench.heads import LossPath
from logitbench.records import MEASURED_SINCE, METRICS
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
    strict: bool = False,
) -> list[Comparison]:
    """Compare the arms of each experiment among the trials; runs of one experiment that differ are compared apart.

    Args:
        trials: Finished trials, in any order; experiments come in the order of their first one.
        metrics: Names among ``METRICS``; by default those that tell something of the experiment.
        baseline: The arm that others are compared with; by default, and where an experiment does not have it,
            ``logits`` or else the first.
        declared: The number of each trial that the verdicts are about.
        strict: Refuse runs of one experiment that differ.

    Raises:
        UsageError: A metric is not there, no experiment has the baseline, or ``strict`` and runs differ.
    """
    found = studies(trials, strict=strict)
    known = {arm for study in found for arm in study.trials[0].record.arms}
    contests = [within(study, baseline, required=baseline not in known) for study in found]
    return _compare(contests, metrics, declared or Declared())


def compare_against(
    trials: Iterable[Trial],
    others: Iterable[Trial],
    *,
    metrics: Sequence[str] | None = None,
    declared: Declared | None = None,
    strict: bool = False,
) -> list[Comparison]:
    """Hold each arm of each experiment against itself in other results, over the seeds that both have.

    Args:
        trials: Finished trials, in any order.
        others: The trials that they are held against.
        metrics: Names among ``METRICS``; by default those that tell something of the experiment.
        declared: The number of each trial that the verdicts are about.
        strict: Refuse runs of one experiment that differ within the trials, or within the others.

    Raises:
        UsageError: A metric is not there, the two have nothing in common, or ``strict`` and runs differ.
    """
    sides = (studies(side, strict=strict) for side in (trials, others))
    return _compare(across(*sides), metrics, declared or Declared())


def _compare(contests: Sequence[Contest], metrics: Sequence[str] | None, declared: Declared) -> list[Comparison]:
    for contest in contests:
        _require_metrics(contest, (*(metrics or ()), *declared.metrics))
        _require_one_loss(contest, declared)
    drafts = [
        Draft(contest, tuple(metrics or default_metrics(contest.figures, contest.loss_paths)), declared)
        for contest in contests
    ]
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
