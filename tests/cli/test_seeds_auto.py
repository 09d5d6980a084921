from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.command import in_process, logitbench
from tests.cli.test_resume import start, wait_for

STEP = ("--epochs", "1", "--batch-size", "400", "--quiet", "--name", "one")
PLAIN = ("run", "breast-cancer-raw", "--arms", "logits,probs-clipped", *STEP)
# One step of a huge learning rate: each arm ends anywhere, and the difference has no sign.
NOISE = ("run", "breast-cancer", "--arms", "logits,double", "--set", "training.optimizer_options.learning_rate=1.0")


def planned(folder: Path) -> list[int]:
    (run,) = folder.glob("results/*/one")
    assert len(list(run.glob("seed-*"))) == len(json.loads((run / "run.json").read_text())["seeds"])
    return list(json.loads((run / "run.json").read_text())["seeds"])


def test_a_run_with_a_plain_difference_stops_at_the_first_look(tmp_path: Path) -> None:
    done = logitbench(*PLAIN, "--seeds", "auto", cwd=tmp_path)
    assert planned(tmp_path) == list(range(8))
    said = " ".join(done.stdout.split())
    assert "judged after 8 seeds, with p and interval corrected for looks at 8, 16, 32 and 64 seeds." in said
    again = logitbench(*PLAIN, "--seeds", "auto", "--resume", cwd=tmp_path)
    assert planned(tmp_path) == list(range(8))
    assert again.stdout == done.stdout


def test_seeds_are_added_until_the_most_that_are_wanted_and_later_more(tmp_path: Path) -> None:
    noise = tuple(word for word in (*NOISE, *STEP) if word != "--quiet")
    done = logitbench(*noise, "--seeds", "auto", "--most-seeds", "8", cwd=tmp_path)
    assert planned(tmp_path) == list(range(8))
    assert "INCONCLUSIVE" in done.stdout
    more = logitbench(*noise, "--seeds", "auto", "--most-seeds", "16", "--resume", cwd=tmp_path)
    assert planned(tmp_path) == list(range(16))
    assert "No verdict on double after 8 seeds: seeds 8 to 15 follow." in more.stderr
    assert "judged after 16 seeds" in " ".join(more.stdout.split())


AUTO = (*NOISE, *STEP, "--seeds", "auto", "--most-seeds", "16", "--workers", "1")


@pytest.mark.slow
def test_a_run_that_was_interrupted_between_looks_ends_like_one_that_was_not(tmp_path: Path) -> None:
    run = start(tmp_path, *AUTO)
    wait_for(tmp_path, "results/*/one/seed-0008")
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert run.returncode == 130
    resumed = logitbench(*AUTO, "--resume", cwd=tmp_path)
    assert planned(tmp_path) == list(range(16))
    (other := tmp_path / "other").mkdir()
    assert resumed.stdout == logitbench(*AUTO, cwd=other).stdout


@pytest.mark.slow
def test_two_processes_share_the_seeds_of_a_run_that_adds_some(tmp_path: Path) -> None:
    runs = [start(tmp_path, *AUTO, "--resume") for _ in range(2)]
    said = [run.communicate(timeout=280)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert planned(tmp_path) == list(range(16))
    assert said[0] == said[1]


def test_a_run_says_before_its_training_how_many_seeds_its_arms_need(tmp_path: Path) -> None:
    run = ("run", "breast-cancer", "--arms", "logits,probs-clipped,double", "--epochs", "1", "--batch-size", "400")
    done = logitbench(*run, "--seeds", "2", cwd=tmp_path)
    first = done.stderr.splitlines()[0]
    assert first == (
        "2 pairs of arms are compared: a difference needs at least 7 seeds to be shown at 0.05, and this run has 2."
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--most-seeds", "16"], "--most-seeds goes with --seeds auto"),
        (["--seeds", "auto", "--most-seeds", "7"], "--most-seeds should be one of 8, 16, 32, 64, got 7"),
        (["--seeds", "auto", "--needed"], "--needed and --seeds auto exclude each other"),
        (["--seeds", "all"], "pairs.seeds should be auto or a whole number from 1 to 100,000, got 'all'"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    assert said in in_process("run", "digits", *arguments, cwd=tmp_path, expect=2).stderr
    assert not (tmp_path / "results").exists()
