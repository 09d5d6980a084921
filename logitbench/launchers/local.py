"""Trials in processes of this machine: one thread each, several side by side, replaced before they grow.

A worker imports TensorFlow as soon as it is started, so that this passes while the caller still prepares data. What a
worker writes to its standard output and error goes to a log, whose last lines are shown if it dies.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from logitbench.errors import LogitbenchError, TrainingError, first_line
from logitbench.records import Progress
from logitbench.trial import Trainer, TrialJob

TRIALS_PER_WORKER = 16
"""A process that trains many models in turn grows and slows; its successor costs an import of TensorFlow."""

LOG_LINES = 15

CHATTER = ("I0000", "WARNING: All log messages before absl")
"""What TensorFlow tells at every start."""


@dataclass(frozen=True)
class TrialDone:
    """A trial is finished and published."""

    seed: int


@dataclass(frozen=True)
class TrialFailed:
    """A trial is not to be had; nothing of it is published."""

    seed: int
    error: LogitbenchError
    traceback: str = ""


Event = Progress | TrialDone | TrialFailed


@dataclass
class _Worker:
    process: SpawnProcess
    connection: Connection
    log: Path
    job: TrialJob | None = None
    trials: int = field(default=0)


class LocalWorkers:
    """A number of worker processes, from ``with`` to its end.

    Args:
        count: Number of trials at a time, at least 1.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._context = multiprocessing.get_context("spawn")
        self._logs = tempfile.TemporaryDirectory(prefix="logitbench-", ignore_cleanup_errors=True)
        self._started = 0
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Start the workers; they import TensorFlow while the caller goes on."""
        self._workers = [self._start() for _ in range(self._count)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers at once: an idle one has published all it had, and a busy one is not wanted any more."""
        for worker in self._workers:
            self._stop(worker)
        self._logs.cleanup()

    def run(self, jobs: Iterable[TrialJob]) -> Iterator[Event]:
        """Run every job, in order as workers become free, and yield what they tell."""
        waiting = list(jobs)[::-1]
        while waiting or any(worker.job for worker in self._workers):
            for worker in self._workers:
                if worker.job is None and waiting:
                    worker.job = waiting.pop()
                    with contextlib.suppress(OSError):  # a dead worker is heard of below
                        worker.connection.send(worker.job)
            busy = {worker.connection: worker for worker in self._workers if worker.job}
            for ready in wait(list(busy)):
                yield self._hear(busy[ready])  # type: ignore[index]

    def _hear(self, worker: _Worker) -> Event:
        job = worker.job
        assert job is not None  # noqa: S101 - only busy workers are listened to
        try:
            event: Event = worker.connection.recv()
        except (EOFError, OSError):
            event = TrialFailed(job.seed, _death(worker))
            self._replace(worker)
            return event
        if isinstance(event, TrialDone | TrialFailed):
            worker.job = None
            worker.trials += 1
            if worker.trials >= TRIALS_PER_WORKER:
                self._replace(worker)
        return event

    def _start(self) -> _Worker:
        self._started += 1
        log = Path(self._logs.name) / f"worker-{self._started}.log"
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, log), daemon=True)
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: the caller gets Ctrl-C and decides
        process.start()
        signal.signal(signal.SIGINT, before)
        theirs.close()
        return _Worker(process, ours, log)

    def _replace(self, worker: _Worker) -> None:
        self._stop(worker)
        self._workers[self._workers.index(worker)] = self._start()

    def _stop(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.connection.close()


def _death(worker: _Worker) -> TrainingError:
    worker.process.join(timeout=5)
    code = worker.process.exitcode
    how = f"by signal {-code}" if code is not None and code < 0 else f"with exit code {code}"
    said = worker.log.read_text(errors="replace").splitlines() if worker.log.exists() else []
    last = "\n".join([line for line in said if not line.startswith(CHATTER)][-LOG_LINES:])
    return TrainingError(
        f"the process of this trial ended {how}",
        (f"Its last words were:\n{last}\n" if last else "")
        + "If memory ran out, use fewer --workers or a smaller --batch-size.",
    )


def _work(connection: Connection, log: Path) -> None:
    """Run trials until the connection ends: the body of a worker process."""
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from logitbench.training import backend

    backend.load()  # its seconds pass while the caller prepares data
    trainer = Trainer()
    while True:
        try:
            job: TrialJob = connection.recv()
        except (EOFError, OSError):
            return
        try:
            trainer.run(job, connection.send)
            event: Event = TrialDone(job.seed)
        except LogitbenchError as error:
            event = TrialFailed(job.seed, error, traceback.format_exc())
        except Exception as error:
            event = TrialFailed(
                job.seed,
                TrainingError(f"training raised {type(error).__name__}: {first_line(error)}", "--debug shows where."),
                traceback.format_exc(),
            )
        try:
            connection.send(event)
        except OSError:
            return
