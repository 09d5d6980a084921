"""Who is held against whom: the arms of an experiment against its baseline, or each arm against itself elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from logitbench.compare.figures import Figures, figures, oldest
from logitbench.compare.pooling import Study
from logitbench.errors import UsageError, did_you_mean
from logitbench.identity import SEEDS, Difference, differences
from logitbench.records import ArmRecord, RunRecord
from logitbench.store import Trial

ELSEWHERE = " (against)"
"""What is added to the name of an arm of the other results."""


@dataclass(frozen=True)
class Contest:
    """Arms with their figures, and which is held against which.

    Args:
        runs: The runs that they are of.
        seeds: Their trials; every arm has each of them.
        figures: Of every arm, [seeds, epochs].
        finals: Digests of every arm's final weights, by seed.
        loss_paths: Every arm's loss path as measured; more than one if seeds differ.
        baselines: What an arm is held against, by the arm.
        notes: How trials were put together, where the user should know.
        warnings: What the trials warned of, once each.
    """

    runs: tuple[RunRecord, ...]
    seeds: tuple[int, ...]
    figures: Figures
    finals: Mapping[str, tuple[str, ...]]
    loss_paths: Mapping[str, tuple[str, ...]]
    baselines: Mapping[str, str]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def explained(self) -> Mapping[str, tuple[str, ...]]:
        """The loss paths that are to be explained: not those that an arm of other results shares with its own twin."""
        twins = {base for arm, base in self.baselines.items() if base == arm + ELSEWHERE}
        return {
            arm: paths
            for arm, paths in self.loss_paths.items()
            if arm not in twins or paths != self.loss_paths[arm.removesuffix(ELSEWHERE)]
        }


def within(study: Study, baseline: str | None) -> Contest:
    """Hold the arms of an experiment against one of them.

    Args:
        study: The trials.
        baseline: The arm; by default ``logits`` where there is one, else the first.

    Raises:
        UsageError: There is no such arm.
    """
    arms = list(study.trials[0].record.arms)
    base = _baseline(study.runs[0], arms, baseline)
    return _contest([("", study.trials)], study.runs, study.notes, {arm: base for arm in arms if arm != base})


def across(here: Sequence[Study], there: Sequence[Study]) -> list[Contest]:
    """Hold each arm of each experiment against itself in other results, over the seeds that both have.

    Args:
        here: The experiments' trials.
        there: The trials that they are held against.

    Raises:
        UsageError: The others lack an experiment, no arm or seed is in both, or an experiment's epochs differ.
    """
    others = {study.runs[0].experiment: study for study in there}
    shared = [(study, others[study.runs[0].experiment]) for study in here if study.runs[0].experiment in others]
    if not shared:
        raise UsageError(
            "the results have no experiment in common",
            f"Here: {_names(here)}. There: {_names(there)}.",
        )
    alone = [study.runs[0].experiment for study in here if study.runs[0].experiment not in others]
    if alone:
        raise UsageError(
            f"the other results have no {', '.join(alone)}",
            f"Compare one that both have: --experiment {shared[0][0].runs[0].experiment}",
        )
    return [_across(one, other) for one, other in shared]


def _across(one: Study, other: Study) -> Contest:
    name = one.runs[0].experiment
    if one.trials[0].record.epochs != other.trials[0].record.epochs:
        raise UsageError(
            f"{name} has {one.trials[0].record.epochs} epochs here and {other.trials[0].record.epochs} there",
            "Train both for as many epochs.",
        )
    arms = [arm for arm in one.trials[0].record.arms if arm in other.trials[0].record.arms]
    seeds = {trial.record.seed for trial in one.trials} & {trial.record.seed for trial in other.trials}
    if not arms or not seeds:
        raise UsageError(f"{name} has no {'seed' if arms else 'arm'} in common here and there")
    sides = [
        (suffix, tuple(trial for trial in study.trials if trial.record.seed in seeds))
        for suffix, study in (("", one), (ELSEWHERE, other))
    ]
    found = [difference for difference in differences(one.runs[0], other.runs[0]) if difference.key != SEEDS]
    if one.trials[0].record.device != other.trials[0].record.device:
        found.append(Difference("device", one.trials[0].record.device, other.trials[0].record.device))
    notes = (
        *one.notes,
        *other.notes,
        *(f"{each.told('is', 'against')}." for each in found),
        *_left_out("arms", one.trials[0].record.arms, other.trials[0].record.arms),
        *_left_out("seeds", *({trial.record.seed for trial in study.trials} for study in (one, other))),
    )
    return _contest(sides, (*one.runs, *other.runs), notes, {arm: arm + ELSEWHERE for arm in arms})


def _left_out(what: str, here: Collection[object], there: Collection[object]) -> Iterator[str]:
    for side, names in (("the others", [*here]), ("these results", [*there])):
        missing = [str(name) for name in names if name not in (there if side == "the others" else here)]
        if missing:
            yield f"{what} that {side} do not have are left out: {', '.join(missing)}."


def _contest(
    sides: Sequence[tuple[str, Sequence[Trial]]],
    runs: tuple[RunRecord, ...],
    notes: tuple[str, ...],
    baselines: Mapping[str, str],
) -> Contest:
    """Put arms together, those of a side under their names with its suffix."""
    taken = {*baselines, *baselines.values()}
    schema = oldest(trial for _, trials in sides for trial in trials)
    of_arms = {arm + suffix: found for suffix, trials in sides for arm, found in figures(trials, schema).items()}
    records = {arm: list(found) for suffix, trials in sides for arm, found in _records(suffix, trials)}
    return Contest(
        runs=runs,
        seeds=tuple(trial.record.seed for trial in sides[0][1]),
        figures={arm: by_metric for arm, by_metric in of_arms.items() if arm in taken or not baselines},
        finals={arm: tuple(record.fingerprints.final for record in found) for arm, found in records.items()},
        loss_paths={
            arm: tuple(sorted({str(record.loss_path) for record in found}))
            for arm, found in records.items()
            if arm in taken or not baselines
        },
        baselines=baselines,
        notes=notes,
        warnings=tuple(
            dict.fromkeys(warning for _, trials in sides for trial in trials for warning in trial.record.warnings)
        ),
    )


def _records(suffix: str, trials: Sequence[Trial]) -> Iterator[tuple[str, Iterator[ArmRecord]]]:
    for arm in trials[0].record.arms:
        yield arm + suffix, (trial.record.arms[arm] for trial in trials)


def _names(studies: Sequence[Study]) -> str:
    return ", ".join(study.runs[0].experiment for study in studies)


def _baseline(run: RunRecord, arms: Sequence[str], wanted: str | None) -> str:
    if wanted is None:
        return "logits" if "logits" in arms else arms[0]
    if wanted not in arms:
        raise UsageError(
            f"the baseline {wanted!r} is not an arm of the run {run.experiment}/{run.run_id}",
            f"{did_you_mean(wanted, arms)} Runs with other arms can be compared by their own folders.",
        )
    return wanted
