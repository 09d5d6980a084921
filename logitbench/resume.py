"""Which run to go on with, and which of its seeds are missing."""

from __future__ import annotations

import shlex
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


def run_to_resume(results: Path, wanted: RunRecord, run_id: str | None) -> tuple[Path, RunRecord] | None:
    """Return the run that the same command began: the named one, or the newest with the same experiment.

    None if there is no run to resume.

    Args:
        results: Folder of results.
        wanted: What a new run would record.
        run_id: Name of the run.

    Raises:
        UsageError: The run has other settings, data or libraries; the message names the keys that differ. Or the folder
            of the named run cannot be read.
    """
    runs = [(folder, run) for folder, run in _runs(results / wanted.experiment) if run_id in (None, run.run_id)]
    if not runs:
        if run_id is not None:
            _require_free(results / wanted.experiment / run_id)
        return None
    for folder, run in runs:
        if not differences(run, wanted):
            return folder, run
    folder, newest = runs[0]
    told = "; ".join(one.told("was", "is") for one in differences(newest, wanted))
    raise UsageError(
        f"cannot resume the run {newest.run_id} in {folder.parent}: {told}",
        "Resume it with the command that began it, or begin a new run: another --name.",
    )


def _require_free(folder: Path) -> None:
    """Refuse the folder of a new run if there is one already, and say why it is not the run of that name.

    Raises:
        UsageError: There is such a folder.
    """
    if not folder.is_dir():
        return
    try:
        other = read_run(folder).run_id
    except BrokenFileError as error:
        what = "Restore it from a backup."
        if (folder / RUN_FILE).exists():
            what = f"`logitbench doctor {shlex.quote(str(folder))}` says what to do."
        raise UsageError(
            f"cannot read the run {folder.name!r} in {folder.parent}: {error}",
            f"{what} For a new run choose another --name.",
        ) from error
    if other == folder.name:
        return  # another process began it just now; create_run() sees that
    raise UsageError(
        f"the folder {folder} belongs to the run {other!r}: it was renamed",
        f"To resume that run: --name {shlex.quote(other)} --resume. For a new run choose another --name.",
    )


def refuse_existing(results: Path, experiment: str, run_id: str, *, needed: bool = False) -> None:
    """Refuse to begin a run under the name of one that exists, and say whether that one is complete.

    Args:
        results: Folder of results.
        experiment: Name of the experiment.
        run_id: Name of the run.
        needed: Whether the command has ``--needed``, which excludes ``--resume``.

    Raises:
        UsageError: There is such a run, or something else in its place.
    """
    for folder, run in _runs(results / experiment):
        if run.run_id == run_id:
            finished = {trial.record.seed for trial in store.read([folder]).trials}
            done = f"{len(finished & set(run.planned))} of {len(run.planned)} seeds are finished"
            if finished >= set(run.planned):
                raise UsageError(
                    f"the run {run_id!r} in {folder.parent} is complete: {done}",
                    f"Show it: logitbench compare {shlex.quote(str(folder))}. For a new run choose another --name.",
                )
            raise UsageError(
                f"the run {run_id!r} in {folder.parent} exists and is not complete: {done}",
                f"Finish it: the same command with --resume{' in place of --needed' if needed else ''}. "
                "For a new run choose another --name.",
            )
    _require_free(results / experiment / run_id)


def folder_of(results: Path, run: RunRecord) -> Path | None:
    """Return where a run is, whatever its folder's name; None if it is not among the runs of its experiment."""
    same = [folder for folder, other in _runs(results / run.experiment) if _origin(other) == _origin(run)]
    return same[0] if same else None


def _origin(run: RunRecord) -> tuple[str, str, str]:
    return run.run_id, run.created, run.spec_sha256


def missing(folder: Path, run: RunRecord) -> Iterator[int]:
    """Yield the planned seeds of a run that have no intact trial; a damaged trial moves to ``broken/`` first.

    Raises:
        StorageError: A trial cannot be read now, or not by this logitbench: it may be intact.
    """
    return (seed for seed in run.planned if is_missing(folder, run, seed))


def is_missing(folder: Path, run: RunRecord, seed: int) -> bool:
    """Return whether a seed has no intact trial; a damaged trial moves to ``broken/`` first.

    Raises:
        StorageError: The trial cannot be read now, or not by this logitbench: it may be intact.
    """
    place = folder / trial_name(seed)
    if not place.exists():
        return True
    try:
        read_trial(run, place)
    except BrokenFileError as error:
        if error.kind != "broken":
            raise StorageError(f"cannot resume {place}: {error}", "It may be intact: see to that first.") from error
        set_aside(run, place)
        return True
    return False


def needed(results: Path, wanted: RunRecord) -> list[int]:
    """Return the seeds that no run of the same experiment, whatever its number of seeds, has finished."""
    done = set()
    for folder, run in _runs(results / wanted.experiment):
        if all(one.key == SEEDS for one in differences(run, wanted)):
            done |= {trial.record.seed for trial in store.read([folder]).trials}
    return [seed for seed in wanted.planned if seed not in done]


def unreadable(results: Path, experiment: str) -> Iterator[str]:
    """Yield one line for each run of an experiment that cannot be read, with the reason."""
    for file in sorted((results / experiment).glob(f"[!.]*/{RUN_FILE}")):
        try:
            read_run(file.parent)
        except BrokenFileError as error:
            yield f"{file.parent}: {error}"


def _runs(experiment: Path) -> list[tuple[Path, RunRecord]]:
    """Return the runs of an experiment that can be read, the newest first."""
    found = []
    for file in experiment.glob(f"[!.]*/{RUN_FILE}"):
        try:
            found.append((file.parent, read_run(file.parent)))
        except BrokenFileError:
            continue
    return sorted(found, key=lambda pair: (pair[1].created, pair[1].run_id), reverse=True)
