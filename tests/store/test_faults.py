"""Whatever fails, wherever it fails: what is published is whole, and the same command finishes the rest."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from logitbench import resume, store
from logitbench.errors import LogitbenchError
from logitbench.records import SCHEMA_VERSION, FailureRecord
from logitbench.store import disk
from logitbench.store.layout import ATTEMPTS
from tests.handmade import epoch, publish, run_record

SEEDS = 6
FAILURE = FailureRecord(schema_version=SCHEMA_VERSION, seed=0, kind="TrainingError", message="it burnt", hint="")
ROWS = [epoch(arm, number, loss=0.1 + number) for number in (1, 2) for arm in ("logits", "probs")]
RUN = run_record(epochs=2, seeds=SEEDS)

Fault = Callable[[str, Path, bytes], None]


def go_on(results: Path) -> None:
    """Do what a run does to its folder: begin it, or go on with it, and publish each seed that is missing."""
    folder, run = resume.run_to_resume(results, RUN, None) or (store.create_run(results, RUN), RUN)
    for seed in resume.missing(folder, run):
        publish(folder, ROWS, seed)
    store.record_failure(folder, FAILURE)


def with_a_broken_trial(results: Path) -> None:
    """Leave a run in which one trial is whole and another cannot be trusted."""
    folder = store.create_run(results, RUN)
    for seed in (0, 1):
        publish(folder, ROWS, seed)
    (folder / "seed-0001" / "epochs.jsonl").write_text("{}\n")


def table(results: Path) -> list[tuple[int, tuple[object, ...]]]:
    found = store.read([results])
    assert {broken.path.name for broken in found.broken} <= {"seed-0001"}
    return [(trial.record.seed, trial.rows) for trial in found.trials]


def full(operation: str, path: Path, content: bytes) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def failing(operation: str, path: Path, content: bytes) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))


def half_written(operation: str, path: Path, content: bytes) -> None:
    if operation == "write":
        with path.open("ab") as file:
            file.write(content[: len(content) // 2])
    full(operation, path, content)


def killed(operation: str, path: Path, content: bytes) -> None:
    if operation == "write":
        with path.open("ab") as file:
            file.write(content[: len(content) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


class Nth:
    """Lets the n-th operation fail."""

    def __init__(self, n: int, fault: Fault) -> None:
        self.left = n
        self._fault = fault

    def __call__(self, operation: str, path: Path, content: bytes) -> None:
        self.left -= 1
        if self.left == 0:
            self._fault(operation, path, content)


def with_fault(results: Path, n: int, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Go on with a fault at the n-th operation; return whether there was one."""
    nth = Nth(n, fault)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "watch", nth)
        try:
            go_on(results)
        except LogitbenchError:
            assert nth.left <= 0
            return True
    return nth.left <= 0


def with_kill(results: Path, n: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Go on in a process that kills itself at the n-th operation; return whether it did."""
    child = os.fork()
    if child == 0:
        with monkeypatch.context() as patch:
            patch.setattr(disk, "watch", Nth(n, killed))
            go_on(results)
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written reaches other processes without fsync; only the power of a machine never fails here."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, tuple[object, ...]]]:
    results = tmp_path_factory.mktemp("undisturbed")
    go_on(results)
    return table(results)


@pytest.mark.parametrize(
    ("begin", "changes"), [(lambda results: None, 93), (with_a_broken_trial, 72)], ids=["nothing", "a broken trial"]
)
@pytest.mark.parametrize("fault", [full, failing, half_written, killed])
def test_what_is_published_stays_whole_and_the_rest_is_finished_wherever_the_disk_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reference: list[tuple[int, tuple[object, ...]]],
    fault: Fault,
    begin: Callable[[Path], None],
    changes: int,
) -> None:
    points = 0
    while True:
        results = tmp_path / str(points)
        begin(results)
        if fault is killed:
            struck = with_kill(results, points + 1, monkeypatch)
        else:
            struck = with_fault(results, points + 1, fault, monkeypatch)
        before = table(results) if any(results.glob("*/[!.]*/run.json")) else []
        assert set(map(repr, before)) <= set(map(repr, reference))
        assert struck or before == reference

        go_on(results)

        assert table(results) == reference
        assert store.read([results]).broken == []
        assert len(list(results.glob("*/[!.]*"))) == 1  # one run, not two
        if not struck:
            break
        points += 1
    assert points == changes
    assert not list(results.rglob(f"{ATTEMPTS}/*"))


def test_faults_at_every_operation_one_after_the_other_still_end_in_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: list[tuple[int, tuple[object, ...]]]
) -> None:
    rounds = 0
    while with_fault(tmp_path, 12, half_written, monkeypatch):  # a trial takes ten: each round gets one further
        rounds += 1
        assert rounds < 50

    assert rounds >= 4
    assert table(tmp_path) == reference
