"""What is under results folders, and what of it can be trusted."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from logitbench.errors import UsageError
from logitbench.records import EpochRecord, FailureRecord, RunRecord, TrialRecord, broken_promises
from logitbench.store import sealed
from logitbench.store.layout import EPOCHS_FILE, FAILED, RUN_FILE, TRIAL_FILE, trial_name
from logitbench.store.sealed import BrokenFileError, Kind

ROW = TypeAdapter(EpochRecord).validator
FIELDS = tuple(field.name for field in dataclasses.fields(EpochRecord))
_values = attrgetter(*FIELDS)

MOST_BYTES_PER_ROW, MOST_BYTES = 2**16, 2**30
"""More than an arm's epoch takes, be its name as long as a name may be, and more than any trial."""


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
        rows = zip(*self.columns.values(), strict=True)
        return tuple(EpochRecord(**dict(zip(self.columns, row, strict=True))) for row in rows)


@dataclass(frozen=True)
class Broken:
    """A folder that is left out, and why."""

    path: Path
    reason: str
    kind: Kind = "broken"


@dataclass(frozen=True)
class Results:
    """What is under some results folders.

    Args:
        trials: Those that are finished.
        broken: What is left out.
        runs: Every run that can be read, by its folder.
    """

    trials: list[Trial]
    broken: list[Broken]
    runs: Mapping[Path, RunRecord]


@dataclass(frozen=True)
class Run:
    """A run that can be read, and where it is."""

    folder: Path
    record: RunRecord


def read(paths: Iterable[Path]) -> Results:
    """Read every finished trial under results folders, experiment folders or run folders.

    A folder that two paths lead to is read once. Of a trial that lies in two folders, a copy, the first is taken, so
    that no seed counts twice.

    Raises:
        UsageError: A path does not exist, or there is no run under one of them.
    """
    results = Results([], [], runs := {})
    for part in scan(paths):
        if isinstance(part, Trial):
            results.trials.append(part)
        elif isinstance(part, Broken):
            results.broken.append(part)
        else:
            runs[part.folder] = part.record
    return results


def scan(paths: Iterable[Path]) -> Iterator[Run | Trial | Broken]:
    """Yield what ``read`` returns, one after the other: a run, then its trials. Keeps no trial in memory.

    Raises:
        UsageError: As ``read``.
    """
    names: dict[tuple[str, str], bytes] = {}
    seeds: set[tuple[str, str, int]] = set()
    folders = {folder.resolve(): folder for path in paths for folder in _run_folders(path)}
    for folder in folders.values():
        try:
            run = read_run(folder)
            content = hashlib.sha256(run.model_dump_json().encode()).digest()
            if names.setdefault((run.experiment, run.run_id), content) != content:
                raise BrokenFileError(f"another run is named {run.experiment}/{run.run_id} too: read them one by one")
        except BrokenFileError as error:
            yield Broken(folder, str(error), error.kind)
            continue
        yield Run(folder, run)
        for place in sorted(folder.glob("seed-*"), key=attrgetter("name")):
            try:
                trial = read_trial(run, place)
                if (seed := (run.experiment, run.run_id, trial.record.seed)) in seeds:
                    raise BrokenFileError("a copy: this seed of this run has been read from another folder", "copy")
                seeds.add(seed)
                yield trial
            except BrokenFileError as error:
                yield Broken(place, str(error), error.kind)
        yield from _failures(folder)


def _run_folders(path: Path) -> list[Path]:
    if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a name is too long
        raise UsageError(
            f"{path} is a file, not a folder of results", "`logitbench run` makes one, ./results by default."
        )
    if not os.path.isdir(path):  # noqa: PTH112
        raise UsageError(f"there is no results folder {path}", "`logitbench run` makes one, ./results by default.")
    # A folder whose name begins with a point is not in its place yet.
    found = [file.parent for depth in ("", "[!.]*/", "*/[!.]*/") for file in sorted(path.glob(f"{depth}{RUN_FILE}"))]
    if not found:
        raise UsageError(f"there is no run in {path}", "`logitbench run` makes one.")
    return found


def _failures(folder: Path) -> list[Broken]:
    """Return the trials of a run that failed and were not finished since."""
    failures = []
    for path in sorted((folder / FAILED).glob("seed-*.json")):
        place = folder / path.stem
        if not place.exists():
            try:
                failures.append(Broken(place, f"failed: {sealed.read(path, FailureRecord).message}", "failed"))
            except BrokenFileError as error:
                failures.append(Broken(path, str(error), error.kind))
    return failures


def read_run(folder: Path) -> RunRecord:
    """Read a run's own record.

    Raises:
        BrokenFileError: It cannot be trusted.
    """
    run = sealed.read(folder / RUN_FILE, RunRecord)
    try:
        _asked(run), run.planned
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenFileError(
            f"{RUN_FILE} does not say which arms were asked for, or how many epochs or seeds"
        ) from error
    return run


def _asked(run: RunRecord) -> tuple[set[str], int]:
    return set(run.spec["pairs"]["arms"]), run.spec["training"]["epochs"]


def read_trial(run: RunRecord, place: Path) -> Trial:
    """Read a finished trial.

    Raises:
        BrokenFileError: It cannot be trusted.
    """
    record = sealed.read(place / TRIAL_FILE, TrialRecord)
    if record.schema_version > 1 and (record.run_id, record.spec_sha256) != (run.run_id, run.spec_sha256):
        raise BrokenFileError(f"{TRIAL_FILE} is of another run, {record.run_id}, or of another experiment")
    if place.name != trial_name(record.seed):
        raise BrokenFileError(f"{TRIAL_FILE} is of seed {record.seed}")
    if (set(record.arms), record.epochs) != _asked(run):
        raise BrokenFileError(f"{TRIAL_FILE} has not the arms and epochs that {RUN_FILE} asks for")
    if broken := broken_promises({name: arm.fingerprints.model_dump() for name, arm in record.arms.items()}):
        raise BrokenFileError(f"not a pair: its arms do not have {' nor '.join(broken)}")
    return Trial(run, record, _read_columns(place / EPOCHS_FILE, record))


def _read_columns(path: Path, record: TrialRecord) -> dict[str, tuple[Any, ...]]:
    """Read a trial's rows: one for each arm and epoch, no more and no less."""
    content = sealed.content(path, min(record.epochs * len(record.arms) * MOST_BYTES_PER_ROW, MOST_BYTES))
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
