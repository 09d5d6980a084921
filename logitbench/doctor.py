"""What is whole, partial, stale or broken under a results folder, and how to set it right without deleting."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from logitbench import store
from logitbench.store import Results, disk
from logitbench.store.layout import ATTEMPTS, EPOCHS_FILE, RUN_FILE
from logitbench.store.writer import set_aside


@dataclass(frozen=True)
class Finding:
    """Something in a results folder that is not a whole trial.

    Args:
        kind: ``partial``, ``failed``, ``broken``, ``other schema``, ``running``, ``stale`` or ``torn``.
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
        UsageError: A path does not exist, or there is no run under one of them.
    """
    paths = list(paths)
    found = store.read(paths)
    findings = [*_partial(found)]
    findings += [Finding(_kind(broken.reason), broken.path, broken.reason) for broken in found.broken]
    for path in paths:
        findings += _unfinished(path)
    return Examination(len(found.runs), len(found.trials), findings)


def repair(finding: Finding) -> str | None:
    """Set one thing right and return what was done; None where nothing can be or need be."""
    if finding.kind == "broken" and finding.path.is_dir() and (finding.path.parent / RUN_FILE).is_file():
        return f"moved to {set_aside(finding.path)}"
    if finding.kind == "torn":
        file = finding.path / EPOCHS_FILE
        os.truncate(file, file.read_bytes().rfind(b"\n") + 1)
        return "cut after its last whole line"
    return None


def _partial(found: Results) -> Iterator[Finding]:
    """Yield the runs that have fewer seeds than they were to have."""
    whole = Counter((trial.run.experiment, trial.run.run_id) for trial in found.trials)
    for folder, run in found.runs.items():
        there, asked = whole[run.experiment, run.run_id], run.spec["pairs"].get("seeds")
        if isinstance(asked, int) and there < asked:
            yield Finding("partial", folder, f"{there} of {asked} seeds are finished")


def _kind(reason: str) -> str:
    if reason.startswith("failed: "):
        return "failed"
    return "other schema" if " has schema " in reason else "broken"


def _unfinished(path: Path) -> Iterator[Finding]:
    for attempts in sorted(path.glob(f"**/{ATTEMPTS}")):
        for attempt in sorted(attempts.iterdir()):
            yield _attempt(attempt)
    for new in sorted(path.glob("**/.new-*")):
        yield Finding("stale", new, "a run that was not begun")


def _attempt(folder: Path) -> Finding:
    file = folder / EPOCHS_FILE
    content = file.read_bytes() if file.is_file() else b""
    lines = content.count(b"\n")
    if file.is_file() and disk.is_locked(file):
        return Finding("running", folder, f"{lines} lines so far")
    if content and not content.endswith(b"\n"):
        return Finding("torn", folder, f"{lines} lines, and one that was cut off when its process ended")
    return Finding("stale", folder, f"{lines} lines; its process ended")
