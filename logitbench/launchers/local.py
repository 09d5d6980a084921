"""Trials in processes of this machine: one thread each, several side by side, replaced before they grow.

A worker that dies, hangs or runs out of memory is replaced, and its trial is tried once more.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Self

from logitbench import temporary
from logitbench.errors import LogitbenchError, OutOfMemoryError, TrainingError
from logitbench.launchers.deaths import death, lack_of_memory_kills, log_size
from logitbench.launchers.worker import Begun, Event, TrialDone, TrialFailed, TrialRetried
from logitbench.processes import python
from logitbench.trial import TrialJob

TRIALS_PER_WORKER = 16
"""A process that trains many models in turn grows and slows; its successor costs an import of TensorFlow."""

LONGEST_WAIT = 3600.0

STARTING = 300.0
"""Seconds that a process may take to import TensorFlow; they do not count as its trial's."""

GRACE = 10.0
"""Seconds that workers have to finish what they write when a run is stopped."""


@dataclass
class _Worker:
    """A worker process.

    Args:
        log: File that takes its standard output and error, from the start of Python on.
        kills: Processes that the kernel had ended for lack of memory when this one started.
        log_start: Where the output of its present job begins in the log.
    """

    process: subprocess.Popen[bytes]
    connection: Connection
    log: Path
    kills: int | None
    job: TrialJob | None = None
    log_start: int = 0
    since: float = 0.0
    begun: bool = False
    trials: int = 0


class LocalWorkers:
    """A number of worker processes, from ``with`` to its end.

    Args:
        count: Number of trials at a time, at least 1.
        timeout: Seconds after which a trial counts as hanging; None for never.
    """

    def __init__(self, count: int, *, timeout: float | None = None) -> None:
        self._count = count
        self._timeout = timeout
        self._waiting: deque[TrialJob] = deque()
        self._jobs: Iterator[TrialJob] = iter(())
        self._tried: set[int] = set()
        self._logs = tempfile.TemporaryDirectory(prefix=temporary.PREFIX, ignore_cleanup_errors=True)
        self._in_use = temporary.hold(Path(self._logs.name))
        self._started = 0
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Start the workers."""
        self.grow(self._count)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers at once: an idle one has published all it had, and a busy one is not wanted any more."""
        for worker in self._workers:
            self._stop(worker)
        os.close(self._in_use)
        self._logs.cleanup()

    def grow(self, count: int) -> None:
        """Start workers until there are so many; they import TensorFlow while the caller continues."""
        self._workers += [self._start() for _ in range(len(self._workers), count)]

    def run(self, jobs: Iterable[TrialJob]) -> Iterator[Event]:
        """Run every job, in order as workers become free, and yield what they tell.

        A job whose worker dies, hangs or runs out of memory is tried once more on a fresh one.
        """
        self._jobs = iter(jobs)
        while True:
            for worker in self._workers:
                if worker.job is None and (job := self._next_job()):
                    worker.job, worker.since, worker.begun = job, time.monotonic(), False
                    worker.log_start = log_size(worker.log) if worker.trials else 0
                    with contextlib.suppress(OSError):  # a dead worker is heard of below
                        worker.connection.send(worker.job)
            busy = {worker.connection: worker for worker in self._workers if worker.job}
            if not busy:
                return
            ready = wait(list(busy), self._patience())
            for connection in ready:
                event = self._hear(busy[connection])  # type: ignore[index]
                if event is not None:
                    yield event
            for worker in [
                worker for worker in busy.values() if worker.connection not in ready and self._hangs(worker)
            ]:
                yield self._lost(worker, _hanging(self._timeout))

    def _next_job(self) -> TrialJob | None:
        """Return the next job: one to try once more, or the next of the caller's, who is asked only now."""
        return self._waiting.popleft() if self._waiting else next(self._jobs, None)

    def stop(self) -> None:
        """Let workers finish what they write, and end them; a second interrupt ends them at once."""
        self._waiting.clear()
        self._jobs = iter(())
        busy = [worker for worker in self._workers if worker.job and worker.begun]
        for worker in busy:
            with contextlib.suppress(OSError):
                worker.connection.send(None)
        until = time.monotonic() + GRACE
        for worker in busy:
            while worker.process.poll() is None and time.monotonic() < until:
                with contextlib.suppress(Exception):  # an interrupt may have cut a message in two
                    while worker.connection.poll(0.05):  # what nobody reads would block it
                        worker.connection.recv()

    def _patience(self) -> float | None:
        """Return the seconds until the first trial that runs counts as hanging."""
        if self._timeout is None:
            return None
        ends = min(worker.since + self._limit(worker) for worker in self._workers if worker.job)
        return min(LONGEST_WAIT, max(0.0, ends - time.monotonic()))

    def _hangs(self, worker: _Worker) -> bool:
        return time.monotonic() - worker.since >= self._limit(worker)

    def _limit(self, worker: _Worker) -> float:
        """Return how long a worker's trial may take from ``since`` on."""
        if self._timeout is None:
            return math.inf
        return self._timeout if worker.begun else max(self._timeout, STARTING)

    def _hear(self, worker: _Worker) -> Event | None:
        try:
            event: Event | Begun = worker.connection.recv()
        except (EOFError, OSError):
            return self._lost(worker, death(_exit_code(worker), worker.log, worker.log_start, worker.kills))
        if isinstance(event, Begun):
            worker.since, worker.begun = time.monotonic(), True  # the import of TensorFlow is no part of the trial
            return None
        if isinstance(event, TrialFailed) and isinstance(event.error, OutOfMemoryError):
            return self._lost(worker, event.error)
        if isinstance(event, TrialDone | TrialFailed):
            worker.job = None
            worker.trials += 1
            if worker.trials >= TRIALS_PER_WORKER:
                self._replace(worker)
        return event

    def _lost(self, worker: _Worker, error: LogitbenchError) -> Event:
        """Put a fresh worker in the place of one that is lost, and its job in front of the queue, once."""
        job = worker.job
        assert job is not None  # noqa: S101 - only busy workers are listened to
        self._replace(worker)
        if job.seed in self._tried:
            return TrialFailed(job.seed, error)
        self._tried.add(job.seed)
        self._waiting.appendleft(job)
        return TrialRetried(job.seed, error)

    def _start(self) -> _Worker:
        self._started += 1
        log = Path(self._logs.name) / f"worker-{self._started}.log"
        ours, theirs = multiprocessing.Pipe()
        with log.open("wb") as output, _signals_of_a_terminal_blocked():
            kills = lack_of_memory_kills()
            process = subprocess.Popen(  # noqa: S603 - this Python and logitbench's own module
                python("logitbench.launchers", str(os.getpid())),
                stdin=theirs.fileno(),
                stdout=output,
                stderr=output,
                env={**os.environ, "TMPDIR": self._logs.name},  # what a killed worker leaves there goes with the logs
            )
        theirs.close()
        return _Worker(process, ours, log, kills)

    def _replace(self, worker: _Worker) -> None:
        self._stop(worker)
        self._workers[self._workers.index(worker)] = self._start()

    def _stop(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.wait()
        worker.connection.close()


@contextlib.contextmanager
def _signals_of_a_terminal_blocked() -> Iterator[None]:
    """Block Ctrl-C and hang-up, for good in a process that starts meanwhile: the caller gets them too, and decides."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _exit_code(worker: _Worker) -> int | None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        worker.process.wait(timeout=5)
    return worker.process.returncode


def _hanging(timeout: float | None) -> TrainingError:
    return TrainingError(
        f"this trial was not finished after {timeout:g} seconds",
        "Give it more with --trial-timeout, or leave that out.",
    )
