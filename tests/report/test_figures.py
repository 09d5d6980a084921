from __future__ import annotations

import unicodedata

import pytest

from logitbench.compare.comparison import Cell, Comparison
from logitbench.compare.statistics import Paired
from logitbench.report import figures


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(0.73712, 0.00418, 3, 0), "0.7371 ± 0.0042"),
        (Cell(0.73712, None, 1, 0), "0.7371"),
        (Cell(0.0, 0.0, 3, 0), "0.0000 ± 0.0000"),
        (Cell(-0.25, 0.5, 2, 0), "-0.2500 ± 0.5000"),
        (Cell(12345.678, 1.0, 3, 0), "1.2346e+04 ± 1.0000e+00"),
        (Cell(0.00012345, 0.1, 3, 0), "1.2345e-04 ± 1.0000e-01"),
        (Cell(0.5, 0.25, 2, 1), "0.5000 ± 0.2500 (1 diverged)"),
        (Cell(0.5, None, 1, 2), "0.5000 (2 diverged)"),
        (Cell(None, None, 0, 3), "diverged (3)"),
    ],
)
def test_a_cell_shows_mean_spread_and_how_many_diverged(cell: Cell, text: str) -> None:
    assert figures.cell(cell) == text


@pytest.mark.parametrize("count", [1, 2, 8, 9, 30, 1000])
def test_a_table_for_the_eye_has_eight_epochs_at_most_with_the_first_and_the_last(
    awkward: list[Comparison], count: int
) -> None:
    epochs = tuple(range(1, count + 1))
    shown = figures.epochs_shown(Comparison(**(vars(awkward[0]) | {"epochs": epochs})))
    assert len(shown) == min(count, 8)
    assert (shown[0], shown[-1]) == (1, count)
    assert sorted(set(shown)) == shown


def test_one_seed_and_more_are_told_apart_in_the_heading(awkward: list[Comparison]) -> None:
    many = awkward[0]
    one = Comparison(**(vars(many) | {"seeds": (0,)}))
    assert figures.heading(many) == "handmade / first: 2 seeds, mean ± standard deviation over seeds"
    assert figures.heading(one) == "handmade / first: 1 seed, so no spread"


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        (
            Paired(10, mean=-0.0021, spread=0.003, low=-0.003, high=-0.0012, effect=-0.7, p=0.03),
            "-0.0021 [-0.0030, -0.0012] (p=0.03 n=10)",
        ),
        (Paired(6, mean=0.1, spread=1.0, low=-1.0, high=1.2, effect=0.1, p=0.53125), "~ (p=0.53 n=6)"),
        (Paired(3, mean=0.1, spread=1.0, low=-1.0, high=1.2, effect=0.1), "+0.1000 [-1.0000, +1.2000] (n=3)"),
        (Paired(1, 0.1), "+0.1000 (n=1)"),
        (Paired(0), "diverged"),
        (
            Paired(20, mean=0.0875, spread=0.3, low=0.0285, high=0.3497, effect=0.3, p=0.001),
            "+0.0875 [+0.0285, +0.3497] (p=0.001 n=20)",
        ),
        (
            Paired(8, mean=12345.0, spread=1.0, low=12344.0, high=12346.0, effect=1.0, p=0.0078),
            "+1.2345e+04 [+1.2344e+04, +1.2346e+04] (p=0.0078 n=8)",
        ),
    ],
)
def test_a_difference_shows_its_size_p_and_seeds_or_that_there_is_none(sample: Paired, text: str) -> None:
    assert figures.difference(sample) == text


@pytest.mark.parametrize("text", ["plain", "ünïcode ± ≥ 日本", "two\nlines", "e\u0301", "[bold] | <b> `"])
def test_what_a_terminal_shows_is_left_as_it_is(text: str) -> None:
    assert figures.printable(text) == text


def test_nothing_is_left_that_a_terminal_acts_on_or_no_encoding_writes() -> None:
    every = "".join(map(chr, range(0x110000)))
    shown = figures.printable(every)
    assert len(shown) == len(every)
    left = {unicodedata.category(character) for character in shown.replace("\n", "")}
    assert left & {"Cc", "Cf", "Cs"} == set()
    shown.encode()
