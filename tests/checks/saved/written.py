"""``.keras`` files made by hand."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any


def written(path: Path, config: Any, compression: int = zipfile.ZIP_DEFLATED) -> str:
    """Write a file whose ``config.json`` is this: bytes, or what is to be JSON."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("config.json", config if isinstance(config, bytes) else json.dumps(config))
    return str(path)


def read(path: Path) -> Any:
    """Return the ``config.json`` of a file."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))
