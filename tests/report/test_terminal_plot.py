from __future__ import annotations

import sys
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Comparison
from logitbench.errors import UsageError
from logitbench.report import figures
from logitbench.report.curves import NARROWEST, SIGNS
from logitbench.report.terminal_plot import render
from tests.handmade import ASSETS, epoch, trials
from tests.report.conftest import Hostile

pytest.importorskip("plotext")


@pytest.fixture
def real() -> list[Comparison]:
    return compare(store.read([ASSETS]).trials, metrics=["loss", "val_accuracy"])


@pytest.mark.parametrize("width", [NARROWEST, 80, 200])
def test_a_plot_keeps_to_its_width(real: list[Comparison], width: int) -> None:
    lines = [line for line in render(real, width).splitlines() if "│" in line]
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) >= width - 2


def test_there_are_no_colours_and_no_blanks_at_the_end_of_lines(real: list[Comparison]) -> None:
    text = render(real, 80)
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_every_arm_has_its_sign_and_every_metric_its_plot(real: list[Comparison]) -> None:
    text = render(real[:1], 80)
    assert "loss: o logits, x probs, + probs-clipped, * double\n" in text
    assert "val_accuracy: o logits" in text
    assert text.count("epoch\n") == 2
    assert all(sign in text.split("val_accuracy:")[1].split("\n", 1)[1] for sign in "ox*")


def test_falling_figures_fall(tmp_path: Path) -> None:
    rows = [[epoch("logits", number, loss=1.0 - number / 10) for number in range(1, 6)]]
    plot = [line for line in render(compare(trials(tmp_path, rows), metrics=["loss"]), 60).splitlines() if "o" in line]
    firsts = [line.index("o") for line in plot if "│" in line]
    assert firsts == sorted(firsts)
    assert len(firsts) > 5


def test_epochs_are_marked_as_in_the_table(tmp_path: Path) -> None:
    rows = [[epoch("logits", number, loss=float(number)) for number in range(1, 31)]]
    records = compare(trials(tmp_path, rows), metrics=["loss"])
    ticks = next(line for line in render(records, 100).splitlines() if line.split()[:1] == ["1"])
    assert ticks.split() == [str(number) for number in figures.epochs_shown(records[0])]


def test_what_diverged_is_left_out_of_the_plot(awkward: list[Comparison]) -> None:
    assert SIGNS[2] not in render(awkward, 80).split("raw", 1)[1]


def test_where_nothing_is_finite_that_is_said(tmp_path: Path) -> None:
    records = compare(trials(tmp_path, [[epoch("logits", loss=None)]]), metrics=["loss"])
    assert render(records, 80).endswith("loss: o logits\nall arms diverged\n")


def test_the_same_results_make_the_same_plot(real: list[Comparison]) -> None:
    assert render(real, 80) == render(real, 80)


def test_a_hostile_name_cannot_command_the_terminal(hostile: Hostile) -> None:
    text = render(hostile("\x1b[31mred\u202e"), 80)
    assert not {"\x1b", "\u202e"} & set(text)


def test_without_plotext_it_is_named(real: list[Comparison], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotext", None)
    with pytest.raises(UsageError, match="needs the package plotext, which is not installed") as caught:
        render(real, 80)
    assert caught.value.hint == "Run: pip install 'logitbench[report]'"
