"""What the tests of the data layer share."""

from collections.abc import Callable
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("LOGITBENCH_CACHE", str(folder))
    return folder


@pytest.fixture
def said() -> list[str]:
    """What a test's notify has been told: pass ``said.append``."""
    return []


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Give the path of a file of real data, or skip the test."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.is_file():
            pytest.skip(f"{name} is not beside the project, in ../shared/data")
        return path

    return find


@pytest.fixture(scope="session")
def sentences(shared: Callable[[str], Path]) -> list[str]:
    """10,662 sentences of film reviews, good and bad ones in turn."""
    import csv

    with shared("rt-polarity.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    good = [row["text"] for row in rows if row["label"] == "1"]
    bad = [row["text"] for row in rows if row["label"] == "0"]
    return [text for pair in zip(good, bad, strict=True) for text in pair]
