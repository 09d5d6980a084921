"""A finished trial is published or kept, whatever is in its place and whatever happened to its run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from logitbench import store
from logitbench.errors import StorageError
from logitbench.store import TrialWriter
from logitbench.store.layout import ATTEMPTS, RUN_FILE
from tests.handmade import epoch, publish, run_record, trial_record

ROWS = [epoch(arm, number) for number in (1, 2) for arm in ("logits", "probs")]
LATE = [epoch(row.arm, row.epoch, loss=99.0) for row in ROWS]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return store.create_run(tmp_path / "results", run_record(epochs=2))


def with_a_partial_copy(place: Path) -> None:
    place.mkdir()
    (place / ".trial.json.Xy12").write_text("half of a file that rsync copies")


def with_a_link_to_a_folder(place: Path) -> None:
    elsewhere = place.parent.parent.parent.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "notes.txt").write_text("not a trial")
    place.symlink_to(elsewhere)


def with_a_dangling_link(place: Path) -> None:
    place.symlink_to("nowhere")


def with_a_file(place: Path) -> None:
    place.write_text("a plain file")


def with_a_damaged_trial(place: Path) -> None:
    publish(place.parent, LATE)
    (place / "epochs.jsonl").write_text("{}\n")


def with_a_trial_of_another_run(place: Path) -> None:
    other = store.create_run(place.parents[2] / "other", run_record(epochs=2, run_id="second"))
    publish(other, LATE)
    shutil.copytree(other / "seed-0000", place)


def with_a_trial_of_a_newer_version(place: Path) -> None:
    place.mkdir()
    (place / "trial.json").write_text('{"schema_version": 999, "sha256": ""}')


def everything_in(folder: Path) -> set[bytes]:
    """The content of each file and the target of each link."""
    return {
        path.readlink().as_posix().encode() if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize(
    "occupy",
    [
        with_a_partial_copy,
        with_a_link_to_a_folder,
        with_a_dangling_link,
        with_a_file,
        with_a_damaged_trial,
        with_a_trial_of_another_run,
        with_a_trial_of_a_newer_version,
    ],
)
def test_what_is_no_intact_trial_of_the_run_moves_aside_and_the_trial_is_published(
    run: Path, tmp_path: Path, occupy: Callable[[Path], None]
) -> None:
    with TrialWriter(run, 0) as writer:
        writer.append(ROWS)
        occupy(run / "seed-0000")
        before = everything_in(tmp_path)
        writer.publish(trial_record(ROWS, sha256=writer.epochs_sha256))

    assert [trial.rows for trial in store.read([run]).trials] == [tuple(ROWS)]
    assert not (run / "seed-0000").is_symlink()
    assert [path.name for path in (run / "broken").iterdir()] == ["seed-0000-1"]
    assert before <= everything_in(tmp_path)
    assert list((run / ATTEMPTS).iterdir()) == []


def test_an_intact_trial_of_the_same_run_stays(run: Path) -> None:
    with TrialWriter(run, 0) as writer:
        writer.append(LATE)
        publish(run, ROWS)
        writer.publish(trial_record(LATE, sha256=writer.epochs_sha256))

    assert [trial.rows for trial in store.read([run]).trials] == [tuple(ROWS)]
    assert not (run / "broken").exists()


def test_a_trial_that_cannot_be_published_is_kept_complete(run: Path) -> None:
    (run / "broken").write_text("a file, so that nothing moves there")
    (run / "seed-0000").write_text("in the way")

    with pytest.raises(StorageError, match="cannot write in"):
        publish(run, ROWS)

    (attempt,) = (run / ATTEMPTS).iterdir()
    assert sorted(path.name for path in attempt.iterdir()) == ["epochs.jsonl", "trial.json"]
    assert (run / "seed-0000").read_text() == "in the way"


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        (lambda run: (run / RUN_FILE).unlink(), "run.json is gone"),
        (lambda run: run.rename(run.with_name("renamed")), "the folder is gone"),
        (shutil.rmtree, "the folder is gone"),
    ],
)
def test_a_run_that_is_gone_is_found_at_the_end_of_the_epoch(
    run: Path, remove: Callable[[Path], None], message: str
) -> None:
    with TrialWriter(run, 0) as writer:
        writer.append(ROWS[:2])
        remove(run)

        with pytest.raises(StorageError, match=message):
            writer.append(ROWS[2:])
        with pytest.raises(StorageError, match=message):
            writer.publish(trial_record(ROWS, sha256=writer.epochs_sha256))
