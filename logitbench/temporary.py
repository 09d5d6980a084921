"""Temporary folders that show whether a process still uses them, and what killed processes left behind."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from logitbench import locks

PREFIX = "logitbench-"

CODE_PREFIXES = ("__autograph_generated_file", "tmp")

IN_USE = "in-use"
"""A file in such a folder that its process keeps locked."""

HOUR, DAY = 3600.0, 86400.0

MOST_BYTES = 65_536
"""Of a file that may be TensorFlow's: enough to see the name that all of its generated code begins with."""


def hold(folder: Path) -> int:
    """Show that this process uses a temporary folder; return a descriptor, which ends that when it is closed."""
    hidden = folder / f".{IN_USE}"
    handle = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    if locks.lock(handle):
        hidden.rename(folder / IN_USE)  # locked before it has the name that others look for
    return handle


def left_over() -> list[Path]:
    """Return what processes of this user that ended left in the temporary folder.

    Those are the folders of runs and data sets, and the files into which TensorFlow writes generated code. Those files
    do not show whose they are, and count after a day; who loaded one needs it no longer.
    """
    try:
        with os.scandir(tempfile.gettempdir()) as entries:
            names = [entry.path for entry in entries if entry.name.startswith((PREFIX, *CODE_PREFIXES))]
    except OSError:
        return []
    return [path for path in map(Path, sorted(names)) if _is_left_over(path)]


def move_left_over(paths: Iterable[Path]) -> Path:
    """Move what ``left_over`` returned to a new folder beside it, and return that folder.

    Raises:
        OSError: Something cannot be moved.
    """
    target = Path(tempfile.mkdtemp(prefix=f"left-over-from-{PREFIX}"))
    for path in paths:
        if _is_left_over(path):
            path.rename(target / path.name)
    return target


def _is_left_over(path: Path) -> bool:
    try:
        status = path.lstat()
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return False
        age = time.time() - status.st_mtime
        if path.name.startswith(PREFIX):
            return stat.S_ISDIR(status.st_mode) and _is_unused(path, age)
        return path.suffix == ".py" and stat.S_ISREG(status.st_mode) and age > DAY and _is_generated_code(path)
    except OSError:
        return False


def _is_unused(folder: Path, age: float) -> bool:
    """Return whether no process uses a folder; those of older versions have no lock, and open files tell."""
    if (folder / IN_USE).exists():
        return not locks.is_locked(folder / IN_USE)
    return age > HOUR and Path("/proc/self/fd").is_dir() and not any(_open_files_in(folder))


def _open_files_in(folder: Path) -> Iterator[str]:
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith(f"{folder}{os.sep}"):
            yield target


def _is_generated_code(path: Path) -> bool:
    with open(path, "rb", opener=locks.open_no_link) as file:
        return b"ag__" in file.read(MOST_BYTES)
