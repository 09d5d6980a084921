"""A seed has one worker, whoever else wants it, until that worker's process ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from logitbench import doctor, locks, store
from logitbench.errors import StorageError
from logitbench.store import Claims, claims, disk
from logitbench.store.claims import holder_of
from logitbench.store.layout import CLAIMS
from tests.handmade import run_record

HOLD = """
import sys, pathlib
from logitbench.store import Claims
with Claims(pathlib.Path(sys.argv[1])) as held:
    taken = [seed for seed in range(int(sys.argv[2])) if held.take(seed) is None]
    print(*taken, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return store.create_run(tmp_path, run_record(seeds=4))


def hold(run: Path, seeds: int) -> subprocess.Popen[str]:
    """Start a process that claims all the seeds it can, and holds them until its input ends."""
    command = [sys.executable, "-c", HOLD, str(run), str(seeds)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def as_of_another_machine(claim: Path, age: float, locked: str = "true") -> None:
    claim.parent.mkdir(exist_ok=True)
    claim.write_text(f'{{"host": "elsewhere", "boot": "b", "pid": 7, "locked": {locked}}}')
    then = time.time() - age
    os.utime(claim, (then, then))


def test_processes_that_want_the_same_seeds_share_them(run: Path) -> None:
    processes = [hold(run, 40) for _ in range(4)]
    taken = [int(seed) for process in processes if process.stdout for seed in process.stdout.readline().split()]
    for process in processes:
        process.communicate()

    assert sorted(taken) == list(range(40))
    assert list((run / CLAIMS).iterdir()) == []  # each is free again
    with Claims(run) as ours:
        assert [ours.take(seed) for seed in range(40)] == [None] * 40


def test_who_has_a_seed_is_told_and_it_is_free_the_moment_its_process_is_killed(run: Path) -> None:
    process = hold(run, 1)
    assert process.stdout
    process.stdout.readline()
    with Claims(run) as ours:
        assert f"process {process.pid} on " in str(ours.take(0))
        assert holder_of(run / CLAIMS / "seed-0000")
        assert "stale" not in {finding.kind for finding in doctor.examine([run]).findings}

        process.kill()
        process.communicate()

        assert holder_of(run / CLAIMS / "seed-0000") is None
        assert "stale" in {finding.kind for finding in doctor.examine([run]).findings}
        assert ours.take(0) is None


@pytest.mark.parametrize("content", [None, "", "[]", "{}"])
def test_a_claim_without_a_lock_counts_as_long_as_it_is_refreshed(run: Path, content: str | None) -> None:
    claim = run / CLAIMS / "seed-0000"
    for age, free in ((claims.STALE - 30, False), (claims.STALE + 1, True)):
        as_of_another_machine(claim, age)
        if content is not None:  # cut off while it was written
            claim.write_text(content)
            os.utime(claim, (time.time() - age, time.time() - age))
        assert (holder_of(claim) is None) is free
        with Claims(run) as ours:
            assert (ours.take(0) is None) is free
            assert ours.take(1) is None


def test_a_claim_is_refreshed(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "HEARTBEAT", 0.01)
    with Claims(run) as ours:
        assert ours.take(0) is None
        claim = run / CLAIMS / "seed-0000"
        os.utime(claim, (0, 0))

        until = time.monotonic() + 30
        while claim.stat().st_mtime < claims.STALE:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert not claim.exists()


def test_where_there_are_no_locks_a_claim_still_has_one_holder(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    taken: list[int] = []
    together = threading.Barrier(4)

    def claim_all() -> None:
        with Claims(run) as ours:
            together.wait()
            taken.extend(seed for seed in range(20) if ours.take(seed) is None)
            together.wait()

    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(20))


def test_a_claim_that_cannot_be_written_is_left_to_nobody(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(operation: str, path: Path, content: bytes) -> None:
        if operation == "write":
            raise OSError(28, "No space left on device")

    with Claims(run) as ours:
        with monkeypatch.context() as patch:
            patch.setattr(disk, "watch", full)
            with pytest.raises(StorageError, match="No space left"):
                ours.take(0)
        assert ours.take(0) is None


@pytest.mark.timeout(20)
def test_a_claim_that_is_a_pipe_is_refused_and_does_not_block(run: Path) -> None:
    claim = run / CLAIMS / "seed-0000"
    claim.parent.mkdir()
    os.mkfifo(claim)
    assert holder_of(claim) is None
    said = {finding.path: finding.what for finding in doctor.examine([run]).findings}
    assert said[claim] == "no regular file, so it claims no seed"
    with Claims(run) as ours:
        with pytest.raises(StorageError, match=r"seed-0000 is not a regular file; remove it"):
            ours.take(0)
        assert ours.take(1) is None
