"""The script that the benchmark compares with trains what ``--engine fit`` trains."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import shared_data

PEER = Path(__file__).with_name("peer_script.py")
ARMS = "logits,probs,probs-clipped,double,raw"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["fit", "lockstep"])
def test_the_peer_prints_what_our_engines_print(tmp_path: Path, engine: str) -> None:
    archive = shared_data("aclImdb_labelled.tar.gz")
    cache = tmp_path / "cache"
    environment = os.environ | {"LOGITBENCH_CACHE": str(cache)}
    run = ["run", "imdb", "--seeds", "1", "--epochs", "1", "--arms", ARMS, "--engine", engine, "--data", str(archive)]
    for command in (run, ["export", "results/", "-o", "ours.csv"]):
        subprocess.run([sys.executable, "-m", "logitbench", *command], cwd=tmp_path, env=environment, check=True)
    (prepared,) = (cache / "datasets").iterdir()
    peer = [sys.executable, str(PEER), str(prepared), "--prepared", "--seeds", "1", "--epochs", "1", "--arms", ARMS]
    subprocess.run([*peer, "--out", "theirs.csv"], cwd=tmp_path, env=environment, check=True)

    ours, theirs = (read(tmp_path / name) for name in ("ours.csv", "theirs.csv"))

    assert [row["arm"] for row in ours] == [row["arm"] for row in theirs] == ARMS.split(",")
    for one, other in zip(ours, theirs, strict=True):
        for metric in ("loss", "val_loss", "accuracy", "val_accuracy"):
            # The peer has a thread for each processor, so its sums differ in the last bits.
            assert float(one[metric]) == pytest.approx(float(other[metric]), rel=2e-6), (one["arm"], metric)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
