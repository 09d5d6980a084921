from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logitbench import spec
from logitbench.errors import UsageError

SMALL = '[data]\nsource = "cldr"\n[model]\nname = "linear"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, SMALL)


def write(folder: Path, text: str | bytes, name: str = "small.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(experiment: Path | str, overrides: dict[str, Any] | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        spec.read(str(experiment), overrides)
    return caught.value
