"""Runs that are cut short, and the same command with --resume."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from logitbench import provenance, store
from logitbench.launchers import local
from logitbench.store import Claims, sealed
from logitbench.store.layout import CLAIMS
from tests.cli.command import logitbench
from tests.handmade import ASSETS

# 40 divides the 400 training rows: a shorter last batch doubles the time of tracing.
QUICK = ("--arms", "logits,probs-clipped", "--batch-size", "40")
RUN = ("run", "breast-cancer", *QUICK, "--seeds", "4", "--epochs", "40", "--workers", "1", "--name", "one")
TWO_WORKERS = tuple("2" if word == "1" else word for word in RUN)

ONE_EPOCH = ("run", "breast-cancer", *QUICK, "--seeds", "1", "--epochs", "1", "--name", "one")


def as_on_a_terminal() -> None:
    """Restore the handling of signals that a background job or nohup had taken away."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "logitbench", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=as_on_a_terminal,
    )


def wait_for(folder: Path, pattern: str) -> None:
    until = time.monotonic() + 120
    while not list(folder.glob(pattern)):
        assert time.monotonic() < until
        time.sleep(0.02)


def kill_after_the_first_trial(folder: Path) -> None:
    process = start(folder, *TWO_WORKERS)
    wait_for(folder, "results/*/one/seed-*")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def figures(folder: Path) -> pd.DataFrame:
    logitbench("export", "results", "-o", "epochs.csv", cwd=folder)
    return pd.read_csv(folder / "epochs.csv").drop(columns="seconds")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """What a run gives that nobody stops. It loses the reader of its display, which must not cost a trial."""
    folder = tmp_path_factory.mktemp("undisturbed")
    command = [sys.executable, "-m", "logitbench", *RUN]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.close()
        process.wait(timeout=120)
    return figures(folder)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a run of one seed that ``--resume`` began and finished, and what that said."""
    folder = tmp_path_factory.mktemp("finished")
    return folder, logitbench(*ONE_EPOCH, "--resume", cwd=folder).stderr


@pytest.mark.slow
def test_a_run_that_is_killed_with_its_workers_is_finished_to_the_same_bits(
    tmp_path: Path, undisturbed: pd.DataFrame
) -> None:
    kill_after_the_first_trial(tmp_path)
    published = {path: path.stat().st_mtime_ns for path in tmp_path.glob("results/*/one/seed-*/*")}

    again = logitbench(*RUN, "--resume", cwd=tmp_path)

    assert "of 4 seeds are finished" in again.stderr
    pd.testing.assert_frame_equal(figures(tmp_path), undisturbed)
    assert published.items() <= {p: p.stat().st_mtime_ns for p in tmp_path.glob("results/*/one/seed-*/*")}.items()
    assert "Nothing is missing" in logitbench(*RUN, "--resume", cwd=tmp_path).stderr


def test_a_run_that_is_interrupted_names_what_is_saved_and_the_command_that_goes_on(
    tmp_path: Path, undisturbed: pd.DataFrame
) -> None:
    process = start(tmp_path, *RUN)
    wait_for(tmp_path, "results/*/one/seed-*")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 130, said
    assert "interrupted; saved in results/breast-cancer/one: seed-000" in said
    (line,) = [line for line in said.splitlines() if line.startswith("Next: ")]
    command = line.removeprefix("Next:").split()
    assert command[0] == "logitbench"
    logitbench(*command[1:], cwd=tmp_path)
    pd.testing.assert_frame_equal(figures(tmp_path), undisturbed)


@pytest.mark.parametrize(
    ("number", "workers"),
    [
        (signal.SIGHUP, 1),
        *(pytest.param(number, 2, marks=pytest.mark.slow) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)),
    ],
)
def test_a_signal_to_a_run_and_all_its_workers_ends_it_as_ctrl_c_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, workers: int
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    endless = ("run", "breast-cancer", *QUICK, "--epochs", "100000")
    process = start(tmp_path, *endless, "--seeds", str(workers), "--workers", str(workers))
    wait_for(tmp_path, "results/*/*/.attempts/*/epochs.*")
    assert list(temporary.glob("logitbench-*"))

    os.killpg(process.pid, number)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 128 + number, said
    assert "interrupted; no seed was finished in results/breast-cancer/" in said
    assert "--resume" in said
    assert "Traceback" not in said
    assert "tried once more" not in said or number == signal.SIGTERM  # a worker may end before the run hears
    assert not list(temporary.glob("logitbench-*"))


HANGING = """
import tempfile, time, keras
def trunk(input_shape, num_classes):
    tempfile.mkstemp()
    open("hangs", "w").close()
    time.sleep(600)
"""


def hanging(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a run whose trials never report, and wait until one hangs."""
    (folder / "mine.py").write_text(HANGING)
    process = start(folder, "run", "breast-cancer", "--seeds", "1", "--set", "model.name=mine:trunk", *arguments)
    wait_for(folder, "hangs")
    return process


def test_a_second_interrupt_stops_at_once_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    process = hanging(tmp_path)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None  # it waits for its worker

    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=local.GRACE / 2)

    assert process.returncode == 130, said
    assert "interrupted; no seed was finished in results/breast-cancer/" in said
    assert "--resume" in said
    assert "Traceback" not in said
    assert not [path for path in tmp_path.glob("results/**/seed-*") if ".attempts" not in path.parts]


def test_a_trial_that_hangs_is_given_up_and_the_import_does_not_count(tmp_path: Path) -> None:
    said, _ = hanging(tmp_path, "--trial-timeout", "0.5").communicate(timeout=120)

    assert "not finished after 0.5 seconds" in said
    assert "0 of 1 seeds are finished" in said


def test_workers_end_with_a_parent_that_is_killed_and_doctor_moves_what_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_tensorflow: dict[str, str]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    process = hanging(tmp_path)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()

    until = time.monotonic() + 10
    while any(Path(f"/proc/{child}/cmdline").exists() and is_running(child) for child in children):
        assert time.monotonic() < until
        time.sleep(0.1)
    process.communicate()

    (left,) = temporary.iterdir()  # what the worker made is inside
    assert f"left over: {left}" in logitbench("doctor", cwd=tmp_path, environment=no_tensorflow).stdout
    assert left.exists()
    assert "now in " in logitbench("doctor", "--repair", cwd=tmp_path, environment=no_tensorflow).stdout
    (moved,) = temporary.iterdir()
    assert (moved / left.name / "worker-1.log").exists()
    assert "left over" not in logitbench("doctor", cwd=tmp_path, environment=no_tensorflow).stdout


def is_running(pid: str) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    return False


def test_a_display_that_nobody_reads_any_more_costs_no_trial(undisturbed: pd.DataFrame) -> None:
    assert sorted(undisturbed["seed"].unique()) == [0, 1, 2, 3]


def test_a_seed_that_another_process_trains_is_left_to_it_and_trained_when_that_gives_it_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    command = ("run", "breast-cancer", *QUICK, "--seeds", "2", "--epochs", "1", "--workers", "1", "--name", "one")
    process = start(tmp_path, *command, "--resume")
    run = tmp_path / "results" / "breast-cancer" / "one"
    wait_for(tmp_path, "results/*/one")
    with Claims(run) as claims:
        assert claims.take(1) is None
        assert process.stdout
        for line in process.stdout:
            if "Waiting for" in line:
                break
        assert f"process {os.getpid()} on " in line
        assert "seed 1 " in line
        assert [path.name for path in run.glob("seed-*")] == ["seed-0000"]

    said, _ = process.communicate(timeout=120)

    assert process.returncode == 0, said
    assert [trial.record.seed for trial in store.read([run]).trials] == [0, 1]
    assert list((run / CLAIMS).iterdir()) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_six_commands_that_resume_the_same_run_share_its_seeds(tmp_path: Path, undisturbed: pd.DataFrame) -> None:
    kill_after_the_first_trial(tmp_path)

    missing = [seed for seed in range(4) if not list(tmp_path.glob(f"results/*/one/seed-{seed:04}"))]
    assert missing
    processes = [start(tmp_path, *RUN, "--resume") for _ in range(6)]
    said = [process.communicate(timeout=240)[0] for process in processes]

    assert [process.returncode for process in processes] == [0] * 6, said
    pd.testing.assert_frame_equal(figures(tmp_path), undisturbed)
    trained = [line.split()[1] for text in said for line in text.splitlines() if " epoch 40/40 " in line]
    assert sorted(trained) == [str(seed) for seed in missing]


@pytest.mark.slow
def test_two_runs_into_the_same_folder_do_each_other_no_harm(tmp_path: Path) -> None:
    run = ("run", "breast-cancer", "--seeds", "2", "--epochs", "2", "--workers", "1")
    both = [start(tmp_path, *run) for _ in range(2)]
    for one in both:
        said, _ = one.communicate(timeout=120)
        assert one.returncode == 0, said

    table = figures(tmp_path)
    first, second = [part.drop(columns="run_id").reset_index(drop=True) for _, part in table.groupby("run_id")]
    pd.testing.assert_frame_equal(first, second)
    assert "2 runs, 4 trials are whole" in logitbench("doctor", cwd=tmp_path).stdout


KILLS = int(os.environ.get("LOGITBENCH_KILLS", 9))
"""Three of each kind in CI, where each takes half a minute; set 50 before a release."""

VICTIMS = ("all", "parent", "worker")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_run_that_is_killed_again_and_again_ends_in_the_same_bits(tmp_path: Path) -> None:
    """Parent and workers at once or one of them alone, at random moments from the start of Python on."""
    run = ("run", "breast-cancer", "--seeds", "8", "--epochs", "40", "--workers", "2", "--name", "one", "--quiet")
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    began = time.monotonic()
    logitbench(*run, cwd=undisturbed)
    whole = time.monotonic() - began
    expected = figures(undisturbed)
    moments = random.Random(4)
    kills = finished = 0
    while kills < KILLS or not finished:
        folder = tmp_path / str(finished)
        folder.mkdir(exist_ok=True)
        begun = (folder / "results/breast-cancer/one").exists()
        process = start(folder, *run, *(["--resume"] if begun else []))
        try:
            process.communicate(timeout=moments.uniform(0, 1.3 * whole) if kills < KILLS else None)
        except subprocess.TimeoutExpired:
            kill_some(process, VICTIMS[kills % len(VICTIMS)], moments)
            process.communicate()
            kills += 1
        if process.returncode == 0:
            pd.testing.assert_frame_equal(figures(folder), expected)
            finished += 1


def kill_some(process: subprocess.Popen[str], which: str, moments: random.Random) -> None:
    """Kill a run with all its workers, or the parent alone, or a worker alone, whose trial is then tried once more."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    if which == "worker" and children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(moments.choice(children)), signal.SIGKILL)
    elif which == "parent":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def test_one_command_begins_a_run_and_resumes_it_and_without_resume_says_that_it_is_complete(
    finished: tuple[Path, str],
) -> None:
    folder, said = finished
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert "no run named one in results/breast-cancer: a new run begins" in said
    assert "Nothing is missing" in logitbench(*ONE_EPOCH, "--resume", cwd=folder).stderr
    refused = logitbench(*ONE_EPOCH, cwd=folder, expect=2).stderr

    assert "the run 'one' in results/breast-cancer is complete: 1 of 1 seeds are finished" in refused
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_named_run_that_cannot_be_read_is_not_begun_again(
    tmp_path: Path, finished: tuple[Path, str], no_tensorflow: dict[str, str]
) -> None:
    shutil.copytree(finished[0], tmp_path, dirs_exist_ok=True)
    (tmp_path / "results/breast-cancer/one/run.json").write_text("{}")

    damaged = logitbench(*ONE_EPOCH, "--resume", cwd=tmp_path, expect=2).stderr

    assert "cannot read the run 'one' in results/breast-cancer: run.json is not a results file" in damaged
    assert "a new run begins" not in damaged
    (command,) = re.findall(r"`logitbench (doctor .*?)`", damaged)
    told = logitbench(*command.split(), cwd=tmp_path, expect=1, environment=no_tensorflow).stdout
    assert "for run.json there is only a backup" in told
    unnamed = logitbench(*ONE_EPOCH[:-2], "--resume", cwd=tmp_path).stderr
    assert "Cannot resume results/breast-cancer/one: run.json is not a results file.\n" in unnamed


def test_another_experiment_is_not_resumed(finished: tuple[Path, str]) -> None:
    folder, _ = finished

    refused = logitbench(*ONE_EPOCH, "--set", "training.optimizer=sgd", "--resume", cwd=folder, expect=2)

    assert "training.optimizer was 'adam' and is 'sgd'" in refused.stderr
    both = logitbench(*ONE_EPOCH, "--resume", "--needed", cwd=folder, expect=2)
    assert "exclude each other" in both.stderr


@pytest.mark.slow
def test_only_needed_seeds_are_run(tmp_path: Path) -> None:
    run = ("run", "breast-cancer", "--epochs", "1", "--needed")
    logitbench(*run, "--seeds", "1", cwd=tmp_path)
    logitbench(*run, "--seeds", "3", "--name", "one", cwd=tmp_path)
    shutil.rmtree(tmp_path / "results/breast-cancer/one/seed-0002")
    again = logitbench(*run, "--seeds", "3", "--name", "one", cwd=tmp_path, expect=2).stderr
    assert "Finish it: the same command with --resume in place of --needed." in again
    logitbench(*run[:-1], "--resume", "--seeds", "3", "--name", "one", cwd=tmp_path)

    nothing = logitbench(*run, "--seeds", "2", cwd=tmp_path)

    assert "Nothing is missing" in nothing.stderr
    seeds = [[path.name for path in sorted(run.glob("seed-*"))] for run in sorted(tmp_path.glob("results/*/*"))]
    assert seeds == [["seed-0000"], ["seed-0001", "seed-0002"]]


def made_here(path: Path) -> None:
    """Change a run's versions to the installed ones: a run made with others is not resumed."""
    table = json.loads(path.read_text())
    del table["sha256"]
    installed = provenance.environment()
    table["environment"] = {key: installed.get(key, value) for key, value in table["environment"].items()}
    path.write_text(json.dumps({**table, "sha256": sealed._digest(table)}))


def test_a_run_of_an_older_schema_is_gone_on_with_and_what_is_added_counts(tmp_path: Path) -> None:
    """Its digest may have been taken of other keys than today's."""
    shutil.copytree(ASSETS.with_name("results-schema-2"), tmp_path / "results")
    (run,) = tmp_path.glob("results/*/reference")
    shutil.rmtree(run / "seed-0001")
    made_here(run / "run.json")
    asked = ("breast-cancer-raw", "--epochs", "3", "--seeds", "2", "--arms", "logits,probs-clipped")

    said = logitbench("run", *asked, "--resume", cwd=tmp_path).stderr

    assert "1 of 2 seeds are finished" in said
    assert "Nothing is missing" in logitbench("run", *asked, "--resume", cwd=tmp_path).stderr
