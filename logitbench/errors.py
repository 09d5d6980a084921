"""What can go wrong, with what to do about it and the exit code it ends in."""

from __future__ import annotations

import difflib
import errno
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class LogitbenchError(Exception):
    """An error that a user can act on.

    Args:
        message: What was expected and what came instead.
        hint: What to do next.
    """

    exit_code = 1

    repeats = False
    """Whether the same command ends in the same error again."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)  # both in args, so that it survives pickling between processes
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(LogitbenchError):
    """The command line, the experiment file or a results folder is not usable."""

    exit_code = 2
    repeats = True


class HeadMismatchError(LogitbenchError):
    """A model's head, its loss and its metrics do not fit each other."""


class UnreadableError(Exception):
    """A file cannot be read as what it should be; the message says why."""


class CheckError(LogitbenchError):
    """Files could not be checked."""

    exit_code = 2


class DataError(LogitbenchError):
    """The data cannot be had, or is not what the experiment needs."""

    exit_code = 3


class TrainingError(LogitbenchError):
    """A training failed; what finished before it is saved."""

    exit_code = 4


class RaisedInTrainingError(TrainingError):
    """Keras, its backend or a user's model raised an error; the same bits raise it again."""

    repeats = True


class OutOfMemoryError(TrainingError):
    """A trial's process had not enough memory."""


class StorageError(TrainingError):
    """A results folder cannot be written any more; what was published before stays valid."""


class PairingError(TrainingError):
    """The arms of a seed do not share what a pair promises; the message names the promise."""

    repeats = True


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether Python or TensorFlow had not enough memory; TensorFlow is not imported to tell."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def is_of_the_system(error: BaseException) -> bool:
    """Return whether an error comes from the system, itself or by its cause; it need not occur again."""
    return isinstance(error, OSError) or (error.__cause__ is not None and is_of_the_system(error.__cause__))


LIMITS = frozenset({errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EROFS})
"""Errors of the system that no program can avoid: full or read-only disks, quotas, ``ulimit -f`` and ``ulimit -n``."""


def limit_of_the_system(error: OSError) -> UsageError | None:
    """Return the error to report where the system has no room for a file; None for any other error."""
    if error.errno == errno.ENOENT and str(error.strerror).startswith("No usable temporary directory"):
        return UsageError(
            f"cannot write to a temporary folder: {error.strerror}",
            "Set TMPDIR to a folder that can be written; `df` shows the free space, `ulimit -f` the largest file size.",
        )
    if error.errno in LIMITS:
        where = f"{error.filename}: " if error.filename else ""
        return UsageError(f"cannot write or open a file: {where}{error.strerror}", "`df` and `ulimit -a` show limits.")
    return None


def first_line(error: BaseException) -> str:
    """Return the first line of an error that says what is wrong, without Keras's colours.

    The lines before it name where it was raised: the frames of a graph, or the layer that was called.
    """
    lines = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines() if line.strip()]
    said = [line for line in lines if not _WHERE.match(line)] or lines
    return said[0].strip() if said else type(error).__name__


_WHERE = re.compile(
    r"Graph execution error:$|Detected at node |<stack traces unavailable>|\d+ root error\(s\) found|in user code:$"
    r"|Exception encountered when calling |\s*File \".*\", line \d+|\s{6,}"
)
"""Lines of TensorFlow's and Keras's errors that say where, not what; a line of source code is indented by 8."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest known name, or all of them where none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}."
