"""Standard streams that fail in a way that a user can act on.

A closed stream is treated as ``/dev/null``. A stdout that cannot be written raises ``OutputError``.
Messages to a stderr that cannot be written are lost, and the program continues.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TextIO

from logitbench.errors import LogitbenchError

SIGPIPE_EXIT_CODE = 141
"""What a shell shows for a program that SIGPIPE ends: 128 + 13."""


class OutputError(LogitbenchError):
    """Standard output cannot be written, or its reader closed it."""

    exit_code = 74  # EX_IOERR of sysexits.h

    def __init__(self, message: str, *, closed_pipe: bool = False) -> None:
        super().__init__(message)
        if closed_pipe:
            self.exit_code = SIGPIPE_EXIT_CODE


def prepare() -> None:
    """Replace ``sys.stdout`` and ``sys.stderr``; open descriptors 0 to 2 where they are closed."""
    _open_closed_descriptors()
    if sys.stdout is sys.__stdout__:  # else a test has replaced it
        sys.stdout = _text(_Stdout(1, "w", closefd=False), sys.__stdout__)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Stderr(2, "w", closefd=False), sys.__stderr__)


def _open_closed_descriptors() -> None:
    """Open ``/dev/null`` for each closed descriptor: the next file that is opened would take its number."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _text(raw: io.FileIO, replaced: TextIO | None) -> io.TextIOWrapper:
    if isinstance(replaced, io.TextIOWrapper):
        replaced.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=replaced.encoding if replaced else "utf-8",
        errors="replace",  # a terminal that cannot show ± shows ?
        line_buffering=raw.fileno() == 2 or raw.isatty(),
        write_through=isinstance(replaced, io.TextIOWrapper) and replaced.write_through,
    )


class _Stdout(io.FileIO):
    def write(self, data: object, /) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError as error:
            _discard(1)  # what is still buffered must not fail again when Python ends
            # Not an OSError: typer ends at a broken pipe with exit code 1.
            raise OutputError(
                f"cannot write to standard output: {error.strerror}", closed_pipe=error.errno == errno.EPIPE
            ) from error


class _Stderr(io.FileIO):
    def write(self, data: object, /) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError:
            _discard(2)
            return super().write(data)  # type: ignore[arg-type]


def _discard(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
