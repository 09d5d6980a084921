"""Every change that is made to a results folder passes through here, so that a test can let any of them fail."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Watch = Callable[[str, Path, bytes], None]


def _nothing(operation: str, path: Path, content: bytes) -> None:
    """Let an operation be."""
    del operation, path, content


watch: Watch = _nothing
"""Called before each operation with its name, its path and what it writes; a test's own raises, or kills."""


def make_folder(path: Path) -> None:
    """Make a folder; its parent is there, and it is not."""
    watch("mkdir", path, b"")
    path.mkdir()


def write(file: IO[bytes], content: bytes) -> None:
    """Write to an unbuffered file and put it on disk."""
    path = Path(file.name)
    watch("write", path, content)
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    watch("fsync", path, b"")
    os.fsync(file.fileno())


def lock(file: IO[bytes]) -> None:
    """Tell who looks that a file is being written, until it is closed or its process ends; not on Windows."""
    if fcntl is not None:
        with contextlib.suppress(OSError):  # some network folders have no locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(path: Path) -> bool:
    """Return whether a process of this machine is writing a file."""
    if fcntl is None:
        return False
    with contextlib.suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def rename(source: Path, target: Path) -> None:
    """Put a file or folder in its place, and the names of both folders on disk.

    Raises:
        OSError: There is a folder in that place already, for one.
    """
    watch("rename", source, b"")
    source.rename(target)
    sync_folder(target.parent)


def remove(path: Path) -> None:
    """Remove a file or a folder and what is in it."""
    watch("unlink", path, b"")
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk."""
    watch("fsync", folder, b"")
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
