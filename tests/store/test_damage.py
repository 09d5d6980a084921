"""A results file that is cut or changed anywhere gives a whole trial or is named, and never a wrong number."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from logitbench import store
from tests.handmade import epoch, publish, run_record

ROWS = [epoch(arm, number, loss=number / 7) for number in (1, 2) for arm in ("logits", "probs")]
FILES = ("run.json", "seed-0000/trial.json", "seed-0000/epochs.jsonl")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = store.create_run(tmp_path, run_record(epochs=2))
    publish(folder, ROWS, 0)
    return folder


def require_whole_or_named(run: Path) -> bool:
    """Return whether the trial was read; then it is the one that was written."""
    found = store.read([run])
    if found.trials:
        assert [list(trial.rows) for trial in found.trials] == [ROWS]
        assert found.broken == []
        return True
    (broken,) = found.broken
    assert broken.reason
    return False


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_at_any_byte_is_named(run: Path, name: str) -> None:
    file = run / name
    content = file.read_bytes()

    for end in range(len(content)):
        file.write_bytes(content[:end])
        # Without its last newline a JSON file says all that it said.
        assert require_whole_or_named(run) == (end == len(content) - 1 and name.endswith(".json"))
    file.write_bytes(content)
    assert require_whole_or_named(run)


@pytest.mark.parametrize("flips", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_bits_that_flip_anywhere_never_give_a_wrong_number(run: Path, flips: int) -> None:
    rng = np.random.default_rng(4)
    contents = {name: (run / name).read_bytes() for name in FILES}
    read = 0
    for _ in range(flips):
        name = FILES[rng.integers(len(FILES))]
        changed = bytearray(contents[name])
        changed[rng.integers(len(changed))] ^= 1 << int(rng.integers(8))
        (run / name).write_bytes(changed)
        read += require_whole_or_named(run)
        (run / name).write_bytes(contents[name])

    assert read < flips / 10  # what is read has a changed blank, or a changed case of an escape


def test_a_trial_copied_under_another_seeds_name_is_named(run: Path) -> None:
    shutil.copytree(run / "seed-0000", run / "seed-0001")

    found = store.read([run])

    assert [trial.record.seed for trial in found.trials] == [0]
    assert "is of seed 0" in found.broken[0].reason
