"""Why a worker process ended before its trial did, as far as that is known."""

from __future__ import annotations

import contextlib
import re
import signal
from pathlib import Path

from logitbench.errors import TrainingError

LOG_LINES = 15

LOG_BYTES = 65_536
"""Bytes at the end of a log that are looked at; a trunk may print without end."""

CHATTER = ("I0000", "WARNING: All log messages before absl")
"""What TensorFlow writes at every start."""

LACK_OF_MEMORY = re.compile(
    r"MemoryError|bad_alloc|cannot allocate memory|out of memory|failed to map segment", re.IGNORECASE
)

LESS_MEMORY = "Memory ran out: use fewer --workers or a smaller --batch-size."


def lack_of_memory_kills() -> int | None:
    """Return how many processes Linux has ended for lack of memory since the machine started; None if unknown."""
    with contextlib.suppress(OSError, ValueError):
        counters = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
        if "oom_kill" in counters:
            return int(counters["oom_kill"])
    return None


def log_size(log: Path) -> int:
    """Return the bytes of a log; 0 where somebody removed it."""
    return log.stat().st_size if log.exists() else 0


def death(exit_code: int | None, log: Path, log_start: int, kills_before: int | None) -> TrainingError:
    """Return the error for a trial whose process ended.

    Args:
        exit_code: As ``subprocess`` has it: minus the signal's number where a signal ended the process.
        log: File with the output of the process.
        log_start: Where the output of this trial begins in it.
        kills_before: ``lack_of_memory_kills()`` when the process started.
    """
    output = _output(log, log_start)
    last = f"The last lines of its output:\n{output}\n" if output else ""
    return TrainingError(
        f"the process of this trial ended {_how(exit_code)}", last + _advice(exit_code, output, kills_before)
    )


def _how(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"with exit code {exit_code}"
    try:
        return f"by signal {-exit_code} ({signal.Signals(-exit_code).name})"
    except ValueError:  # a real-time signal has no name
        return f"by signal {-exit_code}"


def _advice(exit_code: int | None, output: str, kills_before: int | None) -> str:
    if LACK_OF_MEMORY.search(output):
        return LESS_MEMORY
    if exit_code != -signal.SIGKILL:
        return ""
    kills = lack_of_memory_kills()
    if kills is None or kills_before is None:
        return (
            "Another program ended it, or the system did because memory ran out. In that case use fewer --workers or a "
            "smaller --batch-size."
        )
    if kills > kills_before:
        return LESS_MEMORY
    return (
        "Another program ended it; Linux did not run out of memory meanwhile. If a job scheduler limits memory, ask it "
        "for more or use fewer --workers."
    )


def _output(log: Path, start: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(start, log_size(log) - LOG_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join([line for line in lines if not line.startswith(CHATTER)][-LOG_LINES:])
