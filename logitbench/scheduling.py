"""Train the seeds of a run, side by side with other processes that train the same run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from logitbench import resume, store
from logitbench.errors import StorageError, UsageError
from logitbench.launchers.local import LocalWorkers
from logitbench.launchers.worker import Event, TrialDone, TrialFailed
from logitbench.records import SCHEMA_VERSION, FailureRecord, RunRecord
from logitbench.spec import ExperimentSpec
from logitbench.store import Claims
from logitbench.store.claims import Holder
from logitbench.trial import TrialJob

CLAIM_POLL_SECONDS = 1.0
"""Seconds between two looks at the seeds that another process trains."""


class Listener(Protocol):
    """Receives what happens during a run."""

    def note(self, line: str) -> None:
        """Receive one line on what happens apart from the training."""

    def begin(self, spec: ExperimentSpec, folder: Path, seeds: int) -> None:
        """Receive the start of the training of a number of seeds; it comes again when seeds are added."""

    def event(self, event: Event) -> None:
        """Receive an event of a trial."""


@dataclass
class Outcome:
    """The result of a run.

    Args:
        folder: The run's folder; None where nothing was needed.
        record: The run.
        finished: Seeds that are published.
        failed: Seeds that are not published, and why.
    """

    folder: Path | None
    record: RunRecord
    finished: list[int] = field(default_factory=list)
    failed: list[TrialFailed] = field(default_factory=list)

    @property
    def planned(self) -> tuple[int, ...]:
        """All seeds of the run."""
        return self.record.planned


def train_seeds(pool: LocalWorkers, jobs: list[TrialJob], outcome: Outcome, listener: Listener) -> None:
    """Train every seed that no other process trains, then wait for the others.

    Args:
        pool: Workers.
        jobs: One job per missing seed, all of one run.
        outcome: Receives the seeds that are finished and those that failed.
        listener: Receives events and notes.

    Raises:
        KeyboardInterrupt: Passed on after the workers have finished what they write.
    """
    try:
        with store.Claims(jobs[0].run) as claims:
            announced: dict[int, Holder] = {}
            while True:
                claimed: dict[int, Holder] = {}
                may_continue = _train(pool, _unclaimed(jobs, claims, claimed, outcome), claims, outcome, listener)
                if not (may_continue and claimed):
                    return
                new = {seed: holder for seed, holder in claimed.items() if announced.get(seed) != holder}
                _announce(new, listener)
                announced |= claimed
                jobs = [job for job in jobs if job.seed in claimed]
                time.sleep(CLAIM_POLL_SECONDS)
    except KeyboardInterrupt:
        listener.note("Stopping as soon as each worker has finished what it writes; Ctrl-C again stops at once.")
        pool.stop()
        raise


def _unclaimed(
    jobs: list[TrialJob], claims: Claims, claimed: dict[int, Holder], outcome: Outcome
) -> Iterator[TrialJob]:
    """Claim and yield each job whose seed is missing; add seeds that another process holds to ``claimed``."""
    for job in jobs:
        try:
            if holder := claims.take(job.seed):
                claimed[job.seed] = holder
            elif resume.is_missing(job.run, outcome.record, job.seed):
                yield job
            else:  # another process has finished it
                claims.release(job.seed)
                outcome.finished.append(job.seed)
        except StorageError as error:
            outcome.failed.append(TrialFailed(job.seed, error))
            return


def _train(pool: LocalWorkers, jobs: Iterator[TrialJob], claims: Claims, outcome: Outcome, listener: Listener) -> bool:
    """Train jobs whose seeds are claimed; return False after an error that every other seed would repeat."""
    for event in pool.run(jobs):
        listener.event(event)
        if isinstance(event, TrialDone):
            outcome.finished.append(event.seed)
        elif isinstance(event, TrialFailed):
            outcome.failed.append(event)
            if isinstance(event.error, StorageError):
                return False  # the disk would refuse the next trial too
            if isinstance(event.error, UsageError) and not outcome.finished:
                return False  # the experiment itself is wrong
            _record_failure(event, claims.run)
        if isinstance(event, TrialDone | TrialFailed):
            claims.release(event.seed)
    return not any(isinstance(failed.error, StorageError) for failed in outcome.failed)


def _announce(claimed: dict[int, Holder], listener: Listener) -> None:
    for holder in dict.fromkeys(claimed.values()):
        seeds = ", ".join(str(seed) for seed in claimed if claimed[seed] == holder)
        listener.note(f"Waiting for {holder}, which trains seed {seeds} of this run; Ctrl-C stops waiting.")


def _record_failure(failed: TrialFailed, run: Path) -> None:
    error = failed.error
    record = FailureRecord(
        schema_version=SCHEMA_VERSION,
        seed=failed.seed,
        kind=type(error).__name__,
        message=error.message,
        hint=error.hint,
    )
    with contextlib.suppress(StorageError):  # the terminal shows it in any case
        store.record_failure(run, record)
