"""Who is held against whom: the arms of an experiment against its baseline, or each arm against itself elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from logitbench.compare.figures import Figures, figures, oldest
from logitbench.compare.pooling import Study, trial_differences
from logitbench.errors import UsageError, did_you_mean
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
        apart: Settings in which these runs differ from other runs of the experiment.
    """

    runs: tuple[RunRecord, ...]
    seeds: tuple[int, ...]
    figures: Figures
    finals: Mapping[str, tuple[str, ...]]
    loss_paths: Mapping[str, tuple[str, ...]]
    baselines: Mapping[str, str]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    apart: tuple[str, ...] = ()

    @property
    def explained(self) -> Mapping[str, tuple[str, ...]]:
        """The loss paths that are to be explained: not those that an arm of other results shares with its own twin."""
        twins = {base for arm, base in self.baselines.items() if base == arm + ELSEWHERE}
        return {
            arm: paths
            for arm, paths in self.loss_paths.items()
            if arm not in twins or paths != self.loss_paths[arm.removesuffix(ELSEWHERE)]
        }


def within(study: Study, baseline: str | None, *, required: bool = True) -> Contest:
    """Hold the arms of an experiment against one of them.

    Args:
        study: The trials.
        baseline: The arm; by default ``logits`` where there is one, else the first.
        required: Refuse a baseline that is not an arm; else the default takes its place, and a note says so.

    Raises:
        UsageError: A required baseline is not an arm.
    """
    arms = list(study.trials[0].record.arms)
    notes = study.notes
    default = "logits" if "logits" in arms else arms[0]
    if baseline is None or baseline in arms:
        base = baseline or default
    elif required:
        raise UsageError(
            f"the baseline {baseline!r} is not an arm of the run {_name(study)}/{study.runs[0].run_id}",
            did_you_mean(baseline, arms),
        )
    else:
        base = default
        notes = (*notes, f"there is no arm {baseline} here; the baseline is {base}.")
    baselines = {arm: base for arm in arms if arm != base}
    return replace(_contest([("", study.trials)], study.runs, notes, baselines), apart=study.apart)


def across(here: Sequence[Study], there: Sequence[Study]) -> list[Contest]:
    """Hold each arm of each experiment against itself in other results, over the seeds that both have.

    Args:
        here: The experiments' trials.
        there: The trials that they are held against.

    Raises:
        UsageError: The others lack an experiment, no arm or seed is in both, or an experiment's epochs differ.
    """
    shared = [name for name in _names(here) if name in _names(there)]
    if not shared:
        raise UsageError(
            "the results have no experiment in common",
            f"Here: {', '.join(_names(here))}. There: {', '.join(_names(there))}.",
        )
    alone = [name for name in _names(here) if name not in shared]
    if alone:
        raise UsageError(
            f"the other results have no {', '.join(alone)}",
            f"Compare one that both have: --experiment {shared[0]}",
        )
    return [
        contest
        for name in shared
        for contest in _across_experiment(*([each for each in side if _name(each) == name] for side in (here, there)))
    ]


def _across_experiment(here: Sequence[Study], there: Sequence[Study]) -> list[Contest]:
    """Compare each study of an experiment with the study, or studies, there that differ from it in the fewest keys."""
    pairs: list[tuple[Study, Study]] = []
    for one in here:
        possible = [other for other in there if not _obstacle(one, other)]
        apart = [len(trial_differences(one.trials[0], other.trials[0])) for other in possible]
        pairs += [(one, other) for other, keys in zip(possible, apart, strict=True) if keys == min(apart)]
    if not pairs:
        message, hint = _obstacle(here[0], there[0]) or ("", "")
        raise UsageError(message, hint)
    left_out = [
        f"left out, with nothing to compare {where}: {study.runs[0].run_id} ({', '.join(study.apart)})."
        for where, side, taken in (
            ("there", here, [one for one, _ in pairs]),
            ("here", there, [other for _, other in pairs]),
        )
        for study in side
        if not any(study is each for each in taken)
    ]
    return [_across(one, other, left_out) for one, other in pairs]


def _obstacle(one: Study, other: Study) -> tuple[str, str] | None:
    """Return why two studies of an experiment cannot be compared, and what to do about it."""
    epochs, others = one.trials[0].record.epochs, other.trials[0].record.epochs
    if epochs != others:
        return f"{_name(one)} has {epochs} epochs here and {others} there", "Train both for as many epochs."
    if not _arms(one, other) or not _seeds(one, other):
        return f"{_name(one)} has no {'seed' if _arms(one, other) else 'arm'} in common here and there", ""
    return None


def _arms(one: Study, other: Study) -> list[str]:
    return [arm for arm in one.trials[0].record.arms if arm in other.trials[0].record.arms]


def _seeds(one: Study, other: Study) -> set[int]:
    return {trial.record.seed for trial in one.trials} & {trial.record.seed for trial in other.trials}


def _across(one: Study, other: Study, left_out: Sequence[str]) -> Contest:
    arms, seeds = _arms(one, other), _seeds(one, other)
    sides = [
        (suffix, tuple(trial for trial in study.trials if trial.record.seed in seeds))
        for suffix, study in (("", one), (ELSEWHERE, other))
    ]
    notes = (
        *dict.fromkeys((*one.notes, *other.notes)),
        *left_out,
        *(f"{each.told('is', 'against')}." for each in trial_differences(one.trials[0], other.trials[0])),
        *_left_out("arms", one.trials[0].record.arms, other.trials[0].record.arms),
        *_left_out("seeds", *({trial.record.seed for trial in study.trials} for study in (one, other))),
    )
    contest = _contest(sides, (*one.runs, *other.runs), notes, {arm: arm + ELSEWHERE for arm in arms})
    return replace(contest, apart=one.apart)


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


def _name(study: Study) -> str:
    return study.runs[0].experiment


def _names(studies: Sequence[Study]) -> list[str]:
    return list(dict.fromkeys(map(_name, studies)))
