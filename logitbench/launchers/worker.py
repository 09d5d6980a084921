"""The other end: a process that runs trials and tells of them.

It imports TensorFlow as soon as it is started, so that this passes while its caller still prepares data. What it writes
to its standard output and error goes to a log, whose last lines are shown if it dies.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from logitbench.errors import (
    LogitbenchError,
    OutOfMemoryError,
    RaisedInTrainingError,
    TrainingError,
    first_line,
    is_out_of_memory,
)
from logitbench.records import Progress
from logitbench.trial import Trainer, TrialJob


@dataclass(frozen=True)
class TrialDone:
    """A trial is finished and published."""

    seed: int


@dataclass(frozen=True)
class TrialRetried:
    """A trial's worker was lost, and the trial is tried once more on a fresh one."""

    seed: int
    error: LogitbenchError


@dataclass(frozen=True)
class TrialFailed:
    """A trial is not to be had; nothing of it is published."""

    seed: int
    error: LogitbenchError
    traceback: str = ""


class Begun:
    """A worker has a trial in hand."""


Event = Progress | TrialDone | TrialRetried | TrialFailed


class _Stopped(Exception):  # noqa: N818 - no error
    """The caller wants no more of this trial."""


def _end_with_caller() -> None:
    """End this process when its caller is gone, whatever it is doing."""
    caller = multiprocessing.parent_process()
    if caller is not None:
        caller.join()
        os._exit(1)


def work(connection: Connection, log: Path) -> None:
    """Run trials until the connection ends: the body of a worker process."""
    with log.open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    threading.Thread(target=_end_with_caller, daemon=True).start()
    from logitbench.training import backend

    backend.load()  # its seconds pass while the caller prepares data
    trainer = Trainer()

    def report(progress: Progress) -> None:
        connection.send(progress)
        if connection.poll():  # a word to stop, or the caller is gone
            raise _Stopped

    while True:
        try:
            job: TrialJob | None = connection.recv()
        except (EOFError, OSError):
            return
        if job is None:
            return
        with contextlib.suppress(OSError):
            connection.send(Begun())
        try:
            trainer.run(job, report)
            event: Event = TrialDone(job.seed)
        except (_Stopped, BrokenPipeError):
            return
        except LogitbenchError as error:
            event = TrialFailed(job.seed, error, traceback.format_exc())
        except Exception as error:
            event = TrialFailed(job.seed, _explained(error), traceback.format_exc())
        try:
            connection.send(event)
        except OSError:
            return


def _explained(error: Exception) -> TrainingError:
    if is_out_of_memory(error):
        return OutOfMemoryError("this trial ran out of memory", "Use fewer --workers or a smaller --batch-size.")
    return RaisedInTrainingError(
        f"training raised {type(error).__name__}: {first_line(error)}", "`logitbench --debug run ...` shows where."
    )
