"""What is written comes back to the last bit; what is not whole is named, left out, and never fatal."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitbench import store
from logitbench.errors import UsageError
from logitbench.records import METRICS, PROMISES
from logitbench.store import TrialWriter, reader
from logitbench.store.layout import ATTEMPTS
from tests.handmade import ASSETS, epoch, publish, run_record, trial_record

WRITTEN = ("trial.json", "epochs.jsonl")
ROWS = [epoch(arm, number, loss=0.1 + number) for number in (1, 2) for arm in ("logits", "probs")]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of two arms, two epochs and three seeds."""
    folder = store.create_run(tmp_path, run_record(epochs=2))
    for seed in range(3):
        publish(folder, ROWS, seed)
    return folder


def seal(table: dict[str, Any]) -> str:
    """Seal a table as the store does, so that what is in it is all that can be wrong."""
    table = {key: value for key, value in table.items() if key != "sha256"}
    text = json.dumps(table, sort_keys=True, separators=(",", ":"))
    return json.dumps(table | {"sha256": hashlib.sha256(text.encode()).hexdigest()})


def change(file: Path, **changes: Any) -> None:
    file.write_text(seal(json.loads(file.read_text()) | changes))


def change_rows(trial: Path, rows: list[str]) -> None:
    """Replace a trial's rows, digest and all."""
    text = "".join(f"{row}\n" for row in rows)
    (trial / "epochs.jsonl").write_text(text)
    change(trial / "trial.json", epochs_sha256=hashlib.sha256(text.encode()).hexdigest())


def only_broken(results: Path, place: Path) -> str:
    """Read results in which one trial is broken; return why it is."""
    found = store.read([results])
    assert [trial.record.seed for trial in found.trials] == [0, 2]
    (broken,) = found.broken
    assert broken.path == place
    return broken.reason


# What is written


def test_a_trial_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    figures = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2**-1074 * 3, math.pi, 0.0, 0.7, 1.0000000000000002]
    rows = [
        epoch("logits", 1, **dict(zip(METRICS, figures, strict=True))),
        epoch("probs", 1, val_loss=None, dead_fraction=math.nextafter(1, 0)),
    ]
    folder = store.create_run(tmp_path, run_record())
    record = publish(folder, rows, 7, warnings=["a warning\nin two lines, with ünïcode \x1b[31m"])
    (trial,) = store.read([tmp_path]).trials
    assert trial.rows == tuple(rows)
    assert trial.record == record
    assert trial.run == run_record()


@settings(derandomize=True, deadline=None, database=None, max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_figure_comes_back_to_the_last_bit(figure: float) -> None:
    line = json.dumps(vars(epoch(loss=figure)))
    read = reader.ROW.validate_json(line)
    assert read.loss is not None
    assert read.loss.hex() == figure.hex()


def test_a_run_is_found_from_its_own_folder_its_experiments_and_the_results(run: Path) -> None:
    for path in (run, run.parent, run.parents[1]):
        assert [trial.record.seed for trial in store.read([path]).trials] == [0, 1, 2]


def test_a_half_written_attempt_is_never_seen(tmp_path: Path) -> None:
    folder = store.create_run(tmp_path, run_record(epochs=2))
    with TrialWriter(folder, 0) as writer:
        writer.append(ROWS[:2])
        (written,) = folder.rglob("epochs.jsonl")
        assert len(written.read_text().splitlines()) == 2  # on disk, not in a buffer
        assert (store.read([tmp_path]).trials, store.read([tmp_path]).broken) == ([], [])
    assert (store.read([tmp_path]).trials, store.read([tmp_path]).broken) == ([], [])  # nor after a crash
    publish(folder, ROWS)
    assert len(store.read([tmp_path]).trials) == 1


def test_the_first_finisher_stays_and_the_second_loses(tmp_path: Path) -> None:
    folder = store.create_run(tmp_path, run_record(epochs=2))
    late = [epoch(row.arm, row.epoch, loss=99.0) for row in ROWS]
    with TrialWriter(folder, 0) as first, TrialWriter(folder, 0) as second:
        for writer, rows in ((first, ROWS), (second, late)):
            writer.append(rows)
            writer.publish(trial_record(rows, sha256=writer.epochs_sha256))
    found = store.read([tmp_path])
    assert [trial.rows for trial in found.trials] == [tuple(ROWS)]
    assert found.broken == []
    assert list((folder / ATTEMPTS).iterdir()) == []


def test_a_run_of_the_same_name_is_refused_and_nothing_is_lost(run: Path) -> None:
    with pytest.raises(UsageError, match=r"there is a run 'first' in .* already") as caught:
        store.create_run(run.parents[1], run_record(["raw"]))
    assert caught.value.hint == "Choose another --name, or finish that run with --resume."
    assert len(store.read([run]).trials) == 3


@pytest.mark.parametrize("blocked", ["results", "results/handmade", "results/handmade/first"])
def test_results_that_cannot_be_written_are_found_before_any_training(tmp_path: Path, blocked: str) -> None:
    (tmp_path / blocked).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / blocked).write_text("a file in the place of a folder")
    with pytest.raises(UsageError, match="cannot write results") as caught:
        store.create_run(tmp_path / "results", run_record())
    assert caught.value.hint == "Choose another --results."
    assert (tmp_path / blocked).read_text() == "a file in the place of a folder"


@pytest.mark.parametrize("name", ["../up", "..", "a/b", "", ".attempts", "a\0b", "a" * 256, "-rf", "a\n", "a b"])
def test_a_name_that_may_not_become_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a run"):
        store.require_name(name)
    hostile = run_record().model_copy(update={"run_id": name})
    with pytest.raises(UsageError, match="cannot be the name of a run"):
        store.create_run(tmp_path, hostile)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("figure", [math.nan, math.inf, -math.inf])
def test_json_never_holds_what_is_not_a_finite_number(tmp_path: Path, figure: float) -> None:
    folder = store.create_run(tmp_path, run_record())
    with TrialWriter(folder, 0) as writer:
        with pytest.raises(ValueError, match="not JSON compliant"):
            writer.append([epoch(loss=figure)])
        writer.append([epoch(loss=None)])
    (written,) = folder.rglob("epochs.jsonl")
    (row,) = map(json.loads, written.read_text().splitlines())
    assert (row["loss"], row["status"]) == (None, "diverged")
    other = run_record(run_id="other").model_copy(update={"dataset": {"mean": figure}})
    table = json.loads((store.create_run(tmp_path, other) / "run.json").read_text())
    assert table["dataset"] == {"mean": None}


def test_a_run_without_a_trial_is_discarded_and_one_with_a_trial_is_not(run: Path) -> None:
    empty = store.create_run(run.parents[1], run_record(run_id="empty"))
    store.discard(empty)
    store.discard(run)
    assert [path.name for path in run.parent.iterdir()] == [run.name]
    assert len(store.read([run]).trials) == 3


def test_a_trial_of_another_run_or_experiment_is_named(tmp_path: Path) -> None:
    record = run_record(seeds=2)
    other = record.model_copy(update={"run_id": "second"})
    changed = record.model_copy(update={"run_id": "third", "spec_sha256": "f" * 64})
    folders = [store.create_run(tmp_path, one) for one in (record, other, changed)]
    for folder in folders:
        publish(folder, [epoch("logits"), epoch("probs")], 0)
    for folder in folders[1:]:
        shutil.copytree(folder / "seed-0000", folders[0] / "seed-0001", dirs_exist_ok=True)
        (broken,) = store.read([folders[0]]).broken
        assert "is of another run" in broken.reason


# What is read


def test_results_of_every_released_schema_are_read() -> None:
    found = store.read([ASSETS.with_name("results-schema-1")])
    assert found.broken == []
    seeds = [(trial.run.experiment, trial.record.seed) for trial in found.trials]
    assert seeds == [
        *(("breast-cancer-raw", seed) for seed in range(3)),
        *(("language-family", seed) for seed in (0, 1)),
    ]
    assert [len(trial.rows) for trial in found.trials] == [16, 16, 16, 6, 6]
    assert {trial.record.run_id for trial in found.trials} == {None}

    second = store.read([ASSETS.with_name("results-schema-2")])
    assert second.broken == []
    assert [(trial.record.seed, trial.record.run_id, len(trial.rows)) for trial in second.trials] == [
        (0, "reference", 6),
        (1, "reference", 6),
    ]
    assert [run.planned for run in second.runs.values()] == [(0, 1)]
    for trial in (*found.trials, *second.trials):
        assert {row.saturated_fraction for row in trial.rows} == {None}

    third = store.read([ASSETS])
    assert third.broken == []
    for one, other in zip(found.trials, third.trials, strict=True):
        assert None not in {row.saturated_fraction for row in other.rows}
        assert [row.loss for row in one.rows] == pytest.approx([row.loss for row in other.rows], rel=1e-3)


def test_each_file_is_opened_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted does not depend on the machine, as seconds do."""
    opened: list[str] = []
    real = os.open

    def count(path: str, *arguments: Any, **options: Any) -> int:
        opened.append(str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", count)
    store.read([run.parents[1]])
    files = [run / "run.json", *(run / f"seed-000{seed}" / name for seed in range(3) for name in WRITTEN)]
    assert sorted(opened) == sorted(map(str, files))


def test_a_folder_that_is_not_there_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no results folder .*missing"):
        store.read([tmp_path / "missing"])


def test_a_folder_without_runs_is_refused_even_beside_one_that_has_some(run: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"there is no run in .*empty"):
        store.read([run, tmp_path / "empty"])


def cut(trial: Path) -> None:
    file = trial / "trial.json"
    file.write_bytes(file.read_bytes()[:-40])


def flip(trial: Path) -> None:
    file = trial / "trial.json"
    file.write_text(file.read_text().replace('"lockstep"', '"lockstap"'))


def flip_a_row(trial: Path) -> None:
    file = trial / "epochs.jsonl"
    file.write_text(file.read_text().replace("1.1", "1.2", 1))


def cut_a_row(trial: Path) -> None:
    file = trial / "epochs.jsonl"
    file.write_bytes(file.read_bytes()[:-1])


def other_digest(trial: Path) -> None:
    change(trial / "trial.json", epochs_sha256="0" * 64)


def other_seal(trial: Path) -> None:
    file = trial / "trial.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"sha256": "0" * 64}))


def no_seal(trial: Path) -> None:
    file = trial / "trial.json"
    file.write_text(json.dumps({key: value for key, value in json.loads(file.read_text()).items() if key != "sha256"}))


def into_a_file(trial: Path) -> None:
    shutil.rmtree(trial)
    trial.write_text("")


def into_a_pipe(trial: Path) -> None:
    (trial / "trial.json").unlink()
    os.mkfifo(trial / "trial.json")


def into_a_loop(trial: Path) -> None:
    (trial / "trial.json").unlink()
    (trial / "trial.json").symlink_to(trial / "trial.json")


def into_a_dead_link(trial: Path) -> None:
    (trial / "epochs.jsonl").unlink()
    (trial / "epochs.jsonl").symlink_to("nowhere")


def into_a_folder(trial: Path) -> None:
    (trial / "epochs.jsonl").unlink()
    (trial / "epochs.jsonl").mkdir()


def nest(depth: int) -> str:
    return "[" * depth + "]" * depth


Corruption = Callable[[Path], object]


def text(content: str | bytes) -> Corruption:
    raw = content if isinstance(content, bytes) else content.encode()
    return lambda trial: (trial / "trial.json").write_bytes(raw)


def changed(**changes: Any) -> Corruption:
    return lambda trial: change(trial / "trial.json", **changes)


@pytest.mark.parametrize(
    ("corrupt", "reason"),
    [
        (cut, "trial.json is not a results file"),
        (flip, "trial.json is not what was written"),
        (other_seal, "trial.json is not what was written"),
        (no_seal, "trial.json is not a results file"),
        (flip_a_row, "epochs.jsonl is not what was written"),
        (cut_a_row, "epochs.jsonl is not what was written"),
        (other_digest, "epochs.jsonl is not what was written"),
        (lambda trial: (trial / "trial.json").unlink(), "cannot read trial.json: No such file or directory"),
        (lambda trial: (trial / "epochs.jsonl").unlink(), "cannot read epochs.jsonl: No such file or directory"),
        (into_a_file, "cannot read trial.json: Not a directory"),
        (into_a_pipe, "trial.json is not a file"),
        (into_a_loop, "cannot read trial.json: "),
        (into_a_dead_link, "cannot read epochs.jsonl: "),
        (into_a_folder, "epochs.jsonl is not a file"),
        (changed(schema_version=4), "trial.json has schema 4, and this logitbench knows 1 to 3: update logitbench"),
        (changed(schema_version=0), "trial.json has schema 0, and this logitbench knows 1 to 3"),
        (changed(schema_version="1"), "trial.json has schema '1', and this logitbench knows 1 to 3"),
        (changed(schema_version=None), "trial.json has schema None, and this logitbench knows 1 to 3"),
        (changed(status="running"), "trial.json is not what this logitbench writes: status: "),
        (changed(seed=-1), "trial.json is not what this logitbench writes: seed: "),
        (changed(seed=10**40), "trial.json is not what this logitbench writes: seed: "),
        (changed(seed=2), "trial.json is of seed 2"),
        (changed(epochs=10**18), "trial.json has not the arms and epochs that run.json asks for"),
        (changed(epochs=0), "trial.json is not what this logitbench writes: epochs: "),
        (changed(arms={}), "trial.json is not what this logitbench writes: arms: "),
        (changed(arms=None), "trial.json is not what this logitbench writes: arms: "),
        (changed(arms={"logits": {}}), "trial.json is not what this logitbench writes: arms.logits.loss_path: "),
        (changed(warnings="none"), "trial.json is not what this logitbench writes: warnings: "),
        (text(""), "trial.json is not a results file"),
        (text("null"), "trial.json is not a results file"),
        (text("1"), "trial.json is not a results file"),
        (text('"sha256"'), "trial.json is not a results file"),
        (text('["sha256"]'), "trial.json is not a results file"),
        (text('[["sha256", "schema_version"]]'), "trial.json is not a results file"),
        (text("{}"), "trial.json is not a results file"),
        (text('{"sha256": {}}'), "trial.json has schema None"),
        (text('{"sha256": "", "seed": NaN}'), "trial.json is not a results file"),
        (text('{"sha256": "", "seed": ' + "9" * 5000 + "}"), "trial.json is not a results file"),
        (text(b'{"sha256": "\xff"}'), "trial.json is not a results file"),
        (text(b"\x00" * 100), "trial.json is not a results file"),
        (text(nest(100_000)), "trial.json is not a results file"),
        *((text(f'{{"sha256": "", "a": {nest(depth)}}}'), "trial.json ") for depth in (100, 900, 980, 990, 1000, 3000)),
    ],
)
def test_a_broken_trial_is_named_with_its_reason_and_the_others_are_read(
    run: Path, corrupt: Corruption, reason: str
) -> None:
    corrupt(run / "seed-0001")
    assert only_broken(run, run / "seed-0001").startswith(reason)


def test_a_newer_schema_tells_to_update(run: Path) -> None:
    change(run / "seed-0001" / "trial.json", schema_version=10**100)
    assert only_broken(run, run / "seed-0001").endswith(": update logitbench")


GOOD = [json.dumps(vars(row)) for row in ROWS]


def edited(**changes: Any) -> list[str]:
    return [json.dumps(json.loads(GOOD[0]) | changes), *GOOD[1:]]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (GOOD[:-1], "epochs.jsonl has not one row for each arm and epoch"),
        (GOOD[:-2], "epochs.jsonl has not one row for each arm and epoch"),
        ([], "epochs.jsonl has not one row for each arm and epoch"),
        ([*GOOD, GOOD[0]], "epochs.jsonl has not one row for each arm and epoch"),
        ([GOOD[0], *GOOD[:3]], "epochs.jsonl has not one row for each arm and epoch"),
        (edited(arm="raw"), "epochs.jsonl has not one row for each arm and epoch"),
        (edited(epoch=3), "epochs.jsonl has not one row for each arm and epoch"),
        (edited(epoch=10**30), "epochs.jsonl has not one row for each arm and epoch"),
        (edited(epoch=1.5), "epochs.jsonl has a row that is not an arm's epoch: epoch: "),
        (edited(epoch="1"), "epochs.jsonl has a row that is not an arm's epoch: epoch: "),
        (edited(epoch=True), "epochs.jsonl has a row that is not an arm's epoch: epoch: "),
        (edited(arm=["logits"]), "epochs.jsonl has a row that is not an arm's epoch: arm: "),
        (edited(loss="0.5"), "epochs.jsonl has a row that is not an arm's epoch: loss: "),
        (edited(loss=math.nan), "epochs.jsonl has a row that is not an arm's epoch: loss: "),
        (edited(loss=math.inf), "epochs.jsonl has a row that is not an arm's epoch: loss: "),
        (edited(loss=10**400), "epochs.jsonl has a row that is not an arm's epoch: "),
        (edited(status="good"), "epochs.jsonl has a row that is not an arm's epoch: status: "),
        (
            [GOOD[0].replace('"val_nll": 0.5, ', ""), *GOOD[1:]],
            "epochs.jsonl has a row that is not an arm's epoch: val_",
        ),
        ([GOOD[0].replace("1.1", "1e999"), *GOOD[1:]], "epochs.jsonl has a row that is not an arm's epoch: loss: "),
        (["[]", *GOOD[1:]], "epochs.jsonl has a row that is not an arm's epoch: "),
        (["null", *GOOD[1:]], "epochs.jsonl has a row that is not an arm's epoch: "),
        (["", *GOOD[1:]], "epochs.jsonl has a row that is not an arm's epoch: "),
        (["{", *GOOD[1:]], "epochs.jsonl has a row that is not an arm's epoch: "),
        ([nest(100_000), *GOOD[1:]], "epochs.jsonl has a row that is not an arm's epoch: "),
    ],
)
def test_rows_that_are_not_a_trials_are_refused_though_they_are_sealed(run: Path, rows: list[str], reason: str) -> None:
    change_rows(run / "seed-0001", rows)
    assert only_broken(run, run / "seed-0001").startswith(reason)


def test_more_epochs_than_memory_could_list_are_refused(tmp_path: Path) -> None:
    run = store.create_run(tmp_path, run_record(epochs=10**15))
    publish(run, [epoch("logits", 10**15), epoch("probs", 10**15)])
    (broken,) = store.read([tmp_path]).broken
    assert broken.reason == "epochs.jsonl has not one row for each arm and epoch"


def test_rows_may_come_arm_by_arm_and_are_read_by_epoch(run: Path) -> None:
    change_rows(run / "seed-0001", [GOOD[2], GOOD[0], GOOD[3], GOOD[1]])
    assert [(row.epoch, row.arm) for row in store.read([run]).trials[1].rows] == [
        (1, "logits"),
        (1, "probs"),
        (2, "logits"),
        (2, "probs"),
    ]


@pytest.mark.parametrize("name", PROMISES)
def test_a_trial_that_is_no_pair_is_refused_by_the_name_of_the_promise(run: Path, name: str) -> None:
    arms = json.loads((run / "seed-0001" / "trial.json").read_text())["arms"]
    arms["probs"]["fingerprints"][name] = "f" * 64
    change(run / "seed-0001" / "trial.json", arms=arms)
    reason = only_broken(run, run / "seed-0001")
    assert reason.startswith(f"not a pair: its arms do not have {PROMISES[name]} (logits ")
    assert "probs ffffffffffff" in reason


def test_a_trial_of_other_arms_does_not_belong_to_the_run(run: Path) -> None:
    shutil.rmtree(run / "seed-0001")
    rows = [epoch(arm, number) for number in (1, 2) for arm in ("logits", "raw")]
    publish(run, rows, 1)
    assert only_broken(run, run / "seed-0001") == "trial.json has not the arms and epochs that run.json asks for"


def test_a_trial_that_was_copied_beside_itself_counts_once(run: Path) -> None:
    shutil.copytree(run / "seed-0001", run / "seed-0001 copy")
    shutil.copytree(run / "seed-0001", run / "seed-0003")
    found = store.read([run])
    assert [trial.record.seed for trial in found.trials] == [0, 1, 2]
    assert [(broken.path.name, broken.reason) for broken in found.broken] == [
        ("seed-0001 copy", "trial.json is of seed 1"),
        ("seed-0003", "trial.json is of seed 1"),
    ]


def test_a_run_that_two_paths_lead_to_counts_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.parent)
    (run.parents[1] / "link").symlink_to(run.parent)
    found = store.read([run.parents[1], run, Path(), Path("first"), run.parents[1] / "link"])
    assert len(found.trials) == 3
    assert found.broken == []


def test_a_copy_of_a_run_elsewhere_adds_no_seeds_and_is_named(
    run: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("backup") / "first"
    shutil.copytree(run, copy)
    publish(copy, ROWS, 3)
    found = store.read([run, copy])
    assert [trial.record.seed for trial in found.trials] == [0, 1, 2, 3]
    assert [broken.path for broken in found.broken] == [copy / f"seed-000{seed}" for seed in range(3)]
    assert {broken.reason for broken in found.broken} == {
        "a copy: this seed of this run has been read from another folder"
    }


def test_another_run_of_the_same_name_is_not_mixed_in(run: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = store.create_run(tmp_path_factory.mktemp("other"), run_record(["logits", "raw"], epochs=1))
    publish(other, [epoch("logits"), epoch("raw")], 5)
    found = store.read([run, other])
    assert [trial.record.seed for trial in found.trials] == [0, 1, 2]
    (broken,) = found.broken
    assert broken.path == other
    assert broken.reason == "another run is named handmade/first too: read them one by one"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"experiment": "../../up"}, "run.json is not what this logitbench writes: experiment: "),
        ({"run_id": "\x1b[31mred"}, "run.json is not what this logitbench writes: run_id: "),
        ({"run_id": "a\n"}, "run.json is not what this logitbench writes: run_id: "),
        ({"run_id": ["a"]}, "run.json is not what this logitbench writes: run_id: "),
        ({"schema_version": 4}, "run.json has schema 4, and this logitbench knows 1 to 3: update logitbench"),
        ({"spec": []}, "run.json is not what this logitbench writes: spec: "),
        ({"spec": {}}, "run.json does not say which arms were asked for, or how many epochs or seeds"),
        (
            {"spec": {"pairs": [], "training": {}}},
            "run.json does not say which arms were asked for, or how many epochs or seeds",
        ),
        ({"spec": {"pairs": {"arms": 3}, "training": {"epochs": 1}}}, "run.json does not say which arms"),
        ({"spec": {"pairs": {"arms": [[]]}, "training": {"epochs": 1}}}, "run.json does not say which arms"),
    ],
)
def test_a_broken_run_is_named_and_other_runs_are_read(run: Path, changes: dict[str, Any], reason: str) -> None:
    other = store.create_run(run.parents[1], run_record(epochs=2, run_id="second"))
    publish(other, ROWS)
    change(run / "run.json", **changes)
    found = store.read([run.parents[1]])
    assert [trial.run.run_id for trial in found.trials] == ["second"]
    (broken,) = found.broken
    assert broken.path == run
    assert broken.reason.startswith(reason)


def test_a_field_that_a_later_version_added_is_passed_over(run: Path) -> None:
    change(run / "run.json", added="later")
    change(run / "seed-0001" / "trial.json", added={"later": [1]})
    change_rows(run / "seed-0001", edited(added=1))
    found = store.read([run])
    assert found.broken == []
    assert found.trials[1].rows == tuple(ROWS)


def test_every_flipped_bit_of_a_trial_is_noticed(run: Path) -> None:
    for name in ("trial.json", "epochs.jsonl"):
        file = run / "seed-0001" / name
        whole = file.read_bytes()
        good = store.read([run]).trials[1]
        for position in range(0, len(whole), 7):
            flipped = bytearray(whole)
            flipped[position] ^= 1 << position % 8
            file.write_bytes(flipped)
            found = store.read([run])
            # White space between the parts of JSON says nothing, so it may change; what it says may not.
            assert len(found.broken) == 1 or found.trials[1] == good
        file.write_bytes(whole)
