"""The one place that writes or reads a results folder.

``<results>/<experiment>/<run_id>/run.json``, and for each seed ``seed-0003/trial.json`` and ``seed-0003/epochs.jsonl``.
A trial is written under ``.attempts/`` and renamed into place when it is whole, so a reader never sees half a pair and
no file has two writers. Every JSON file carries a digest of itself, and a trial one of its epochs.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from logitbench import sealed
from logitbench.errors import UsageError
from logitbench.records import EpochRecord, RunRecord, TrialRecord, broken_promises
from logitbench.sealed import BrokenFileError
from logitbench.spec import NAME_PATTERN

RUN_FILE, TRIAL_FILE, EPOCHS_FILE, ATTEMPTS = "run.json", "trial.json", "epochs.jsonl", ".attempts"
ROW = TypeAdapter(EpochRecord).validator
FIELDS = tuple(field.name for field in dataclasses.fields(EpochRecord))
_values = attrgetter(*FIELDS)


def require_name(name: str) -> None:
    """Refuse a name that may not become a folder.

    Raises:
        UsageError: It has characters that do not belong in a name, or too many.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(
            f"{name!r} cannot be the name of a run",
            "Use letters, digits, '_', '.' and '-', beginning with a letter or digit, 255 at most.",
        )


def create_run(results: Path, record: RunRecord) -> Path:
    """Make a run's folder and write its ``run.json``; what cannot be written is found here, before any training.

    Raises:
        UsageError: The folder cannot be written, or there is a run of that name.
    """
    require_name(record.experiment)
    require_name(record.run_id)
    folder = results / record.experiment / record.run_id
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        (folder / ATTEMPTS).mkdir()
        sealed.write(folder / RUN_FILE, record)
    except FileExistsError as error:
        if not folder.is_dir():
            raise UsageError(
                f"cannot write results: {error.filename} is a file", "Choose another --results."
            ) from error
        raise UsageError(
            f"there is a run {record.run_id!r} in {folder.parent} already", "Choose another --name."
        ) from error
    except OSError as error:
        raise UsageError(f"cannot write results in {folder}: {error.strerror}", "Choose another --results.") from error
    return folder


def discard_if_empty(folder: Path) -> None:
    """Remove a run's folder if no trial was published in it."""
    if not any(folder.glob("seed-*")):
        shutil.rmtree(folder, ignore_errors=True)


def _trial_name(seed: int) -> str:
    return f"seed-{seed:04d}"


class TrialWriter:
    """Writes one trial, a whole line at a time, and puts it in its place when it is complete.

    Args:
        run: The run's folder.
        seed: The trial.
    """

    def __init__(self, run: Path, seed: int) -> None:
        self.place = run / _trial_name(seed)
        self._attempt = Path(tempfile.mkdtemp(prefix=f"{self.place.name}-", dir=run / ATTEMPTS))
        self._attempt.chmod(0o755)
        self._epochs = (self._attempt / EPOCHS_FILE).open("wb")
        self._digest = hashlib.sha256()

    def append(self, records: Iterable[EpochRecord]) -> None:
        """Write one epoch: a line for each arm, on disk when this returns."""
        text = "".join(json.dumps(dataclasses.asdict(record), allow_nan=False) + "\n" for record in records)
        self._epochs.write(text.encode())
        self._epochs.flush()
        os.fsync(self._epochs.fileno())
        self._digest.update(text.encode())

    @property
    def epochs_sha256(self) -> str:
        """Digest of the epochs written so far."""
        return self._digest.hexdigest()

    def publish(self, trial: TrialRecord) -> None:
        """Put the trial in its place. Where another attempt has been first, that one stays."""
        self._epochs.close()
        sealed.write(self._attempt / TRIAL_FILE, trial)
        try:
            self._attempt.rename(self.place)
        except OSError:
            if not self.place.is_dir():
                raise
            shutil.rmtree(self._attempt)
        sealed.sync_folder(self.place.parent)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; an attempt that was not published stays where no reader looks."""
        self._epochs.close()


@dataclass(frozen=True)
class Trial:
    """A trial as read back.

    Args:
        run: The run that it belongs to.
        record: What its ``trial.json`` says.
        columns: Its rows, one per epoch and arm, by epoch: a column for each field of ``EpochRecord``. Tables
            are made of columns, and of thousands of trials they take half the memory of rows.
    """

    run: RunRecord
    record: TrialRecord
    columns: Mapping[str, tuple[Any, ...]]

    @property
    def rows(self) -> tuple[EpochRecord, ...]:
        """The rows as they were written."""
        return tuple(map(EpochRecord, *self.columns.values()))


@dataclass(frozen=True)
class Broken:
    """A folder that is left out, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Results:
    """What is under some results folders."""

    trials: list[Trial]
    broken: list[Broken]


def read(paths: Iterable[Path]) -> Results:
    """Read every finished trial under results folders, experiment folders or run folders.

    A folder that two paths lead to is read once. Of a trial that lies in two folders, a copy, the first is taken, so
    that no seed counts twice.

    Raises:
        UsageError: A path does not exist, or there is no run under one of them.
    """
    trials: dict[tuple[str, str, int], Trial] = {}
    broken: list[Broken] = []
    runs: dict[tuple[str, str], RunRecord] = {}
    folders = {folder.resolve(): folder for path in paths for folder in _run_folders(path)}
    for folder in folders.values():
        try:
            run = _read_run(folder)
            if runs.setdefault((run.experiment, run.run_id), run) != run:
                raise BrokenFileError(f"another run is named {run.experiment}/{run.run_id} too: read them one by one")
        except BrokenFileError as error:
            broken.append(Broken(folder, str(error)))
            continue
        for place in sorted(folder.glob("seed-*"), key=attrgetter("name")):
            try:
                trial = _read_trial(run, place)
                if trials.setdefault((run.experiment, run.run_id, trial.record.seed), trial) is not trial:
                    raise BrokenFileError("a copy: this seed of this run has been read from another folder")
            except BrokenFileError as error:
                broken.append(Broken(place, str(error)))
    return Results(list(trials.values()), broken)


def _run_folders(path: Path) -> list[Path]:
    if not path.is_dir():
        raise UsageError(f"there is no results folder {path}", "`logitbench run` makes one, ./results by default.")
    found = [file.parent for depth in ("", "*/", "*/*/") for file in sorted(path.glob(f"{depth}{RUN_FILE}"))]
    if not found:
        raise UsageError(f"there is no run in {path}", "`logitbench run` makes one.")
    return found


def _read_run(folder: Path) -> RunRecord:
    run = sealed.read(folder / RUN_FILE, RunRecord)
    try:
        _asked(run)
    except (KeyError, TypeError) as error:
        raise BrokenFileError(f"{RUN_FILE} does not say which arms were asked for, or how many epochs") from error
    return run


def _asked(run: RunRecord) -> tuple[set[str], int]:
    return set(run.spec["pairs"]["arms"]), run.spec["training"]["epochs"]


def _read_trial(run: RunRecord, place: Path) -> Trial:
    record = sealed.read(place / TRIAL_FILE, TrialRecord)
    if place.name != _trial_name(record.seed):
        raise BrokenFileError(f"{TRIAL_FILE} is of seed {record.seed}")
    if (set(record.arms), record.epochs) != _asked(run):
        raise BrokenFileError(f"{TRIAL_FILE} has not the arms and epochs that {RUN_FILE} asks for")
    if broken := broken_promises({name: arm.fingerprints.model_dump() for name, arm in record.arms.items()}):
        raise BrokenFileError(f"not a pair: its arms do not have {' nor '.join(broken)}")
    return Trial(run, record, _read_columns(place / EPOCHS_FILE, record))


def _read_columns(path: Path, record: TrialRecord) -> dict[str, tuple[Any, ...]]:
    """Read a trial's rows: one for each arm and epoch, no more and no less."""
    content = sealed.content(path)
    if hashlib.sha256(content).hexdigest() != record.epochs_sha256:
        raise BrokenFileError(f"{path.name} is not what was written")
    try:
        rows = [ROW.validate_json(line) for line in content.splitlines()]
    except ValidationError as error:
        raise BrokenFileError(f"{path.name} has a row that is not an arm's epoch: {sealed.problem(error)}") from error
    if len(rows) != record.epochs * len(record.arms) or {(row.epoch, row.arm) for row in rows} != {
        (epoch, arm) for epoch in range(1, record.epochs + 1) for arm in record.arms
    }:
        raise BrokenFileError(f"{path.name} has not one row for each arm and epoch")
    rows.sort(key=attrgetter("epoch"))
    return dict(zip(FIELDS, zip(*map(_values, rows), strict=True), strict=True))
