"""The other end: a process that runs trials and tells of them.

It imports TensorFlow as soon as it is started, so that this passes while its caller still prepares data.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection

from logitbench.errors import (
    LogitbenchError,
    OutOfMemoryError,
    RaisedInTrainingError,
    TrainingError,
    first_line,
    is_of_the_system,
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


CALLER_CHECK_SECONDS = 0.5


class Begun:
    """A worker has a trial in hand."""


Event = Progress | TrialDone | TrialRetried | TrialFailed


class _Stopped(Exception):  # noqa: N818 - no error
    """The caller wants no more of this trial."""


def main() -> None:
    """Run trials until the caller wants no more: the worker's program, with the caller's process id as its argument."""
    connection = Connection(os.dup(0))
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a user's trunk that reads its input finds none
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_end_with_caller, args=(int(sys.argv[1]),), daemon=True).start()
    work(connection)
    atexit._run_exitfuncs()  # TensorFlow removes its temporary files
    os._exit(0)  # without the seconds that TensorFlow's destructors take


def _end_with_caller(caller: int) -> None:
    """End this process soon after its caller is gone, whatever it is doing."""
    while os.getppid() == caller:
        time.sleep(CALLER_CHECK_SECONDS)
    os._exit(1)


def work(connection: Connection) -> None:
    """Run trials until the connection ends."""
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
    kind = TrainingError if is_of_the_system(error) else RaisedInTrainingError
    return kind(
        f"training raised {type(error).__name__}: {first_line(error)}", "`logitbench --debug run ...` shows where."
    )
