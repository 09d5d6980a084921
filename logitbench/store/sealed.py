"""JSON files that carry a digest of themselves, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar

from pydantic import ValidationError

from logitbench.records import SCHEMA_VERSION, Stored
from logitbench.store import disk

R = TypeVar("R", bound=Stored)

MOST_BYTES = 2**24
"""More than any run or trial says of itself; whatever is larger was not written here, and is not read into memory."""


Kind = Literal["broken", "unreadable", "other schema", "copy", "failed"]
"""Why a folder is left out: damaged; not to be read just now; written by a newer logitbench; a second one; no trial."""


class BrokenFileError(Exception):
    """A results file that cannot be trusted.

    Args:
        reason: Why.
        kind: What sort of reason that is.
    """

    def __init__(self, reason: str, kind: Kind = "broken") -> None:
        super().__init__(reason)
        self.kind = kind


def read(path: Path, kind: type[R]) -> R:
    """Read a sealed file.

    Raises:
        BrokenFileError: It is not there, not what was written, or of a schema that is not known.
    """
    try:
        table = json.loads(content(path, MOST_BYTES), parse_constant=_refuse)
        seal = table.pop("sha256")
        digest = _digest(table)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenFileError(f"{path.name} is not a results file") from error
    found = table.get("schema_version")
    if not isinstance(found, int) or not 1 <= found <= SCHEMA_VERSION:
        newer = isinstance(found, int) and found > SCHEMA_VERSION
        raise BrokenFileError(
            f"{path.name} has schema {found!r}, and this logitbench knows 1 to {SCHEMA_VERSION}"
            + (": update logitbench" if newer else ""),
            "other schema" if newer else "broken",
        )
    if seal != digest:
        raise BrokenFileError(f"{path.name} is not what was written")
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        raise BrokenFileError(f"{path.name} is not what this logitbench writes: {problem(error)}") from error


def write(path: Path, record: Stored) -> None:
    """Write a record with its digest, so that the file is there whole or not at all."""
    table = record.model_dump(mode="json")
    text = json.dumps({**table, "sha256": _digest(table)}, indent=1, allow_nan=False) + "\n"
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with disk.create(temporary) as file:
        disk.write(file, text.encode())
    disk.rename(temporary, path)


def content(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file.

    Args:
        path: The file.
        most: How many bytes it may have.

    Raises:
        BrokenFileError: It is none, is larger, or cannot be read.
    """
    try:
        with open(path, "rb", buffering=0, opener=_open_regular) as file:
            if os.fstat(file.fileno()).st_size > most:
                raise BrokenFileError(f"{path.name} has more than {most} bytes: it is not a results file")
            return file.read()
    except FileNotFoundError as error:
        raise BrokenFileError(f"cannot read {path.name}: {error.strerror}") from error
    except MemoryError as error:
        raise BrokenFileError(f"{path.name} has more bytes than there is memory", "unreadable") from error
    except OSError as error:
        raise BrokenFileError(f"cannot read {path.name}: {error.strerror}", "unreadable") from error


def _open_regular(path: str, flags: int) -> int:
    """Open a file for ``open``; a pipe, which would be waited for and read for ever, is refused."""
    handle = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BrokenFileError(f"{Path(path).name} is not a file")
    return handle


def problem(error: ValidationError) -> str:
    """Return the first thing that pydantic found wrong: where and what."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")


def _digest(table: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(table, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
