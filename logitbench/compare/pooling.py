"""Which trials are pooled: those of one experiment whose runs differ in nothing that decides a figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logitbench.errors import UsageError
from logitbench.identity import SEEDS, Difference, Variation, differences, variations
from logitbench.records import MEASURED_SINCE, ONLY_CLASS, RunRecord
from logitbench.store import Trial


@dataclass(frozen=True)
class Study:
    """Trials that are pooled.

    Args:
        trials: By seed; no seed is there twice.
        runs: The runs that they are of, in the order of their names.
        notes: What the user should know of how they were pooled.
        apart: Settings in which they differ from other runs of the experiment, ``training.epochs 3``.
    """

    trials: tuple[Trial, ...]
    runs: tuple[RunRecord, ...]
    notes: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


def studies(trials: Iterable[Trial], *, strict: bool = False) -> list[Study]:
    """Pool the trials of runs that differ in nothing that decides a figure; runs that differ stand apart.

    Args:
        trials: Finished trials, in any order. Experiments come in the order of their first trial.
        strict: Refuse runs of one experiment that differ.

    Raises:
        UsageError: ``strict``, and two runs of an experiment differ in more than their seeds.
    """
    experiments: dict[str, list[list[Trial]]] = {}
    homes: dict[tuple[int, str], list[Trial]] = {}  # runs are compared with each other once, not once per trial
    for trial in trials:
        key = (id(trial.run), trial.record.device)
        if key not in homes:
            homes[key] = _home(experiments.setdefault(trial.run.experiment, []), trial, strict=strict)
        homes[key].append(trial)
    return [study for groups in experiments.values() for study in _studies(groups)]


def _home(groups: list[list[Trial]], trial: Trial, *, strict: bool) -> list[Trial]:
    """Return the group that a trial is pooled with: one of its experiment's groups, or a new one."""
    for group in groups:
        if not trial_differences(group[0], trial):
            return group
    if groups and strict:
        raise _refusal(groups[0][0], trial)
    groups.append([])
    return groups[-1]


def trial_differences(one: Trial, other: Trial) -> list[Difference]:
    """Return in what two trials differ that decides figures; trials without a difference can be pooled."""
    if one.run is other.run and one.record.device == other.record.device:
        return []
    found = [difference for difference in differences(one.run, other.run) if difference.key != SEEDS]
    if one.record.device != other.record.device:
        found.append(Difference("device", one.record.device, other.record.device))
    return found


def _refusal(one: Trial, other: Trial) -> UsageError:
    names = dict.fromkeys((one.run.run_id, other.run.run_id))
    found = variations([trial_differences(one, other)])
    return UsageError(
        f"runs of {one.run.experiment} cannot be pooled ({' and '.join(names)}): {_sentence(found)}",
        "Without --strict they are shown apart. Or name the folders of the runs to compare.",
    )


def _studies(groups: Sequence[Sequence[Trial]]) -> list[Study]:
    """Return the studies of an experiment, each with what sets it apart."""
    found = variations([trial_differences(groups[0][0], group[0]) for group in groups[1:]])
    experiment = groups[0][0].run.experiment
    notes = (f"runs of {experiment} that differ are not pooled: {_sentence(found)}.",) if found else ()
    return [
        _study(trials, notes, tuple(variation.of(number) for variation in found))
        for number, trials in enumerate(groups)
    ]


def _sentence(found: Iterable[Variation]) -> str:
    return "; ".join(variation.sentence() for variation in found)


def _study(trials: Sequence[Trial], notes: tuple[str, ...] = (), apart: tuple[str, ...] = ()) -> Study:
    by_seed: dict[int, Trial] = {}
    nondeterministic = []
    for trial in trials:
        first = by_seed.setdefault(trial.record.seed, trial)
        if first is not trial and _figures(first) != _figures(trial):
            nondeterministic.append(
                f"seed {trial.record.seed} has other figures or weights in {trial.run.run_id} than in "
                f"{first.run.run_id}, which is taken: something is not deterministic."
            )
    runs = {trial.run.run_id: trial.run for trial in by_seed.values()}
    return Study(
        trials=tuple(by_seed[seed] for seed in sorted(by_seed)),
        runs=tuple(runs[name] for name in sorted(runs)),
        notes=(*notes, *nondeterministic),
        apart=apart,
    )


def _figures(trial: Trial) -> tuple[dict[str, tuple[object, ...]], dict[str, str]]:
    """Return what the same seed gives again where all is deterministic: every figure, and the final weights."""
    columns = {
        name: column for name, column in trial.columns.items() if name not in {"seconds", ONLY_CLASS, *MEASURED_SINCE}
    }
    return columns, {arm: record.fingerprints.final for arm, record in trial.record.arms.items()}
