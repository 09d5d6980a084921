"""Which trials may be taken together: those of one experiment, whose runs differ in nothing that decides a figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from logitbench.errors import UsageError
from logitbench.identity import SEEDS, Difference, differences
from logitbench.records import MEASURED_SINCE, ONLY_CLASS, RunRecord
from logitbench.store import Trial


@dataclass(frozen=True)
class Study:
    """Trials that are taken together.

    Args:
        trials: By seed; no seed is there twice.
        runs: The runs that they are of, in the order of their names.
        notes: What the user should know of how they were put together.
    """

    trials: tuple[Trial, ...]
    runs: tuple[RunRecord, ...]
    notes: tuple[str, ...] = ()


def studies(trials: Iterable[Trial], *, allow_mixed: bool = False) -> list[Study]:
    """Put trials together that may be, experiments in the order of their first trial.

    Args:
        trials: Finished trials, in any order.
        allow_mixed: Keep runs apart that may not be taken together, instead of refusing them.

    Raises:
        UsageError: Two runs of an experiment differ in more than their seeds; the message names the keys.
    """
    groups: list[_Group] = []
    homes: dict[tuple[int, str], _Group] = {}  # by run and device: runs are held against each other once, not by trial
    for trial in trials:
        key = (id(trial.run), trial.record.device)
        if key not in homes:
            homes[key] = _home(groups, trial, allow_mixed=allow_mixed)
        homes[key].trials.append(trial)
    return [_study(group) for group in groups]


@dataclass(frozen=True)
class _Group:
    trials: list[Trial]
    notes: tuple[str, ...]


def _home(groups: list[_Group], trial: Trial, *, allow_mixed: bool) -> _Group:
    """Return the group that a trial may be taken together with: one of those that there are, or a new one."""
    of_experiment = [group for group in groups if group.trials[0].run.experiment == trial.run.experiment]
    home = next((group for group in of_experiment if not _apart(group.trials[0], trial)), None)
    if home is not None:
        return home
    notes: tuple[str, ...] = ()
    if of_experiment:
        first = of_experiment[0].trials[0]
        if not allow_mixed:
            raise _refusal(first, trial)
        notes = (f"{trial.run.run_id} is kept apart from {first.run.run_id}: {_told(first, trial)}.",)
    groups.append(_Group([], notes))
    return groups[-1]


def _apart(one: Trial, other: Trial) -> list[Difference]:
    """Return in what two trials differ that decides figures."""
    if one.run is other.run and one.record.device == other.record.device:
        return []
    found = [difference for difference in differences(one.run, other.run) if difference.key != SEEDS]
    if one.record.device != other.record.device:
        found.append(Difference("device", one.record.device, other.record.device))
    return found


def _refusal(one: Trial, other: Trial) -> UsageError:
    return UsageError(
        f"runs of {one.run.experiment} may not be taken together: {_told(one, other)}",
        "Compare them by their own folders, or side by side with --allow-mixed.",
    )


def _told(one: Trial, other: Trial) -> str:
    return "; ".join(
        difference.told(f"is, in {one.run.run_id},", f"in {other.run.run_id},") for difference in _apart(one, other)
    )


def _study(group: _Group) -> Study:
    by_seed: dict[int, Trial] = {}
    notes = list(group.notes)
    for trial in group.trials:
        first = by_seed.setdefault(trial.record.seed, trial)
        if first is not trial and _figures(first) != _figures(trial):
            notes.append(
                f"seed {trial.record.seed} has other figures or weights in {trial.run.run_id} than in "
                f"{first.run.run_id}, which is taken: something is not deterministic."
            )
    runs = {trial.run.run_id: trial.run for trial in by_seed.values()}
    return Study(
        tuple(by_seed[seed] for seed in sorted(by_seed)), tuple(runs[name] for name in sorted(runs)), tuple(notes)
    )


def _figures(trial: Trial) -> tuple[dict[str, tuple[object, ...]], dict[str, str]]:
    """Return what the same seed gives again where all is deterministic: every figure, and the final weights."""
    columns = {
        name: column for name, column in trial.columns.items() if name not in {"seconds", ONLY_CLASS, *MEASURED_SINCE}
    }
    return columns, {arm: record.fingerprints.final for arm, record in trial.record.arms.items()}
