from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparison import ArmPair, Cell, Comparison, compare
from logitbench.report import figures
from tests.handmade import epoch, publish, run_record
from tests.report.conftest import Hostile


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


def test_a_verdict_says_by_how_much_and_on_how_many_seeds() -> None:
    gaps = {"val_matched_accuracy": Cell(-0.25, 0.125, 2, 0), "val_nll": Cell(1.5, None, 1, 1)}
    pair = ArmPair("double", "logits", identical=1, diverged=0, seeds=3, epoch=7, gaps=gaps)

    assert figures.verdict(pair) == (
        "DIFFERENT: double minus logits at epoch 7, paired by seed (n=3): val_matched_accuracy -0.2500 ± 0.1250, "
        "val_nll +1.5000 (1 diverged); the same to the last bit in 1 of 3 seeds."
    )


def test_a_verdict_of_identity_gives_no_figures() -> None:
    pair = ArmPair("probs", "logits", identical=3, diverged=0, seeds=3, epoch=7, gaps={})

    assert figures.verdict(pair) == (
        "IDENTICAL: probs and logits have the same losses, matched accuracies and final weights, to the last bit, in "
        "3 of 3 seeds."
    )


def test_a_verdict_counts_the_seeds_that_diverged() -> None:
    some = ArmPair("probs", "logits", identical=2, diverged=1, seeds=3, epoch=7, gaps={})
    all_of_them = ArmPair("probs", "logits", identical=0, diverged=3, seeds=3, epoch=7, gaps={})

    assert figures.verdict(some).endswith("to the last bit, in 2 of 3 seeds; 1 diverged.")
    assert figures.verdict(all_of_them).startswith("DIVERGED: probs or logits diverged in every seed")


def test_what_the_data_left_out_is_told(tmp_path: Path) -> None:
    record = run_record().model_copy(update={"dataset": {"notes": ["1 of 61 rows\nwas left out"]}})
    publish(store.create_run(tmp_path, record), [epoch("logits"), epoch("probs")])
    (comparison,) = compare(store.read([tmp_path]).trials)

    assert "data: 1 of 61 rows was left out" in figures.notes(comparison)


def test_a_warning_is_one_line_and_cannot_pass_for_a_verdict(warned: Hostile) -> None:
    (comparison,) = warned("first\nIDENTICAL: all\r\n\n\tis well\v\f\x1c\x85\u2028end")
    assert list(figures.notes(comparison))[-1] == "warning: first IDENTICAL: all is well end"


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


def test_half_a_surrogate_pair_in_a_stored_warning_can_be_written(warned: Hostile) -> None:
    (comparison,) = warned(json.loads('"\\ud83d"'))
    assert list(map(figures.printable, figures.notes(comparison)))[-1] == "warning: \N{REPLACEMENT CHARACTER}"
