"""Files that would take all the memory or never end: refused, or named, at once."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from logitbench import spec, store
from logitbench.errors import UsageError
from tests.handmade import epoch, publish, run_record
from tests.hostile.material import BOMBS

SECONDS = 10
TEN_GIGABYTES = 10 * 10**9


@pytest.fixture(autouse=True)
def _little_memory_and_time() -> object:
    """Each test may take a gibibyte more than there is in use, and ten seconds."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, before[1]))
    began = time.monotonic()
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("content", BOMBS, ids=range(len(BOMBS)))
def test_an_experiment_that_is_a_bomb_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mine.toml").write_bytes(content)

    with pytest.raises(UsageError):
        spec.read(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("name", ["run.json", "seed-0000/trial.json", "seed-0000/epochs.jsonl"])
@pytest.mark.parametrize("content", BOMBS, ids=range(len(BOMBS)))
def test_a_results_file_that_is_a_bomb_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    run = store.create_run(tmp_path, run_record())
    publish(run, [epoch("logits"), epoch("probs")])
    (run / name).write_bytes(content)

    found = store.read([tmp_path])

    assert found.trials == []
    assert len(found.broken) == 1


@pytest.mark.parametrize("name", ["run.json", "seed-0000/trial.json", "seed-0000/epochs.jsonl"])
def test_a_results_file_of_ten_gigabytes_is_named_and_not_read(tmp_path: Path, name: str) -> None:
    run = store.create_run(tmp_path, run_record())
    publish(run, [epoch("logits"), epoch("probs")])
    os.truncate(run / name, TEN_GIGABYTES)

    (broken,) = store.read([tmp_path]).broken

    assert "bytes" in broken.reason


def test_an_experiment_of_ten_gigabytes_is_refused_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    os.truncate(tmp_path / "mine.toml", TEN_GIGABYTES)

    with pytest.raises(UsageError, match="no experiment has more than"):
        spec.read(str(tmp_path / "mine.toml"))
