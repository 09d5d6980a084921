"""Runs and trials, written whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from logitbench.errors import StorageError, UsageError
from logitbench.records import EpochRecord, FailureRecord, RunRecord, TrialRecord
from logitbench.store import disk, sealed
from logitbench.store.layout import (
    ATTEMPTS,
    BROKEN,
    EPOCHS_FILE,
    FAILED,
    RUN_FILE,
    TRIAL_FILE,
    require_name,
    trial_name,
)
from logitbench.store.reader import read_trial
from logitbench.store.sealed import BrokenFileError

BYTES_PER_ROW, BYTES_PER_TRIAL = 400, 16_384
"""More than an arm's epoch takes, and a trial beside its epochs, with blocks of 4 KiB."""


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


def _refusal(error: OSError, folder: Path) -> UsageError:
    with contextlib.suppress(OSError):
        if folder.is_dir():
            return UsageError(
                f"there is a run {folder.name!r} in {folder.parent} already",
                "Choose another --name, or go on with it: --resume.",
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
            f"{results} has {free / 1e6:.1f} MB of room, and {trials} trials take up to {needed / 1e6:.1f} MB",
            "Free some, or choose another --results.",
        )


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
    with _explained(place.parent):
        broken = place.parent / BROKEN
        disk.make_folder(broken)
        names = (f"{place.name}-{number}" for number in range(1, 1_000_000))
        target = next(broken / name for name in names if not (broken / name).exists())
        try:
            disk.rename(place, target)
        except FileNotFoundError:
            return None
    return target


def record_failure(run: Path, failure: FailureRecord) -> None:
    """Record why a trial is not to be had; it does no harm to a trial that is published later."""
    with _explained(run):
        disk.make_folder(run / FAILED)
        sealed.write(run / FAILED / f"{trial_name(failure.seed)}.json", failure)


class TrialWriter:
    """Writes one trial, a whole line at a time, and puts it in its place when it is complete.

    Args:
        run: The run's folder.
        seed: The trial.

    Raises:
        StorageError: The folder cannot be written any more; so do the methods.
    """

    def __init__(self, run: Path, seed: int) -> None:
        self.place = run / trial_name(seed)
        with _explained(run):
            disk.make_folder(run / ATTEMPTS)  # git and some copies leave empty folders out
            self._attempt = disk.make_new_folder(run / ATTEMPTS, f"{self.place.name}-")
            self._epochs = disk.create(self._attempt / EPOCHS_FILE)
            disk.lock(self._epochs)
        self._digest = hashlib.sha256()

    def append(self, records: Iterable[EpochRecord]) -> None:
        """Write one epoch: a line for each arm, on disk when this returns."""
        text = "".join(json.dumps(dataclasses.asdict(record), allow_nan=False) + "\n" for record in records)
        with _explained(self.place.parent):
            disk.write(self._epochs, text.encode())
        self._digest.update(text.encode())

    @property
    def epochs_sha256(self) -> str:
        """Digest of the epochs written so far."""
        return self._digest.hexdigest()

    def publish(self, trial: TrialRecord) -> None:
        """Put the trial in its place. Where another attempt has been first, that one stays."""
        self._epochs.close()
        with _explained(self.place.parent):
            sealed.write(self._attempt / TRIAL_FILE, trial)
            try:
                disk.rename(self._attempt, self.place)
            except OSError:
                if not (self.place.is_dir() and self._attempt.is_dir()):
                    raise
                disk.remove(self._attempt)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; an attempt that was not published stays where no reader looks."""
        self._epochs.close()


@contextlib.contextmanager
def _explained(run: Path) -> Iterator[None]:
    """Say of what the disk refuses where it was and what is still good."""
    try:
        yield
    except OSError as error:
        gone = "" if run.is_dir() else " (the folder is gone)"
        raise StorageError(
            f"cannot write in {run}: {error.strerror or error}{gone}",
            "What was published stays valid. When there is room and permission again: the same command with --resume.",
        ) from error
