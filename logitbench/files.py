"""Replace the content of a file and keep what else belongs to it: mode, owner, links and extended attributes."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

SECONDS_TO_A_READER = 10.0
"""How long a named pipe may wait for the program that reads it."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file to write. At the end, the file gets its content; after an exception, it keeps its own.

    The temporary file takes over mode, owner and extended attributes and is renamed, so that no reader sees half of it.
    Where a rename would lose something or is refused, the file is overwritten: it has several hard links, its owner
    cannot be kept, it is a mount point, or its folder is read-only. A symbolic link stays a link: the file that it
    leads to changes. What exists and is no regular file (a device, a pipe) is written to; a named pipe waits a few
    seconds for its reader.

    Raises:
        OSError: It cannot be written; the earlier content of a regular file stays.
    """
    target = Path(os.path.realpath(path))
    try:
        before = path.stat()
    except FileNotFoundError:
        before = None
    written_to = before is not None and not stat.S_ISREG(before.st_mode)
    in_place = before is not None and not os.access(target.parent, os.W_OK | os.X_OK)
    beside = None if written_to or in_place else target.parent
    with tempfile.TemporaryDirectory(prefix=".logitbench-", dir=beside) as folder:
        temporary = Path(folder) / path.name
        yield temporary
        if written_to:
            with temporary.open("rb") as source, _opened(path) as sink:
                shutil.copyfileobj(source, sink)
        elif before is None:
            temporary.replace(target)
        elif (
            in_place
            or before.st_nlink > 1
            or not (_take_over(temporary, target, before) and _renamed(temporary, target))
        ):
            _overwrite(target, temporary)


def _opened(path: Path) -> IO[bytes]:
    """Open what is no regular file; a named pipe that no program reads must not block for ever."""
    if not path.is_fifo():
        return path.open("wb")
    deadline = time.monotonic() + SECONDS_TO_A_READER
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > deadline:
                why = f"no program has opened this pipe to read it in {SECONDS_TO_A_READER:g} seconds"
                raise OSError(errno.ENXIO, why, str(path)) from error
            time.sleep(0.05)
            continue
        os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "wb")


def _take_over(temporary: Path, target: Path, before: os.stat_result) -> bool:
    """Give a temporary file the owner, mode and extended attributes of another; return whether that is possible."""
    own = temporary.stat()
    if (own.st_uid, own.st_gid) != (before.st_uid, before.st_gid):
        try:
            os.chown(temporary, before.st_uid, before.st_gid)
        except OSError:
            return False
    shutil.copystat(target, temporary)  # after chown, which clears a set-user-id bit
    os.utime(temporary)  # copystat copies the times, too
    return True


def _renamed(temporary: Path, target: Path) -> bool:
    try:
        temporary.replace(target)
    except OSError as error:
        if error.errno not in {errno.EBUSY, errno.EXDEV}:  # a file that is mounted into a container
            raise
        return False
    return True


def _overwrite(target: Path, temporary: Path) -> None:
    """Write into a file; when that fails or is interrupted, write its earlier content again."""
    earlier = target.read_bytes()
    try:
        _write_over(target, temporary.read_bytes())
    except BaseException:
        _write_over(target, earlier)  # finds room: its blocks still belong to the file
        raise


def _write_over(path: Path, content: bytes) -> None:
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()
