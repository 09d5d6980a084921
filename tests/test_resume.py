from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from logitbench import resume, store
from logitbench.errors import StorageError, UsageError
from logitbench.records import RunRecord
from tests.handmade import epoch, publish, run_record

ROWS = [epoch(arm, number) for number in (1, 2) for arm in ("logits", "probs")]


def run(run_id: str = "first", *, created: str = "2026-01-01T00:00:00+00:00", seeds: int = 3) -> RunRecord:
    record = run_record(epochs=2, run_id=run_id)
    spec = {**record.spec, "pairs": {**record.spec["pairs"], "seeds": seeds}}
    return record.model_copy(update={"spec": spec, "created": created})


def test_the_newest_run_of_the_same_command_is_gone_on_with(tmp_path: Path) -> None:
    for name, day in (("b", 1), ("a", 2), ("c", 1)):
        store.create_run(tmp_path, run(name, created=f"2026-01-0{day}T00:00:00+00:00"))

    begun = resume.run_to_resume(tmp_path, run("new"), None)

    assert begun
    folder, found = begun
    assert (folder.name, found.run_id) == ("a", "a")


def test_a_run_can_be_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        store.create_run(tmp_path, run(name))

    named = resume.run_to_resume(tmp_path, run("new"), "a")

    assert named
    assert named[0].name == "a"
    assert resume.run_to_resume(tmp_path, run("new"), "c") is None


def test_without_a_run_there_is_nothing_to_resume(tmp_path: Path) -> None:
    assert resume.run_to_resume(tmp_path, run(), None) is None


def test_a_run_under_the_name_of_another_is_refused_with_what_that_one_has(tmp_path: Path) -> None:
    folder = store.create_run(tmp_path, run("one", seeds=2))
    publish(folder, ROWS, 0)
    with pytest.raises(UsageError, match=r"'one' in .* is not complete: 1 of 2 seeds") as partial:
        resume.refuse_existing(tmp_path, "handmade", "one")
    assert "the same command with --resume." in partial.value.hint
    with pytest.raises(UsageError) as needed:
        resume.refuse_existing(tmp_path, "handmade", "one", needed=True)
    assert "the same command with --resume in place of --needed." in needed.value.hint

    publish(folder, ROWS, 1)
    with pytest.raises(UsageError, match=r"'one' in .* is complete: 2 of 2 seeds") as complete:
        resume.refuse_existing(tmp_path, "handmade", "one")
    assert "logitbench compare" in complete.value.hint
    resume.refuse_existing(tmp_path, "handmade", "another")


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        ("{}", "run.json is not a results file", "`logitbench doctor {folder}` says what to do."),
        (None, "cannot read run.json: No such file", "Restore it from a backup."),
    ],
)
def test_a_named_run_that_cannot_be_read_is_not_begun_anew(
    tmp_path: Path, content: str | None, said: str, hint: str
) -> None:
    folder = store.create_run(tmp_path, run("one"))
    (folder / "run.json").unlink()
    if content is not None:
        (folder / "run.json").write_text(content)
    commands: list[Callable[[], object]] = [
        lambda: resume.run_to_resume(tmp_path, run("one"), "one"),
        lambda: resume.refuse_existing(tmp_path, "handmade", "one"),
    ]
    for command in commands:
        with pytest.raises(UsageError, match=f"cannot read the run 'one' in .*: {said}") as refusal:
            command()
        assert hint.format(folder=folder) in refusal.value.hint
        assert "another --name" in refusal.value.hint
    assert resume.run_to_resume(tmp_path, run("two"), "two") is None
    assert list(resume.unreadable(tmp_path, "handmade")) == ([f"{folder}: {said}"] if content else [])


def test_a_folder_that_another_run_has_is_answered_with_the_name_of_that_run(tmp_path: Path) -> None:
    folder = store.create_run(tmp_path, run("one"))
    folder.rename(folder.with_name("two"))
    with pytest.raises(UsageError, match="belongs to the run 'one'") as refusal:
        resume.run_to_resume(tmp_path, run("two"), "two")
    assert "--name one --resume" in refusal.value.hint
    assert resume.run_to_resume(tmp_path, run("one"), "one")


def test_a_run_is_found_whatever_its_folder_is_named(tmp_path: Path) -> None:
    record = run("one")
    folder = store.create_run(tmp_path, record)
    folder.rename(folder.with_name("two"))

    assert resume.folder_of(tmp_path, record) == folder.with_name("two")
    assert resume.folder_of(tmp_path, run("one", created="2026-05-05T00:00:00+00:00")) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"spec": {"training": {"epochs": 5}}}, "training.epochs was 2 and is 5"),
        ({"dataset": {"sha256": "other"}}, "the data differ"),
        ({"environment": {"keras": "4.0"}}, "and is '4.0'"),
    ],
)
def test_another_spec_dataset_or_library_is_refused_by_its_key(
    tmp_path: Path, changes: dict[str, dict[str, object]], said: str
) -> None:
    store.create_run(tmp_path, run())
    wanted = run()
    for part, values in changes.items():
        table = dict(getattr(wanted, part))
        for key, value in values.items():
            table[key] = {**table[key], **value} if isinstance(value, dict) else value
        wanted = wanted.model_copy(update={part: table})

    with pytest.raises(UsageError, match="cannot resume the run first") as refusal:
        resume.run_to_resume(tmp_path, wanted, None)
    assert said in refusal.value.message


def test_a_trial_that_cannot_be_trusted_is_set_aside_and_missing(tmp_path: Path) -> None:
    record = run(seeds=4)
    folder = store.create_run(tmp_path, record)
    for seed in (0, 2):
        publish(folder, ROWS, seed)
    (folder / "seed-0000" / "epochs.jsonl").write_text("{}\n")

    assert list(resume.missing(folder, record)) == [0, 1, 3]

    assert (folder / "broken" / "seed-0000-1" / "epochs.jsonl").read_text() == "{}\n"
    publish(folder, ROWS, 0)
    assert list(resume.missing(folder, record)) == [1, 3]
    assert store.read([tmp_path]).broken == []


def test_needed_are_the_seeds_that_no_run_of_the_same_experiment_has(tmp_path: Path) -> None:
    small, large = run("small", seeds=2), run("large", seeds=5)
    other = run("other").model_copy(update={"dataset": {"sha256": "other"}})
    for record, seeds in ((small, (0, 1)), (large, (3,)), (other, (4,))):
        folder = store.create_run(tmp_path, record)
        for seed in seeds:
            publish(folder, ROWS, seed)

    assert resume.needed(tmp_path, run("new", seeds=6)) == [2, 4, 5]


def test_a_trial_that_cannot_be_read_just_now_is_not_set_aside(tmp_path: Path) -> None:
    folder = store.create_run(tmp_path, run(seeds=1))
    publish(folder, ROWS, 0)
    file = folder / "seed-0000" / "epochs.jsonl"
    file.rename(folder / "kept")
    file.symlink_to(file)  # a loop: the system refuses to open it

    with pytest.raises(StorageError, match="cannot resume"):
        list(resume.missing(folder, run(seeds=1)))
    assert not (folder / "broken").exists()


def test_a_run_of_needed_seeds_is_finished_with_those(tmp_path: Path) -> None:
    record = run(seeds=4).model_copy(update={"seeds": (1, 3)})
    folder = store.create_run(tmp_path, record)
    publish(folder, ROWS, 3)

    begun = resume.run_to_resume(tmp_path, run(seeds=4), None)

    assert begun
    assert list(resume.missing(*begun)) == [1]


def test_another_version_of_the_users_model_is_another_run(tmp_path: Path) -> None:
    was, now = (run().model_copy(update={"environment": {"model_sha256": digest}}) for digest in ("a", "b"))
    store.create_run(tmp_path, was)

    with pytest.raises(UsageError, match="the source of the model differs"):
        resume.run_to_resume(tmp_path, now, None)
