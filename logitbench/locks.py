"""Locks of files between processes of one machine; the system ends a lock with its process."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def lock(file: IO[bytes] | int, *, wait: bool = False) -> bool | None:
    """Lock an open file against other processes, until it is closed or this process ends.

    Args:
        file: The file, or its descriptor.
        wait: Wait until the other process unlocks it.

    Returns:
        False if another process has locked it; None where there are no locks: on Windows and some network folders.
    """
    if fcntl is not None:
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                return False
            return True
    return None


def is_locked(path: Path) -> bool:
    """Return whether a process of this machine has locked a file."""
    if fcntl is None:
        return False
    with contextlib.suppress(OSError), open(path, "rb", opener=open_no_link) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def open_no_link(path: str, flags: int) -> int:
    """Open a file for ``open``, but follow no link and wait for no pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)
