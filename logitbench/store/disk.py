"""Every change that is made to a results folder passes through here, so that a test can let any of them fail."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from logitbench.locks import lock, open_no_link

Watch = Callable[[str, Path, bytes], None]


def _nothing(operation: str, path: Path, content: bytes) -> None:
    """Let an operation be."""
    del operation, path, content


watch: Watch = _nothing
"""Called before each operation with its name, its path and what it writes; a test's own raises, or kills."""


def make_folder(path: Path) -> None:
    """Make a folder where it is not there, its name on disk when this returns; its parent is there."""
    if not path.is_dir():
        watch("mkdir", path, b"")
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def make_folders(path: Path) -> None:
    """Make a folder and those above it."""
    if not path.is_dir():
        make_folders(path.parent)
        make_folder(path)


def make_new_folder(parent: Path, prefix: str) -> Path:
    """Make a folder with a name that no other has."""
    path = parent / f"{prefix}{secrets.token_hex(6)}"
    watch("mkdir", path, b"")
    path.mkdir()
    return path


def create(path: Path) -> IO[bytes]:
    """Open a new file for unbuffered writing."""
    watch("create", path, b"")
    return path.open("xb", buffering=0)


def write(file: IO[bytes], content: bytes) -> None:
    """Write to an unbuffered file and put it on disk."""
    path = Path(file.name)
    watch("write", path, content)
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
    watch("fsync", path, b"")
    os.fsync(file.fileno())


def open_or_create(path: Path) -> tuple[IO[bytes], bool]:
    """Open a file for unbuffered reading and writing; return it, and whether this call created it."""
    watch("create", path, b"")
    with contextlib.suppress(FileExistsError):
        return path.open("x+b", buffering=0), True
    try:
        return open(path, "r+b", buffering=0, opener=open_no_link), False
    except FileNotFoundError:  # removed in between
        return open_or_create(path)


def now(folder: Path) -> float:
    """Return the time by the clock of a folder's file system, which may be that of another machine."""
    with contextlib.suppress(OSError), tempfile.TemporaryFile(dir=folder) as file:
        return os.fstat(file.fileno()).st_mtime
    return time.time()


def rename(source: Path, target: Path) -> None:
    """Move a file or folder to its place, and put the names in both parent folders on disk.

    Where the system refuses to rename (EXDEV: overlayfs refuses for folders of an image's lower layer), it is copied.

    Raises:
        OSError: The move failed; for example, a folder is already in that place.
    """
    watch("rename", source, b"")
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_by_copy(source, target)
    for folder in {source.parent, target.parent}:
        if folder.is_dir():
            sync_folder(folder)


COPY = ".copy-"
"""Prefix of the hidden name that a copy has until it is complete."""


def _move_by_copy(source: Path, target: Path) -> None:
    """Copy under a hidden name beside the target, rename the copy, then remove the source: nobody sees half a copy."""
    copy = target.with_name(f"{COPY}{secrets.token_hex(6)}")
    watch("copy", source, b"")
    try:
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, copy, symlinks=True)
            for original in source.rglob("*"):
                _keep_owner_and_sync(original, copy / original.relative_to(source))
        else:
            shutil.copy2(source, copy, follow_symlinks=False)
        _keep_owner_and_sync(source, copy)
        copy.rename(target)
    except BaseException:
        _remove_any(copy)
        raise
    sync_folder(target.parent)  # before the source goes
    watch("unlink", source, b"")
    _remove_any(source)


def _keep_owner_and_sync(original: Path, copy: Path) -> None:
    """Give a copy its original's owner, where that is allowed, and put it on disk."""
    status = original.lstat()
    with contextlib.suppress(OSError, AttributeError):  # Windows has no chown
        os.chown(copy, status.st_uid, status.st_gid, follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode):
        handle = os.open(copy, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_any(path: Path) -> None:
    """Remove a folder with its content, a file or a link; nothing happens if it is not there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Remove a folder and what is in it."""
    watch("unlink", folder, b"")
    shutil.rmtree(folder)


def cut_torn_line(path: Path) -> bool:
    """Cut off what stands after a file's last newline, and add it to the file beside it that ends in ``.torn``.

    Returns:
        False if there is nothing to cut, or a process is writing the file.

    Raises:
        OSError: It is no regular file, or cannot be changed.
    """
    with open(path, "r+b", buffering=0, opener=open_no_link) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or lock(file) is False:
            return False
        torn = _after_last_newline(file)
        if not torn:
            return False
        beside = path.with_name(f"{path.name}.torn")
        watch("create", beside, b"")
        with open(beside, "ab", buffering=0, opener=open_no_link) as kept:
            write(kept, torn)
        watch("truncate", path, b"")
        file.truncate(file.seek(0, os.SEEK_END) - len(torn))
        os.fsync(file.fileno())
    return True


def has_torn_line(path: Path) -> bool:
    """Return whether something stands after a file's last newline.

    Raises:
        OSError: It is a link, or cannot be read.
    """
    with open(path, "rb", buffering=0, opener=open_no_link) as file:
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode) and bool(_after_last_newline(file))


def _after_last_newline(file: IO[bytes]) -> bytes:
    """Return what stands after the last newline, of the last mebibyte: a line is shorter."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2**20))
    return file.read().rpartition(b"\n")[2]


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk."""
    watch("fsync", folder, b"")
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
