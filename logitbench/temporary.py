"""Temporary folders that show whether a process still uses them, and what killed processes left behind."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from logitbench import locks

PREFIX = "logitbench-"

_FOLDER = re.compile(rf"{PREFIX}[a-z0-9_]{{8}}")
_CODE = re.compile(r"__autograph_generated_file[a-z0-9_]{8}\.py")
"""The names that the tempfile module makes for logitbench and for TensorFlow."""

_HEADER = re.compile(
    rb"# coding=utf-8\n(from __future__ import .+\n)*def outer_factory\w*\(\):\n"
    rb"(\s*\w+ = None\n)*\s+def inner_factory\w*\(ag__\b"
)
"""How TensorFlow begins each file of generated code; names that the code takes from outside stand between."""

IN_USE = "logitbench-in-use"
"""A file in each folder of logitbench that its process keeps locked; a folder without it belongs to someone else."""

HOUR, DAY = 3600.0, 86400.0

MOST_BYTES = 65_536
"""Bytes of a file that may be TensorFlow's: enough for the beginning that all of its generated code has."""


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
            names = [entry.path for entry in entries if _FOLDER.fullmatch(entry.name) or _CODE.fullmatch(entry.name)]
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
        if _FOLDER.fullmatch(path.name):
            return stat.S_ISDIR(status.st_mode) and _is_unused(path, age)
        return stat.S_ISREG(status.st_mode) and age > DAY and _is_generated_code(path)
    except OSError:
        return False


def _is_unused(folder: Path, age: float) -> bool:
    """Return whether a folder is logitbench's and no process uses it."""
    if _is_file(folder / IN_USE):
        return not locks.is_locked(folder / IN_USE) and not _is_visited(folder)
    # where there are no locks, the file keeps its hidden name
    without_lock = _is_file(folder / f".{IN_USE}") and age > HOUR and Path("/proc/self/fd").is_dir()
    return without_lock and not _is_visited(folder)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_visited(folder: Path) -> bool:
    """Return whether a process has a file of a folder open or mapped, or works in it."""
    inside = f"{os.path.realpath(folder)}{os.sep}"
    return any(f"{path}{os.sep}".startswith(inside) for path in _paths_in_use())


def _paths_in_use() -> Iterator[str]:
    """Yield the working folder of each process, and the files that it has open or mapped, as far as they are shown."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or belongs to another user
            for link in (process / "cwd", *(process / "fd").iterdir()):
                with contextlib.suppress(OSError):
                    yield str(link.readlink())
            for line in (process / "maps").read_text(errors="surrogateescape").splitlines():
                yield line[line.find(os.sep) :]


def _is_generated_code(path: Path) -> bool:
    with open(path, "rb", opener=locks.open_no_link) as file:
        return _HEADER.match(file.read(MOST_BYTES)) is not None
