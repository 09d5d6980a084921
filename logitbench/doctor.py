"""What is whole, partial, stale or broken under a results folder, and how to set it right without deleting."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from logitbench import locks
from logitbench.errors import UsageError
from logitbench.store import Broken, Trial, disk
from logitbench.store.claims import holder_of
from logitbench.store.layout import ATTEMPTS, CLAIMS, EPOCHS_FILE, trial_name
from logitbench.store.reader import Run, read_run, scan
from logitbench.store.sealed import BrokenFileError
from logitbench.store.writer import set_aside

REMEDIES = {
    "partial": "the command that began it, with --resume (in place of --needed), finishes it",
    "failed": "its reason stands beside it; --resume tries it again",
    "broken": "--repair moves a trial aside, and --resume trains it again; for run.json there is only a backup",
    "unreadable": "see that the disk is there and may be read",
    "other schema": "update logitbench",
    "copy": "harmless: a seed counts once",
    "stale": "harmless: left by a process that ended; it may be deleted",
    "torn": "harmless: left by a process that ended; --repair cuts its last line off",
    "running": "a process is writing it",
}
"""What to do about each kind of finding."""


@dataclass(frozen=True)
class Finding:
    """Something in a results folder that is not a whole trial.

    Args:
        kind: One of ``REMEDIES``.
        path: Where.
        what: What was found.
    """

    kind: str
    path: Path
    what: str


@dataclass(frozen=True)
class Examination:
    """What is under some results folders.

    Args:
        runs: Number of runs that can be read.
        whole: Number of their trials that are finished and can be trusted.
        findings: All else.
    """

    runs: int
    whole: int
    findings: list[Finding]


def examine(paths: Iterable[Path]) -> Examination:
    """Look at everything under results folders, experiment folders or run folders.

    Raises:
        UsageError: A path does not exist.
    """
    runs: set[Path] = set()
    whole = 0
    partial: list[Finding] = []
    broken: list[Finding] = []
    unfinished: list[Finding] = []
    for path in paths:
        for part in _scan(path):
            if isinstance(part, Broken):
                broken.append(Finding(part.kind, part.path, part.reason))
            elif isinstance(part, Run):
                if part.folder not in runs:
                    partial += _partial(part)
                runs.add(part.folder)
            else:
                whole += 1
        unfinished += _unfinished(path)
    return Examination(len(runs), whole, [*partial, *broken, *unfinished])


def _scan(path: Path) -> Iterator[Run | Trial | Broken]:
    """Read what there is; that there is no run, or none any more, is no error here."""
    try:
        yield from scan([path])
    except UsageError:
        if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a name is too long
            raise


def repair(finding: Finding) -> str | None:
    """Set one thing right and return what was done; None where nothing can be or need be.

    Raises:
        StorageError: It cannot be moved.
    """
    if finding.kind == "broken" and finding.path.is_dir():
        try:
            moved = set_aside(read_run(finding.path.parent), finding.path)
        except BrokenFileError:
            return None
        return f"moved to {moved}" if moved else None
    if finding.kind == "torn":
        try:
            cut = disk.cut_torn_line(finding.path / EPOCHS_FILE)
        except OSError as error:
            return f"not cut: {error.strerror}"
        return f"cut after its last whole line; the rest is in {EPOCHS_FILE}.torn" if cut else None
    return None


def _partial(run: Run) -> Iterator[Finding]:
    """Yield a run that has fewer seeds than are planned."""
    planned = run.record.planned
    there = sum((run.folder / trial_name(seed)).is_dir() for seed in planned)
    if there < len(planned):
        yield Finding("partial", run.folder, f"{there} of {len(planned)} seeds are there")


def _unfinished(path: Path) -> Iterator[Finding]:
    for attempts in sorted(path.glob(f"**/{ATTEMPTS}")):
        if not attempts.is_symlink() and attempts.is_dir():
            for attempt in sorted(attempts.iterdir()):
                if not attempt.is_symlink():
                    yield from _attempt(attempt)
    for claims in sorted(path.glob(f"**/{CLAIMS}")):
        for claim in sorted(claims.iterdir()) if claims.is_dir() and not claims.is_symlink() else ():
            if holder_of(claim) is None:
                ended = "a seed that was claimed by a process that ended"
                yield Finding("stale", claim, ended if claim.is_file() else "no regular file, so it claims no seed")
    copies = (f"{disk.COPY}*", "a copy that was not finished")
    for pattern, what in (copies, (".new-*", "a run that was not begun"), (".discarded-*", "a run that was given up")):
        for left in sorted(path.glob(f"**/{pattern}")):
            yield Finding("stale", left, what)


def _attempt(folder: Path) -> Iterator[Finding]:
    file = folder / EPOCHS_FILE
    try:
        if locks.is_locked(file):
            yield Finding("running", folder, "a process is writing it")
        elif disk.has_torn_line(file):
            yield Finding("torn", folder, "its last line was cut off when its process ended")
        else:
            yield Finding("stale", folder, "its process ended before it was published")
    except FileNotFoundError:
        return  # published just now
    except OSError as error:
        yield Finding("unreadable", folder, error.strerror or type(error).__name__)
