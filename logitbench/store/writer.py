"""Folders of runs: they are created, moved aside and discarded here."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from logitbench.errors import StorageError, UsageError
from logitbench.records import FailureRecord, RunRecord
from logitbench.store import disk, sealed
from logitbench.store.layout import (
    ATTEMPTS,
    BROKEN,
    FAILED,
    RUN_FILE,
    require_name,
    trial_name,
)
from logitbench.store.reader import read_trial
from logitbench.store.sealed import BrokenFileError

BYTES_PER_ROW, BYTES_PER_TRIAL = 400, 16_384
"""More than an arm's epoch takes, and a trial beside its epochs, with blocks of 4 KiB."""


class RunExistsError(UsageError):
    """A run of that name exists."""


def create_run(results: Path, record: RunRecord) -> Path:
    """Make a run's folder with its ``run.json``; what cannot be written is found here, before any training.

    Raises:
        UsageError: The folder cannot be written, or there is a run of that name.
    """
    require_name(record.experiment)
    require_name(record.run_id)
    folder = results / record.experiment / record.run_id
    new = None
    try:
        disk.make_folders(folder.parent)
        if folder.exists():
            raise FileExistsError(None, None, str(folder))
        new = disk.make_new_folder(folder.parent, ".new-")
        disk.make_folder(new / ATTEMPTS)
        sealed.write(new / RUN_FILE, record)
        disk.rename(new, folder)
    except OSError as error:
        if new is not None:
            with contextlib.suppress(OSError):
                disk.remove(new)
        raise _refusal(error, folder) from error
    return folder


def write_run(folder: Path, record: RunRecord) -> None:
    """Write the ``run.json`` of an existing run again.

    Raises:
        StorageError: It cannot be written.
    """
    try:
        sealed.write(folder / RUN_FILE, record)
    except OSError as error:
        raise StorageError(f"cannot write {folder / RUN_FILE}: {error.strerror or error}") from error


def _refusal(error: OSError, folder: Path) -> UsageError:
    with contextlib.suppress(OSError):
        if folder.is_dir() and not (folder / RUN_FILE).exists():
            return UsageError(
                f"cannot begin a run in {folder}: the folder exists and has no {RUN_FILE}",
                f"Choose another --name, or restore {RUN_FILE} from a backup.",
            )
        if folder.is_dir():
            return RunExistsError(
                f"there is a run {folder.name!r} in {folder.parent} already",
                "Choose another --name, or finish that run with --resume.",
            )
    if isinstance(error, FileExistsError | NotADirectoryError):
        return UsageError(f"cannot write results: {error.filename} is a file", "Choose another --results.")
    return UsageError(f"cannot write results in {folder}: {error.strerror}", "Choose another --results.")


def require_space(results: Path, *, trials: int, rows: int) -> None:
    """Refuse to begin what the disk has no room for.

    Args:
        results: Folder of results; it need not be there yet.
        trials: How many are to be written.
        rows: Arms times epochs of each.

    Raises:
        StorageError: There is less room than they will take.
        UsageError: No folder can have that name.
    """
    try:
        there = next(folder for folder in (results, *results.absolute().parents) if folder.is_dir())
    except OSError as error:
        raise UsageError(f"cannot write results in {results}: {error.strerror}", "Choose another --results.") from error
    needed = trials * (BYTES_PER_TRIAL + rows * BYTES_PER_ROW)
    free = shutil.disk_usage(there).free
    if free < needed:
        raise StorageError(
            f"{results} has {_size(free)} of room, and {trials} trials take up to {_size(needed)}",
            "Free some, or choose another --results.",
        )


def _size(count: float) -> str:
    """Return a number of bytes in the largest unit in which it is at least 1."""
    if count < 1000:
        return f"{count:.0f} bytes"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 999.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} TB"


def discard(folder: Path) -> None:
    """Take away a run whose experiment turned out to be wrong, unless a trial or a failure was recorded in it.

    It is renamed first, so that nobody finds half of it.
    """
    aside = folder.with_name(f".discarded-{folder.name}")
    with contextlib.suppress(OSError):
        disk.rename(folder, aside)
        if any(aside.glob("seed-*")) or (aside / FAILED).exists():
            disk.rename(aside, folder)
        else:
            disk.remove(aside)


def set_aside(run: RunRecord, place: Path) -> Path | None:
    """Move a trial that cannot be trusted out of the way.

    Args:
        run: Its run.
        place: Its folder.

    Returns:
        Where it is now; None if it is whole by now, cannot be read just now, or somebody else has moved it.

    Raises:
        StorageError: It cannot be moved.
    """
    try:
        read_trial(run, place)
    except BrokenFileError as error:
        if error.kind != "broken":
            return None
    else:
        return None
    with explained(place.parent):
        return move_aside(place)


def move_aside(place: Path) -> Path | None:
    """Move whatever is at a trial's place to ``broken/`` and return where it is now; None if it was already moved."""
    broken = place.parent / BROKEN
    disk.make_folder(broken)
    names = (f"{place.name}-{number}" for number in range(1, 1_000_000))
    target = next(broken / name for name in names if not os.path.lexists(broken / name))
    try:
        disk.rename(place, target)
    except FileNotFoundError:
        return None
    return target


def record_failure(run: Path, failure: FailureRecord) -> None:
    """Record why a trial is not to be had; it does no harm to a trial that is published later."""
    with explained(run):
        disk.make_folder(run / FAILED)
        sealed.write(run / FAILED / f"{trial_name(failure.seed)}.json", failure)


def require_run(run: Path) -> None:
    """Refuse to continue a run whose folder or ``run.json`` is gone.

    Raises:
        StorageError: It is; what is trained after that could not be published.
    """
    if not run.is_dir():
        raise StorageError(f"cannot write in {run}: the folder is gone; it was moved or removed during the run")
    if not (run / RUN_FILE).exists():
        raise StorageError(f"cannot write in {run}: {RUN_FILE} is gone; it was moved or removed during the run")


@contextlib.contextmanager
def explained(run: Path) -> Iterator[None]:
    """Turn an error of the disk into one that says where it was and what to do."""
    try:
        yield
    except OSError as error:
        require_run(run)
        raise StorageError(
            f"cannot write in {run}: {error.strerror or error}",
            "Finished trials stay valid. Resume the run when the disk has room and permission again.",
        ) from error
