"""Which run to go on with, and which of its seeds are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from logitbench import store
from logitbench.errors import StorageError, UsageError
from logitbench.records import RunRecord
from logitbench.store.layout import RUN_FILE, trial_name
from logitbench.store.reader import read_run, read_trial
from logitbench.store.sealed import BrokenFileError
from logitbench.store.writer import set_aside

SAME_BITS = ("logitbench", "tensorflow", "keras", "numpy", "machine", "onednn", "threads_per_trial", "model_sha256")
"""What of the environment decides the last bits of a trial."""


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
        if not _differences(run, wanted):
            return folder, run
    folder, newest = runs[0]
    raise UsageError(
        f"the run {newest.run_id} in {folder.parent} is another one: {'; '.join(_differences(newest, wanted))}",
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
        if not [line for line in _differences(run, wanted) if not line.startswith("pairs.seeds ")]:
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


def _differences(run: RunRecord, wanted: RunRecord) -> list[str]:
    """Return what differs between two runs of which one could be the other's rest."""
    pairs = [
        ("", run.spec, wanted.spec),
        ("dataset.", {"sha256": run.dataset.get("sha256")}, {"sha256": wanted.dataset["sha256"]}),
        ("", _bits(run.environment), _bits(wanted.environment)),
    ]
    return [line for prefix, there, here in pairs for line in _differing(prefix, there, here)]


def _bits(environment: Mapping[str, Any]) -> dict[str, Any]:
    return {key: environment.get(key) for key in SAME_BITS}


def _differing(prefix: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*there, *here]):
        old, new = there.get(key), here.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differing(f"{prefix}{key}.", old, new)
        elif (type(old), old) != (type(new), new):
            yield f"{prefix}{key} was {_shown(old)} and is {_shown(new)}"


def _shown(value: Any) -> str:
    return "left out" if value is None else repr(value)
