"""From a ``.keras`` file to the JSON in it, within bounds: a file may come from anywhere."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

from logitbench.errors import UnreadableError

LARGEST = 32 * 2**20
"""Bytes of a ``config.json``, unpacked. Those of large published networks have less than one million."""

MOST_PER_BYTE = 100
"""Bytes that a byte of the file may unpack to: Keras stores its weights as they are."""

AT_ONCE = 2**20
"""Bytes that are read at once. Keras writes no archive with a larger directory."""

CONFIG, METADATA = "config.json", "metadata.json"

_AGAIN = 'save it again with Keras 3: model.save("model.keras")'


class _Bounded(io.FileIO):
    """A file that gives no more than so much at once, whatever the archive says it needs."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, as ``FileIO`` does."""
        return super().read(size if size is not None and 0 <= size <= AT_ONCE else AT_ONCE) or b""


def config_of(path: str) -> dict[str, Any]:
    """Return what a ``.keras`` file says of its model.

    Raises:
        UnreadableError: It does not say it, or more than any model has to say.
    """
    try:
        with _Bounded(path) as file, zipfile.ZipFile(file) as archive:
            raw = _config(archive)
    except OSError as error:
        raise UnreadableError(f"it cannot be read: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise UnreadableError(f"a .keras file is a zip archive, and this is none ({error}): {_AGAIN}") from error
    # An archive that lies about itself makes zipfile raise nearly anything.
    except (RuntimeError, NotImplementedError, EOFError, ValueError, OverflowError, struct.error, zlib.error) as error:
        raise UnreadableError(f"its {CONFIG} cannot be unpacked: {error}") from error
    return _parsed(raw)


def require_loadable(path: str) -> None:
    """Refuse what is no ``.keras`` file, and one that would take far more memory than it takes on disk.

    Raises:
        UnreadableError: It is none, or its parts unpack to more than Keras ever packs.
    """
    config_of(path)
    with _Bounded(path) as file, zipfile.ZipFile(file) as archive:
        if METADATA not in archive.namelist():
            raise UnreadableError(f"it is no Keras model: it has no {METADATA}")
        for entry in archive.infolist():  # no more is unpacked of a part than the archive says that it has
            if entry.file_size > LARGEST and entry.file_size > MOST_PER_BYTE * entry.compress_size:
                raise UnreadableError(
                    f"its {entry.filename} should unpack to at most {MOST_PER_BYTE} bytes for each byte of the file, "
                    f"got {entry.file_size:,} bytes from {entry.compress_size:,}"
                )


def _config(archive: zipfile.ZipFile) -> bytes:
    if CONFIG not in archive.namelist():
        raise UnreadableError(f"it is no Keras model: it has no {CONFIG}")
    entry = archive.getinfo(CONFIG)
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise UnreadableError(f"its {CONFIG} should be stored or deflated, got compression {entry.compress_type}")
    with archive.open(entry) as part:
        raw = part.read(LARGEST + 1)  # what the archive says of its size may be a lie
    if len(raw) > LARGEST:
        raise UnreadableError(f"its {CONFIG} should have at most {LARGEST} bytes, got more")
    return raw


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except RecursionError as error:
        raise UnreadableError(f"its {CONFIG} is nested too deep") from error
    except ValueError as error:  # of JSON, of its encoding, or of a number with thousands of digits
        raise UnreadableError(f"its {CONFIG} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UnreadableError(f"its {CONFIG} should be an object, got {type(found).__name__}")
    return found
