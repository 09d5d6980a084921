from __future__ import annotations

import json
import os
import shutil
import tracemalloc
from pathlib import Path

import pytest

from logitbench import doctor, store
from logitbench.records import SCHEMA_VERSION, FailureRecord
from logitbench.store import TrialWriter, disk
from logitbench.store.layout import ATTEMPTS, RUN_FILE
from tests.cli.command import logitbench
from tests.handmade import epoch, publish, run_record
from tests.hostile.test_fuzz import seal

ROWS = [epoch(arm, number) for number in (1, 2) for arm in ("logits", "probs")]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of eight seeds: two whole, one broken, one of another schema, one failed, one torn, two not begun."""
    folder = store.create_run(tmp_path / "results", run_record(epochs=2, seeds=8))
    for seed in range(4):
        publish(folder, ROWS, seed)
    (folder / "seed-0002" / "epochs.jsonl").write_text("{}\n")
    newer = json.loads((folder / "seed-0003" / "trial.json").read_text()) | {"schema_version": SCHEMA_VERSION + 1}
    (folder / "seed-0003" / "trial.json").write_text(json.dumps(newer))
    failure = FailureRecord(schema_version=SCHEMA_VERSION, seed=4, kind="TrainingError", message="it burnt", hint="")
    store.record_failure(folder, failure)
    with TrialWriter(folder, 5) as writer:
        writer.append(ROWS[:2])
    (attempt,) = (folder / ATTEMPTS).iterdir()
    with (attempt / "epochs.jsonl").open("a") as file:
        file.write('{"arm": "log')
    return folder


def test_it_tells_what_is_there(run: Path) -> None:
    with TrialWriter(run, 6) as writer:
        writer.append(ROWS[:2])

        examination = doctor.examine([run.parents[1]])

    assert examination.whole == 2
    assert [(one.path, one.what) for one in examination.findings if one.kind == "partial"] == [
        (run, "4 of 8 seeds are there")
    ]
    kinds = {finding.path.name[:9]: finding.kind for finding in examination.findings if finding.kind != "partial"}
    assert kinds == {
        "seed-0002": "broken",
        "seed-0003": "other schema",
        "seed-0004": "failed",
        "seed-0005": "torn",
        "seed-0006": "running",
    }
    assert [finding.what for finding in examination.findings if finding.kind == "failed"] == ["failed: it burnt"]


def test_repair_moves_what_is_broken_aside_cuts_torn_lines_and_deletes_nothing(run: Path) -> None:
    before = {path.read_bytes() for path in run.rglob("*") if path.is_file() and ATTEMPTS not in path.parts}

    done = [doctor.repair(finding) for finding in doctor.examine([run]).findings]

    assert len([what for what in done if what]) == 2
    examination = doctor.examine([run])
    assert examination.whole == 2
    assert sorted(finding.kind for finding in examination.findings) == ["failed", "other schema", "partial", "stale"]
    assert (run / "broken" / "seed-0002-1" / "epochs.jsonl").read_text() == "{}\n"
    (attempt,) = (run / ATTEMPTS).iterdir()
    assert (attempt / "epochs.jsonl").read_text().count("\n") == 2
    assert before <= {path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_a_file_that_tears_again_is_cut_again_and_both_ends_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "epochs.jsonl"
    path.write_text("a line\nand a half")

    assert disk.cut_torn_line(path)
    with path.open("a") as file:
        file.write("and a third")
    assert disk.cut_torn_line(path)

    assert path.read_text() == "a line\n"
    assert (tmp_path / "epochs.jsonl.torn").read_text() == "and a halfand a third"


def test_repair_changes_nothing_outside_the_results(run: Path, tmp_path: Path) -> None:
    """What another has put into the results may lead elsewhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "epochs.jsonl").write_text("a line\nand a half")
    (run / ATTEMPTS / "seed-0009-link").symlink_to(outside)
    (run / ATTEMPTS / "seed-0010-file").mkdir()
    (run / ATTEMPTS / "seed-0010-file" / "epochs.jsonl").symlink_to(outside / "epochs.jsonl")
    (run / ATTEMPTS / "seed-0011-pipe").mkdir()
    os.mkfifo(run / ATTEMPTS / "seed-0011-pipe" / "epochs.jsonl")
    (tmp_path / "elsewhere").symlink_to(run / ATTEMPTS)

    for finding in doctor.examine([run]).findings:
        doctor.repair(finding)

    assert (outside / "epochs.jsonl").read_text() == "a line\nand a half"


def test_a_trial_that_was_set_right_since_it_was_looked_at_is_left_where_it_is(run: Path) -> None:
    (finding,) = [one for one in doctor.examine([run]).findings if one.kind == "broken"]
    assert doctor.repair(finding)
    publish(run, ROWS, 2)

    assert doctor.repair(finding) is None

    assert doctor.examine([run]).whole == 3


@pytest.mark.parametrize("seeds", ["abc", 10**12, -1, 0, [1], None])
def test_a_run_of_another_that_asks_for_no_number_of_seeds_is_broken(run: Path, seeds: object) -> None:
    table = json.loads((run / RUN_FILE).read_text())
    table["spec"]["pairs"]["seeds"] = seeds
    seal(run / RUN_FILE, table)

    (finding,) = [one for one in doctor.examine([run]).findings if one.kind == "broken"]

    assert "how many epochs or seeds" in finding.what
    assert doctor.repair(finding) is None


def test_a_copy_is_left_where_it_is(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run.parents[1], tmp_path / "backup")
    both = tmp_path / "both"
    both.mkdir()
    for number, name in enumerate(("results", "backup")):
        (tmp_path / name).rename(both / str(number))

    for path in (both / "0", both / "1"):
        for finding in doctor.examine([path]).findings:
            doctor.repair(finding)
        assert doctor.examine([path]).whole == 2
    copies = doctor.examine([both / "0" / "handmade", both / "1" / "handmade"])
    assert "copy" not in {finding.kind for finding in copies.findings}


def test_what_is_no_results_folder_yet_is_told_without_an_error(tmp_path: Path) -> None:
    (tmp_path / "experiment" / ".new-1").mkdir(parents=True)
    (tmp_path / "experiment" / "run").mkdir()
    (tmp_path / "experiment" / "run" / ATTEMPTS).write_text("a file")

    examination = doctor.examine([tmp_path])

    assert [(one.kind, one.path.name) for one in examination.findings] == [("stale", ".new-1")]


def test_a_run_that_was_never_begun_is_told(run: Path) -> None:
    (run.parent / ".new-abc").mkdir()
    (run.parent / ".new-abc" / RUN_FILE).write_bytes((run / RUN_FILE).read_bytes())

    examination = doctor.examine([run.parents[1]])

    assert "a run that was not begun" in [finding.what for finding in examination.findings]
    assert examination.whole == 2


def test_the_command_tells_and_repairs_and_exits_1_while_something_is_wrong(
    run: Path, no_tensorflow: dict[str, str]
) -> None:
    folder = run.parents[2]

    told = logitbench("doctor", cwd=folder, expect=1)
    assert "1 runs, 2 trials are whole." in told.stdout
    assert "broken: results/" in told.stdout
    assert "keras: " in told.stdout
    assert "cache: " in told.stdout
    assert "trains on: " in told.stdout
    assert "known holes in this Keras: none" in told.stdout

    repaired = logitbench("doctor", "results", "--repair", cwd=folder, expect=1, environment=no_tensorflow).stdout
    assert "repaired: " in repaired
    for name in ("failed/seed-0004.json", "seed-0003/trial.json"):
        (run / name).unlink()
    (run / "seed-0003").rename(folder / "elsewhere")
    assert "1 runs, 2 trials are whole." in logitbench("doctor", cwd=folder, environment=no_tensorflow).stdout


def test_without_results_it_tells_of_the_environment(tmp_path: Path) -> None:
    told = logitbench("doctor", cwd=tmp_path)

    assert "No results here." in told.stdout
    assert "tensorflow: " in told.stdout
    assert told.stderr == ""  # nothing of TensorFlow's noise
    assert "there is no results folder nowhere" in logitbench("doctor", "nowhere", cwd=tmp_path, expect=2).stderr


def test_without_tensorflow_it_tells_why(tmp_path: Path, no_tensorflow: dict[str, str]) -> None:
    told = logitbench("doctor", cwd=tmp_path, environment=no_tensorflow)

    assert "trains on: nothing, TensorFlow cannot be imported: no such library today" in told.stdout


def test_memory_does_not_grow_with_the_number_of_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    rows = [epoch(arm, number) for number in range(1, 101) for arm in ("logits", "probs")]
    folder = store.create_run(tmp_path, run_record(epochs=100, seeds=60))
    peaks = []
    for seeds in (range(3), range(3, 60)):
        for seed in seeds:
            publish(folder, rows, seed)
        tracemalloc.start()
        assert doctor.examine([tmp_path]).whole == seeds.stop
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.5 * peaks[0]
