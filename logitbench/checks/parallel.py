"""Files checked by several processes, and reported as one alone would."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

from logitbench.checks import engine
from logitbench.checks.engine import Settings
from logitbench.checks.records import Report
from logitbench.checks.sources import STDIN
from logitbench.errors import CheckError
from logitbench.processes import safe_path

T = TypeVar("T")

WORTH_IT = 400
"""Fewer files are checked sooner by one process than others start."""

AT_A_TIME = 8
"""Files that a process is given: few enough that all end at about the same time."""


def check(paths: Sequence[str], settings: Settings, jobs: int | None = None) -> Report:
    """Check files in several processes; see ``each``."""
    with closing(each(partial(engine.check_file, settings=settings), paths, jobs)) as reports:
        return engine.joined(reports)


def each(look: Callable[[str], T], paths: Sequence[str], jobs: int | None = None) -> Generator[T, None, None]:
    """Yield what a function returns for each file, in order; close it, to end the processes when it is not used up.

    Args:
        look: What is done with a file; it can be pickled, and returns whatever happens.
        paths: The files.
        jobs: The number of processes; by default one for each processor, or one for few files.

    Raises:
        CheckError: A process was killed.
    """
    jobs = jobs or (_processors() if len(paths) >= WORTH_IT else 1)
    parts = [paths[first : first + AT_A_TIME] for first in range(0, len(paths), AT_A_TIME)]
    if jobs == 1 or len(parts) < 2 or STDIN in paths:  # a process of its own has no stdin
        yield from map(look, paths)
        return
    count = 0
    try:
        with _processes(min(jobs, len(parts))) as processes:
            waiting = [processes.submit(_all, look, part) for part in parts]
            for result in _in_order(waiting, parts):
                count += 1
                yield result
    except (OSError, ImportError, NotImplementedError) as error:  # no semaphores, or no more processes
        sys.stderr.write(f"one process checks all files, because it cannot start others: {error}\n")
        yield from map(look, paths[count:])


def _all(look: Callable[[str], T], paths: Sequence[str]) -> list[T]:
    return [look(path) for path in paths]


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """Give processes that start from nothing, and end them at once when something goes wrong, or at Ctrl-C."""
    others = set(multiprocessing.active_children())
    with (
        safe_path(),  # what is checked never runs
        ProcessPoolExecutor(count, get_context("spawn"), initializer=_obey) as processes,
    ):
        try:
            yield processes
        except BaseException:
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            processes.shutdown(cancel_futures=True)
            raise


def _obey() -> None:
    """Let Ctrl-C end a process without a word, for the first one has the word; and end with the first one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_first, daemon=True).start()


def _end_with_the_first() -> None:
    """End when the first process is gone: one that is killed cannot tell the others, which would wait for ever."""
    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
        os._exit(1)


def _in_order(waiting: Sequence[Future[list[T]]], parts: Sequence[Sequence[str]]) -> Iterator[T]:
    for one, part in zip(waiting, parts, strict=True):
        try:
            yield from one.result()
        except BrokenProcessPool as error:
            raise CheckError(
                f"a process that checks files was killed; it had {part[0]} or one of the files after it",
                "Perhaps it had too little memory: --jobs 1 takes less. It checks the files in the same order.",
            ) from error
