from __future__ import annotations

import dataclasses
import json
import unicodedata
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import ArmPair, Cell, Comparison
from logitbench.compare.overview import Estimate, Overall
from logitbench.compare.statistics import Paired
from logitbench.compare.verdict import Declared, Evidence, Verdict
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


NUMBER = "val_nll at the last epoch, double minus logits"
SAMPLE = Paired(10, 0.5, 0.25, 0.25, 0.75, "t", 2.0, 0.0019)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (
            Evidence(SAMPLE, Verdict.A_BETTER, p=0.0039, equivalence_p=0.9, tests=2),
            f"A BETTER: logits is better than double: {NUMBER}: +0.5000 ± 0.2500 (p=0.0039 after Holm over 2 pairs, "
            "n=10, d=2).",
        ),
        (
            Evidence(SAMPLE, Verdict.B_BETTER, p=0.0001, equivalence_p=0.9),
            f"B BETTER: double is better than logits: {NUMBER}: +0.5000 ± 0.2500 (p<0.001, n=10, d=2).",
        ),
        (
            Evidence(SAMPLE, Verdict.INCONCLUSIVE, p=0.34, equivalence_p=0.9, needed=41),
            f"INCONCLUSIVE: {NUMBER}: +0.5000 ± 0.2500 (p=0.34, n=10, d=2); about 41 seeds would settle it at power "
            "0.8, if mean and spread stay as they are.",
        ),
        (
            Evidence(SAMPLE, Verdict.INCONCLUSIVE, p=0.34, equivalence_p=0.9),
            f"INCONCLUSIVE: {NUMBER}: +0.5000 ± 0.2500 (p=0.34, n=10, d=2); it would take more than 10,000 "
            "seeds to settle it at power 0.8.",
        ),
        (
            Evidence(Paired(10, 0.001, 0.002, 0.0, 0.002, "t", 0.5, 0.2), Verdict.EQUIVALENT, 0.2, 0.0002),
            f"EQUIVALENT: {NUMBER}: +0.0010 ± 0.0010 (n=10), within ±0.01 (p<0.001 of two one-sided tests).",
        ),
        (
            Evidence(Paired(10, 0.001, 0.002, 0.0, 0.002, "t", 0.5, 0.01), Verdict.EQUIVALENT, 0.03, 0.0002, 3),
            f"EQUIVALENT: {NUMBER}: +0.0010 ± 0.0010 (n=10), within ±0.01 (p<0.001 of two one-sided tests after "
            "Holm over 3 pairs), though they do differ (p=0.03).",
        ),
        (
            Evidence(Paired(3, 0.5, 0.25, 0.25, 0.75, "t", 2.0), Verdict.TOO_FEW_SEEDS),
            f"TOO FEW SEEDS: {NUMBER}: +0.5000 ± 0.2500 (n=3); the least p that 3 can reach is 0.25, and 6 seeds are "
            "needed for 0.05.",
        ),
        (
            Evidence(Paired(0), Verdict.DIVERGED),
            "DIVERGED: in every seed double or logits has no finite val_nll; nothing can be said of them.",
        ),
        (
            Evidence(Paired(10, 0.0), Verdict.IDENTICAL),
            "IDENTICAL: double and logits have the same losses, matched accuracies and final weights, to the last bit, "
            "in 4 of 10 seeds.",
        ),
    ],
    ids=lambda value: str(value.verdict) if isinstance(value, Evidence) else "",
)
def test_a_verdict_names_its_number_and_its_evidence(evidence: Evidence, said: str) -> None:
    pair = ArmPair("double", "logits", 10, 4, 0, (0, 0), evidence, {}, (), ())

    assert figures.verdict(pair, Declared()) == said


def test_a_verdict_counts_the_seeds_that_diverged() -> None:
    evidence = Evidence(SAMPLE, Verdict.A_BETTER, p=0.0039)
    pair = ArmPair("double", "logits", 12, 0, 2, (0, 2), evidence, {}, (), ())

    assert figures.verdict(pair, Declared()).endswith("; 2 of 12 seeds diverged, logits alone in 2.")


def test_a_verdict_names_the_epoch_that_was_declared() -> None:
    pair = ArmPair("double", "logits", 10, 0, 0, (0, 0), Evidence(SAMPLE, Verdict.A_BETTER, p=0.0039), {}, (), ())

    assert "val_loss at its best val_nll, double" in figures.verdict(pair, Declared("val_loss", "best:val_nll"))


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        (Paired(10, -0.0021, 0.003, -0.003, -0.0012, "t", -0.7, 0.03), "-0.0021 ± 0.0009 (p=0.03 n=10)"),
        (Paired(6, 0.1, 1.0, -1.0, 1.2, "t", 0.1, 0.53125), "~ (p=0.53 n=6)"),
        (Paired(3, 0.1, 1.0, -1.0, 1.2, "t", 0.1), "+0.1000 ± 1.1000 (n=3)"),
        (Paired(1, 0.1), "+0.1000 (n=1)"),
        (Paired(0), "diverged"),
        (Paired(20, 0.0875, 0.3, 0.0285, 0.3497, "BCa", 0.3, 0.001), "+0.0875 (+0.0285 to +0.3497) (p=0.001 n=20)"),
        (Paired(8, 12345.0, 1.0, 12344.0, 12346.0, "t", 1.0, 0.0078), "+1.2345e+04 ± 1.0000e+00 (p=0.0078 n=8)"),
    ],
)
def test_a_difference_shows_its_size_p_and_seeds_or_that_there_is_none(sample: Paired, text: str) -> None:
    assert figures.difference(sample) == text


def test_what_holds_over_experiments_is_a_sentence() -> None:
    group = Overall(
        "", 3, False, 24, 2, ("few",), "double", "logits", Estimate(0.25, 0.1, 0.4), Estimate(0.5, 0.25, 0.75)
    )
    mixed = dataclasses.replace(group, mixed=True, name="float32")

    told, of_runs = figures.over_experiments([group, mixed], Declared())

    assert told == (
        "over 3 experiments, 24 seeds: double improves on logits with probability 0.25 (95 % bootstrap interval 0.10 "
        "to 0.40); interquartile mean of val_nll, double minus logits: +0.5000 (+0.2500 to +0.7500); in 2 seeds one of "
        "them has no number, which counts as worse than any, and is not in the mean; left out for fewer than 6 seeds: "
        "few."
    )
    assert of_runs.startswith("over 3 groups of runs of float32, 24 seeds: ")


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
