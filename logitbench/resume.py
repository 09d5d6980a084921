"""Which run to go on with, and which of its seeds are missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from logitbench import store
from logitbench.errors import StorageError, UsageError
from logitbench.identity import SEEDS, differences
from logitbench.records import RunRecord
from logitbench.store.layout import RUN_FILE, trial_name
from logitbench.store.reader import read_run, read_trial
from logitbench.store.sealed import BrokenFileError
from logitbench.store.writer import set_aside


def run_to_resume(results: Path, wanted: RunRecord, run_id: str | None) -> tuple[Path, RunRecord]:
    """Return the run that the same command began: the named one, or the newest with the same experiment.

    Args:
        results: Folder of results.
        wanted: What a new run would record.
        run_id: Name of the run.

    Raises:
        UsageError: There is none, or it was asked something else; the message names the keys that differ.
    """
    runs = [(folder, run) for folder, run in _runs(results / wanted.experiment) if run_id in (None, run.run_id)]
    if not runs:
        which = f"no run {run_id!r}" if run_id else "no run"
        raise UsageError(
            f"there is {which} in {results / wanted.experiment} to go on with", "Without --resume a new one begins."
        )
    for folder, run in runs:
        if not differences(run, wanted):
            return folder, run
    folder, newest = runs[0]
    told = "; ".join(one.told("was", "is") for one in differences(newest, wanted))
    raise UsageError(
        f"the run {newest.run_id} in {folder.parent} is another one: {told}",
        "Go on with the command that began it, or begin a new run without --resume.",
    )


def missing(folder: Path, run: RunRecord) -> Iterator[int]:
    """Yield the seeds that a run is to have and has not; a trial that cannot be trusted is set aside first.

    Raises:
        StorageError: A trial cannot be read just now, or not by this logitbench: it may be whole.
    """
    for seed in run.planned:
        place = folder / trial_name(seed)
        if not place.exists():
            yield seed
            continue
        try:
            read_trial(run, place)
        except BrokenFileError as error:
            if error.kind != "broken":
                raise StorageError(
                    f"cannot go on with {place}: {error}", "It may be whole: see to that first."
                ) from error
            set_aside(run, place)
            yield seed


def needed(results: Path, wanted: RunRecord) -> list[int]:
    """Return the seeds that no run of the same experiment, whatever its number of seeds, has finished."""
    done = set()
    for folder, run in _runs(results / wanted.experiment):
        if all(one.key == SEEDS for one in differences(run, wanted)):
            done |= {trial.record.seed for trial in store.read([folder]).trials}
    return [seed for seed in wanted.planned if seed not in done]


def _runs(experiment: Path) -> list[tuple[Path, RunRecord]]:
    """Return the runs of an experiment that can be read, the newest first."""
    found = []
    for file in experiment.glob(f"[!.]*/{RUN_FILE}"):
        try:
            found.append((file.parent, read_run(file.parent)))
        except BrokenFileError:
            continue
    return sorted(found, key=lambda pair: (pair[1].created, pair[1].run_id), reverse=True)
