from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from logitbench import spec
from logitbench.cli.display import ROOM_FOR_BARS, STARTING, Lines, Live
from logitbench.errors import TrainingError
from logitbench.launchers.worker import TrialDone, TrialFailed
from logitbench.records import EpochEnd, StepProgress
from tests.handmade import epoch

EXPERIMENT = spec.read("breast-cancer", {"training.epochs": 2, "pairs.seeds": 2})
FIVE = {"logits": 0.6774, "probs": 0.6774, "probs-clipped": 0.6774, "double": 0.6932, "raw": 1.5}
BAR = "\N{BOX DRAWINGS HEAVY HORIZONTAL}"
LAST_EPOCH = (
    "seed 1 epoch 2/2  logits: loss 0.5000 val_loss 0.1250 val_accuracy 0.5000  "
    "probs: loss diverged val_loss 0.5000 val_accuracy 0.5000"
)
STEP = StepProgress(seed=1, epoch=2, step=5, steps=10, losses={"logits": 0.25, "probs": 0.5})


def test_until_the_first_step_the_live_display_says_for_what_to_wait() -> None:
    with Live(Console(file=io.StringIO(), force_terminal=True)) as live:
        live.begin(EXPERIMENT, Path("results/here"), 2)
        at_first = [task.description for task in live._progress.tasks]
        live.event(STEP)
        then = [task.description for task in live._progress.tasks]

    assert at_first == [STARTING]
    assert then == ["all seeds", "seed 1 epoch 2/2"]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_only_the_losses_are_cut_where_the_terminal_is_narrow(width: int) -> None:
    rows = io.StringIO()
    with Live(Console(file=io.StringIO(), force_terminal=True, width=width)) as live:
        live.begin(EXPERIMENT, Path("results/here"), 2)
        live.event(StepProgress(seed=1, epoch=2, step=12345, steps=20000, losses=FIVE))
        Console(file=rows, width=width).print(live._progress.get_renderable())

    _, row = rows.getvalue().splitlines()
    assert len(row) <= width - 3  # a ^C fits behind it
    assert "seed 1 epoch 2/2" in row
    assert "32345/40000 -:--:-- logits 0.6774  probs 0.6774" in row
    assert (BAR in row) == (width >= ROOM_FOR_BARS)
    assert ("raw 1.5000" in row) == (width == 160)
    assert ("\N{HORIZONTAL ELLIPSIS}" in row) == (width < 160)


def test_the_live_display_leaves_the_last_epoch_of_a_trial_that_is_done_and_no_rows() -> None:
    stream = io.StringIO()
    with Live(Console(file=stream, force_terminal=True, width=160, color_system=None)) as live:
        live.begin(EXPERIMENT, Path("results/here"), 2)
        live.event(STEP)
        live.event(EpochEnd(1, (epoch("logits", 1), epoch("probs", 1))))
        live.event(EpochEnd(1, (epoch("logits", 2, val_loss=0.125), epoch("probs", 2, loss=None))))
        before = stream.getvalue()
        live.event(TrialDone(1))

    assert "val_loss" not in before
    assert LAST_EPOCH in stream.getvalue()
    assert "epoch 1/2" not in stream.getvalue()
    assert live._progress.tasks == []


def test_the_live_display_leaves_no_rows_when_it_is_interrupted() -> None:
    live = Live(Console(file=io.StringIO(), force_terminal=True))

    def interrupted() -> None:
        with live:
            live.begin(EXPERIMENT, Path("results/here"), 2)
            live.event(STEP)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert live._progress.tasks == []


def test_the_live_display_shows_seed_epoch_step_and_the_losses_side_by_side() -> None:
    stream = io.StringIO()
    with Live(Console(file=stream, force_terminal=True, width=120, color_system=None)) as live:
        live.begin(EXPERIMENT, Path("results/here"), 2)
        live.event(STEP)
        live._progress.refresh()

    shown = stream.getvalue()
    for part in ("results/here", "all seeds", "seed 1 epoch 2/2", "15/20", "15/40", "logits 0.2500  probs 0.5000"):
        assert part in shown


def test_the_live_display_drops_a_trial_that_is_done_and_names_one_that_failed() -> None:
    stream = io.StringIO()
    with Live(Console(file=stream, force_terminal=True, width=120, color_system=None)) as live:
        live.begin(EXPERIMENT, Path("results/here"), 2)
        live.event(STEP)
        live.event(TrialDone(1))
        live.event(TrialFailed(0, TrainingError("out of [red]luck[/red]\x1b[2J")))
        shown_at_last = [task.description for task in live._progress.tasks]

    assert shown_at_last == ["all seeds"]
    assert "seed 0 failed: out of [red]luck[/red]\N{REPLACEMENT CHARACTER}[2J" in stream.getvalue()


def test_without_a_terminal_there_is_a_line_for_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.begin(EXPERIMENT, Path("results/here"), 2)
    lines.event(STEP)
    lines.event(EpochEnd(1, (epoch("logits", 2, val_loss=0.125), epoch("probs", 2, loss=None))))

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[1:] == [STARTING, LAST_EPOCH]


def test_on_a_real_terminal_a_run_is_shown_live(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "logitbench", "run", "--epochs", "2", "--seeds", "1"],
        cwd=tmp_path,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        shown += part
    assert process.wait(timeout=60) == 0
    assert process.stdout is not None
    process.stdout.close()
    os.close(ours)

    text = shown.decode()
    assert "seed 0 epoch" in text
    assert "logits 0." in text
    assert "seed 0 epoch 2/2  logits: loss 0." in text  # what is left of it above the bars
    assert "\x1b[?25l" in text  # the cursor is hidden
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # and shown again
