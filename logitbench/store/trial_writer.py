"""A trial, written whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from logitbench import locks
from logitbench.errors import StorageError
from logitbench.records import EpochRecord, TrialRecord
from logitbench.store import disk, sealed
from logitbench.store.layout import ATTEMPTS, EPOCHS_FILE, RUN_FILE, TRIAL_FILE, trial_name
from logitbench.store.reader import read_run, read_trial
from logitbench.store.sealed import BrokenFileError
from logitbench.store.writer import explained, move_aside, require_run


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
        try:
            self.run = read_run(run)
        except BrokenFileError as error:
            require_run(run)
            raise StorageError(f"cannot write in {run}: {error}", f"Restore its {RUN_FILE} from a backup.") from error
        with explained(run):
            disk.make_folder(run / ATTEMPTS)  # git and some copies leave empty folders out
            self._attempt = disk.make_new_folder(run / ATTEMPTS, f"{self.place.name}-")
            self._epochs = disk.create(self._attempt / EPOCHS_FILE)
            locks.lock(self._epochs)
        self._digest = hashlib.sha256()

    def append(self, records: Iterable[EpochRecord]) -> None:
        """Write one epoch: a line for each arm, on disk when this returns."""
        text = "".join(json.dumps(dataclasses.asdict(record), allow_nan=False) + "\n" for record in records)
        with explained(self.place.parent):
            disk.write(self._epochs, text.encode())
        require_run(self.place.parent)
        self._digest.update(text.encode())

    @property
    def epochs_sha256(self) -> str:
        """Digest of the epochs written so far."""
        return self._digest.hexdigest()

    def publish(self, trial: TrialRecord) -> None:
        """Put the trial in its place, unless an intact trial of the same run is already there.

        Anything else that is there moves to ``broken/``. A trial that cannot be published stays in ``.attempts/``.
        """
        self._epochs.close()
        require_run(self.place.parent)
        with explained(self.place.parent):
            sealed.write(self._attempt / TRIAL_FILE, trial)
            for last in (False, False, True):
                try:
                    disk.rename(self._attempt, self.place)
                    return
                except OSError:
                    if last or not (os.path.lexists(self.place) and self._attempt.is_dir()):
                        raise
                if self._is_published():
                    disk.remove(self._attempt)
                    return
                move_aside(self.place)

    def _is_published(self) -> bool:
        """Return whether an intact trial of this run is in the place."""
        try:
            read_trial(self.run, self.place)
        except BrokenFileError:
            return False
        return True

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; an attempt that was not published stays where no reader looks."""
        self._epochs.close()
