from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Comparison
from logitbench.report.console import PLAIN_WIDTH, print_comparisons, render_comparisons
from tests.handmade import ASSETS, epoch, trials
from tests.report.conftest import Hostile

HOSTILE = {
    "ansi": "\x1b[31mred\x1b[0m",
    "osc": "\x1b]0;title\x07",
    "c1": "\x9b31m",
    "markup": "[/bold]",
    "link": "[link=file:///etc]x[/link]",
    "emoji": ":skull:",
    "right-to-left": "\u202egpj.exe",
    "isolate": "\u2066a",
    "backspace": "a\b\b",
    "return": "a\rb",
    "null": "a\0b",
}


def on_a_terminal(comparisons: list[Comparison], width: int = 120) -> str:
    stream = io.StringIO()
    print_comparisons(
        comparisons,
        Console(file=stream, width=width, force_terminal=True, color_system="truecolor", legacy_windows=False),
    )
    return stream.getvalue()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_shown_and_not_obeyed(hostile: Hostile, text: str) -> None:
    plain = render_comparisons(hostile(text))
    for character in "\x1b\x9b\x07\b\r\0\u202e\u2066":
        assert character not in plain
    for literal in ("[/bold]", "[link=file:///etc]x[/link]", ":skull:"):
        if literal in text:
            assert plain.count(literal) >= 3  # the heading, a column, the warning


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_terminal_gets_no_escape_but_our_own(hostile: Hostile, text: str) -> None:
    def escapes(comparisons: list[Comparison]) -> set[str]:
        return {part.split("m")[0] for part in on_a_terminal(comparisons).split("\x1b")[1:]}

    assert escapes(hostile(text)) <= escapes(hostile("harmless")) | {"[1;33", "[0"}


def test_every_line_fits_the_width_that_is_promised(awkward: list[Comparison]) -> None:
    text = render_comparisons([*compare(store.read([ASSETS]).trials), *awkward])
    assert max(map(len, text.splitlines())) <= PLAIN_WIDTH
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_name_and_no_figure_is_cut_off_on_a_narrow_terminal(width: int) -> None:
    stream = io.StringIO()
    print_comparisons(
        compare(store.read([ASSETS]).trials, metrics=["val_matched_accuracy"]), Console(file=stream, width=width)
    )
    assert "…" not in stream.getvalue()
    assert "val_matched_accuracy" in stream.getvalue()
    assert stream.getvalue().count("double") >= 3


def test_what_diverged_is_shown_and_counted(awkward: list[Comparison]) -> None:
    text = render_comparisons(awkward)
    assert "diverged (2)" in text
    assert "1.2346e+04 (1 diverged)" in text
    assert "nan" not in text.lower()


def test_a_long_run_says_that_not_every_epoch_is_shown(tmp_path: Path) -> None:
    rows = [epoch("logits", number, loss=float(number)) for number in range(1, 31)]
    text = render_comparisons(compare(trials(tmp_path, [rows]), metrics=["loss"]))
    assert "8 of 30 epochs are shown; compare --format csv has them all." in text
    assert text.count(".0000") == 8


def test_nothing_to_show_is_nothing() -> None:
    assert render_comparisons([]) == ""
