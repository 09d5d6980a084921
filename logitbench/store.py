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
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from logitbench.errors import UsageError
from logitbench.records import (
    SCHEMA_VERSION,
    EpochRecord,
    RunRecord,
    Stored,
    TrialRecord,
    broken_promises,
)
from logitbench.spec import NAME_PATTERN

RUN_FILE, TRIAL_FILE, EPOCHS_FILE, ATTEMPTS = "run.json", "trial.json", "epochs.jsonl", ".attempts"
R = TypeVar("R", bound=Stored)


class BrokenFileError(Exception):
    """A results file that cannot be trusted; the message says why."""


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
        _write_whole(folder / RUN_FILE, _sealed(record.model_dump(mode="json")))
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


class TrialWriter:
    """Writes one trial, a whole line at a time, and puts it in its place when it is complete.

    Args:
        run: The run's folder.
        seed: The trial.
    """

    def __init__(self, run: Path, seed: int) -> None:
        self.place = run / f"seed-{seed:04d}"
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
        _write_whole(self._attempt / TRIAL_FILE, _sealed(trial.model_dump(mode="json")))
        try:
            self._attempt.rename(self.place)
        except OSError:
            if not self.place.is_dir():
                raise
            shutil.rmtree(self._attempt)
        _sync_folder(self.place.parent)

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
    """A trial as read back: its record and its rows, one per epoch and arm."""

    run: RunRecord
    record: TrialRecord
    rows: list[dict[str, Any]]


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

    Raises:
        UsageError: A path does not exist, or there is no run under any of them.
    """
    trials: list[Trial] = []
    broken: list[Broken] = []
    runs = [folder for path in paths for folder in _run_folders(path)]
    for folder in dict.fromkeys(runs):
        try:
            run = _read_sealed(folder / RUN_FILE, RunRecord)
        except BrokenFileError as error:
            broken.append(Broken(folder, str(error)))
            continue
        for place in sorted(folder.glob("seed-*")):
            try:
                trials.append(_read_trial(run, place))
            except BrokenFileError as error:
                broken.append(Broken(place, str(error)))
    return Results(trials, broken)


def _run_folders(path: Path) -> list[Path]:
    if not path.is_dir():
        raise UsageError(f"there is no results folder {path}", "`logitbench run` makes one, ./results by default.")
    found = [file.parent for depth in ("", "*/", "*/*/") for file in sorted(path.glob(f"{depth}{RUN_FILE}"))]
    if not found:
        raise UsageError(f"there is no run in {path}", "`logitbench run` makes one.")
    return found


def _read_trial(run: RunRecord, place: Path) -> Trial:
    record = _read_sealed(place / TRIAL_FILE, TrialRecord)
    content = _content(place / EPOCHS_FILE)
    if hashlib.sha256(content).hexdigest() != record.epochs_sha256:
        raise BrokenFileError(f"{EPOCHS_FILE} is not what was written")
    if broken := broken_promises({name: arm.fingerprints.model_dump() for name, arm in record.arms.items()}):
        raise BrokenFileError(f"not a pair: its arms do not have {' nor '.join(broken)}")
    return Trial(run, record, [json.loads(line) for line in content.splitlines()])


def _read_sealed(path: Path, kind: type[R]) -> R:
    try:
        table = json.loads(_content(path))
        seal = table.pop("sha256")
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenFileError(f"{path.name} is not a results file") from error
    found = table.get("schema_version")
    if not isinstance(found, int) or found > SCHEMA_VERSION:
        raise BrokenFileError(
            f"{path.name} has schema {found!r}, and this logitbench knows up to {SCHEMA_VERSION}: update logitbench"
        )
    if seal != _digest(table):
        raise BrokenFileError(f"{path.name} is not what was written")
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise BrokenFileError(f"{path.name} lacks {error.errors()[0]['loc']}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BrokenFileError(f"cannot read {path.name}: {error.strerror}") from error


def _sealed(table: Mapping[str, Any]) -> bytes:
    return (json.dumps({**table, "sha256": _digest(table)}, indent=1, allow_nan=False) + "\n").encode()


def _digest(table: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(table, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
