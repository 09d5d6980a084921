"""Which process trains which seed, so that several commands share the seeds of one run.

A claim is a file under ``.claims/`` that its holder keeps locked. The lock ends with the process, so on one machine a
claim never outlives its holder. On a network folder without locks, a claim counts until its holder has not refreshed it
for ``STALE`` seconds. Two holders cost time, never a figure: the first trial that is published stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pydantic import TypeAdapter, ValidationError

from logitbench import locks
from logitbench.store import disk
from logitbench.store.layout import CLAIMS, trial_name
from logitbench.store.writer import explained

HEARTBEAT, STALE = 15.0, 120.0
"""Seconds between two refreshes of a claim, and without one after which it no longer counts."""

MOST_BYTES = 4096


@dataclass(frozen=True)
class Holder:
    """The process that holds a claim.

    Args:
        host: Name of its machine.
        boot: Identifier of the machine's boot; empty where there is none.
        pid: Its number.
        locked: Whether its file system has locks.
    """

    host: str
    boot: str
    pid: int
    locked: bool

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}" if self.pid else "another process"


_HOLDER = TypeAdapter(Holder)

UNKNOWN = Holder("", "", 0, locked=False)
"""Who has just created a claim and not yet written it."""


class Claims:
    """The seeds of a run that this process trains, from ``with`` to its end.

    Args:
        run: The run's folder.
    """

    def __init__(self, run: Path) -> None:
        self.run = run
        self._files: dict[int, IO[bytes]] = {}
        self._ended = threading.Event()

    def take(self, seed: int) -> Holder | None:
        """Claim a seed.

        Returns:
            None if this process holds it now, otherwise who does.

        Raises:
            StorageError: The claim cannot be written.
        """
        path = self.run / CLAIMS / trial_name(seed)
        with explained(self.run):
            disk.make_folder(path.parent)
            file, created, locked = _open_locked(path)
            holder = None if _is_free(file, path, created=created, locked=locked) else _read(file)
            if holder:
                file.close()
                return holder
            try:
                file.seek(0)
                file.truncate()
                disk.write(file, _HOLDER.dump_json(_ourselves(locked=bool(locked))))
            except OSError:
                path.unlink(missing_ok=True)
                file.close()
                raise
            self._files[seed] = file
        return None

    def release(self, seed: int) -> None:
        """Give up a claim; nothing happens if it is not held."""
        if file := self._files.pop(seed, None):
            path = Path(file.name)
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    path.unlink()
            file.close()

    def __enter__(self) -> Self:
        """Begin to refresh what is claimed."""
        threading.Thread(target=self._refresh, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release every claim."""
        self._ended.set()
        for seed in list(self._files):
            self.release(seed)

    def _refresh(self) -> None:
        while not self._ended.wait(HEARTBEAT):
            for file in list(self._files.values()):
                with contextlib.suppress(OSError):  # the next write to the run says what is wrong
                    os.utime(file.name)


def holder_of(path: Path) -> Holder | None:
    """Return who holds a claim; None if its holder has ended."""
    try:
        with open(path, "rb", buffering=0, opener=locks.open_no_link) as file:
            _require_regular(file)
            held = locks.is_locked(path) or not _is_free(file, path, created=False, locked=True)
            return _read(file) if held else None
    except OSError:
        return None


def _open_locked(path: Path) -> tuple[IO[bytes], bool, bool | None]:
    """Open a claim and try to lock it; return the file, whether it is new, and what ``locks.lock`` returned."""
    while True:
        file, created = disk.open_or_create(path)
        _require_regular(file)
        locked = locks.lock(file, wait=created)  # whoever looks into a new claim locks it for a moment
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file, created, locked
        file.close()  # released in between


def _require_regular(file: IO[bytes]) -> None:
    """Refuse a claim that is no regular file; reading a pipe would wait for ever."""
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, f"the claim {file.name} is not a regular file; remove it")


def _is_free(file: IO[bytes], path: Path, *, created: bool, locked: bool | None) -> bool:
    """Return whether a claim is new or its holder has ended."""
    if locked is False:
        return False
    if created or _is_seen_dead(_read(file)):
        return True
    return disk.now(path.parent) - os.fstat(file.fileno()).st_mtime >= STALE


def _is_seen_dead(holder: Holder) -> bool:
    """Return whether a holder whose claim is not locked has ended for sure: its lock would be seen on this machine."""
    ours = _ourselves(locked=True)
    return holder.locked and (holder.host, holder.boot) == (ours.host, ours.boot)


def _read(file: IO[bytes]) -> Holder:
    file.seek(0)
    try:
        return _HOLDER.validate_json(file.read(MOST_BYTES))
    except ValidationError:
        return UNKNOWN


def _ourselves(*, locked: bool) -> Holder:
    boot = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return Holder(platform.node(), boot, os.getpid(), locked)
