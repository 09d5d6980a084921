from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from logitbench import store
from logitbench.errors import StorageError


@pytest.mark.parametrize(
    ("free", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (12_345, "12.3 kB"), (999_960, "1.0 MB"), (34e6, "34.0 MB")],
)
def test_too_little_room_is_told_in_a_unit_that_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, said: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))

    with pytest.raises(StorageError, match=rf"has {said} of room, and 10000 trials take up to 167.8 MB"):
        store.require_space(tmp_path, trials=10_000, rows=1)
