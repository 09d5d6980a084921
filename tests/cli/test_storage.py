"""Disks that are full, read-only or gone: one clear message, and what is published stays valid."""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logitbench import store
from tests.cli.command import logitbench

MS_RDONLY, MS_REMOUNT = 1, 32
"""Flags of mount(2) on Linux."""


def run(seeds: int) -> list[str]:
    # 40 divides the 400 training rows: a shorter last batch doubles the time of tracing.
    quick = ("--arms", "logits,probs", "--batch-size", "40")
    return ["run", "breast-cancer", *quick, "--seeds", str(seeds), "--epochs", "20", "--workers", "1", "--name", "one"]


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file system of the size that is asked for; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def begun(folder: Path, seeds: int) -> subprocess.Popen[str]:
    """Start a run and return it when its first trial is published."""
    process = subprocess.Popen(
        [sys.executable, "-m", "logitbench", *run(seeds)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + 120
    while not list(folder.glob("results/*/one/seed-*")):
        assert time.monotonic() < until
        time.sleep(0.02)
    return process


def fill(ballast: Path) -> None:
    """Write until the disk has no room."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def require_told_and_resumable(process: subprocess.Popen[str], folder: Path, said: str) -> None:
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 4, told
    assert said in told
    assert "Traceback" not in told
    assert store.read([folder / "results"]).broken == []


@pytest.mark.parametrize("disk", ["256k"], indirect=True)
def test_a_disk_that_fills_up_stops_the_run_and_loses_nothing(disk: Path) -> None:
    process = begun(disk, 8)
    ballast = disk / "ballast"
    fill(ballast)

    require_told_and_resumable(process, disk, "No space left on device")

    ballast.unlink()
    logitbench(*run(8), "--resume", "--quiet", cwd=disk)
    assert len(store.read([disk / "results"]).trials) == 8


@pytest.mark.parametrize("disk", ["256k"], indirect=True)
def test_too_little_room_is_refused_before_anything_is_written(disk: Path) -> None:
    refused = logitbench("run", "breast-cancer", "--seeds", "40", cwd=disk, expect=4)

    assert "results has 262.1 kB of room, and 40 trials take up to" in refused.stderr
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize("disk", ["2m"], indirect=True)
def test_a_disk_that_becomes_read_only_stops_the_run(disk: Path) -> None:
    process = begun(disk, 40)
    # A file that is open for writing prevents it. There is a short moment between two trials without one.
    mount = ctypes.CDLL(None).mount
    while mount(b"tmpfs", bytes(disk), b"tmpfs", MS_REMOUNT | MS_RDONLY, None) != 0:
        assert process.poll() is None

    require_told_and_resumable(process, disk, "Read-only file system")


def told_command(told: str) -> list[str]:
    """Return the arguments of the command that a run which did not finish tells."""
    (line,) = [line for line in told.splitlines() if "logitbench run" in line]
    return line[line.index("logitbench run") :].split()[1:]


@pytest.mark.slow
def test_results_that_are_renamed_under_a_run_stop_it_and_the_command_that_is_told_works(tmp_path: Path) -> None:
    process = begun(tmp_path, 4)
    (tmp_path / "results").rename(tmp_path / "gone")

    told, _ = process.communicate(timeout=120)

    assert process.returncode == 4, told
    assert "the folder is gone" in told
    assert "Traceback" not in told
    assert store.read([tmp_path / "gone"]).broken == []
    again = logitbench(*told_command(told), "--quiet", "--results", "gone", cwd=tmp_path)
    assert "Results: gone/breast-cancer/one" in again.stdout
    assert len(store.read([tmp_path / "gone"]).trials) == 4


@pytest.mark.parametrize(
    ("disturb", "said", "folder"),
    [
        pytest.param(
            lambda run: run.rename(run.with_name("two")),
            "is now results/breast-cancer/two",
            "two",
            marks=pytest.mark.slow,
        ),
        (lambda run: (run / "run.json").unlink(), "run.json was removed", "one"),
    ],
    ids=["folder renamed", "run.json removed"],
)
def test_a_run_that_is_disturbed_stops_at_the_next_epoch_keeps_its_trials_and_can_be_resumed(
    tmp_path: Path, disturb: Callable[[Path], None], said: str, folder: str
) -> None:
    process = begun(tmp_path, 4)
    disturb(tmp_path / "results" / "breast-cancer" / "one")

    told, _ = process.communicate(timeout=120)

    assert process.returncode == 4, told
    assert said in told
    assert f"of 4 seeds are finished and saved in results/breast-cancer/{folder}" in told
    assert "is gone" in told
    assert "training raised" not in told
    kept = len(store.read([tmp_path / "results"]).trials)
    assert 1 <= kept < 4
    again = logitbench(*told_command(told), cwd=tmp_path)
    assert f"{kept} of 4 seeds are finished" in again.stderr
    found = store.read([tmp_path / "results"])
    assert (len(found.trials), found.broken) == (4, [])


def test_what_is_put_in_a_trials_place_moves_aside_and_a_seed_that_is_missing_at_the_end_is_an_error(
    tmp_path: Path,
) -> None:
    process = begun(tmp_path, 4)
    run = tmp_path / "results" / "breast-cancer" / "one"
    (run / "seed-0003").mkdir()
    (run / "seed-0003" / ".trial.json.Xy12").write_text("half of a file that rsync copies")
    (run / "seed-0000").rename(tmp_path / "elsewhere")

    told, _ = process.communicate(timeout=120)

    assert process.returncode == 4, told
    assert "seed 0: its trial was published, and it is now missing" in told
    assert "3 of 4 seeds are finished and saved" in told
    assert [trial.record.seed for trial in store.read([run]).trials] == [1, 2, 3]
    assert (run / "broken" / "seed-0003-1" / ".trial.json.Xy12").exists()
