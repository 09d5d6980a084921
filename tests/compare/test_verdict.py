from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from logitbench import store
from logitbench.compare.declared import Declared
from logitbench.compare.figures import figures
from logitbench.compare.statistics import Array, paired
from logitbench.compare.verdict import FEW_ENOUGH_TO_LEAVE_OUT, Evidence, Verdict, judge
from tests.cli.command import logitbench

NLL = Declared("val_nll")


def alone(numbers: Iterable[float], declared: Declared = NLL) -> Evidence:
    (evidence,) = judge([np.array(list(numbers), dtype="float64")], declared)
    return evidence


def spaced(low: float, high: float, n: int) -> Array:
    return np.linspace(low, high, n)


# Verdicts


def test_where_no_seed_has_both_numbers_the_verdict_is_that_they_diverged() -> None:
    for numbers in ([], [np.nan] * 8, [np.inf] * 8):
        evidence = alone(numbers)
        assert (evidence.verdict, evidence.p, evidence.equivalence_p) == (Verdict.DIVERGED, None, None)


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("difference", [0.0, 5.0])
def test_fewer_than_six_differences_are_too_few_whatever_they_are(n: int, difference: float) -> None:
    evidence = alone([difference] * n)
    assert (evidence.verdict, evidence.p, evidence.equivalence_p) == (Verdict.TOO_FEW_SEEDS, None, None)
    assert (evidence.needed, evidence.doubts) == (6, ())


def test_seeds_that_diverged_do_not_make_up_six() -> None:
    assert alone([0.3] * 5 + [np.nan] * 5).verdict is Verdict.TOO_FEW_SEEDS
    assert alone([0.3] * 6 + [np.nan] * 5).verdict is Verdict.A_BETTER


@pytest.mark.parametrize(
    ("metric", "difference", "verdict"),
    [
        ("val_nll", 0.3, Verdict.A_BETTER),
        ("val_nll", -0.3, Verdict.B_BETTER),
        ("dead_fraction", 0.3, Verdict.A_BETTER),
        ("dead_fraction", -0.3, Verdict.B_BETTER),
        ("val_matched_accuracy", 0.3, Verdict.B_BETTER),
        ("val_matched_accuracy", -0.3, Verdict.A_BETTER),
    ],
)
def test_b_is_better_where_the_arm_has_less_of_a_loss_or_more_of_an_accuracy(
    metric: str, difference: float, verdict: Verdict
) -> None:
    assert alone(spaced(difference - 0.05, difference + 0.05, 8), Declared(metric)).verdict is verdict


def test_differences_that_are_zero_in_every_seed_are_equivalent_and_not_better() -> None:
    evidence = alone([0.0] * 6)
    assert (evidence.verdict, evidence.p, evidence.equivalence_p) == (Verdict.EQUIVALENT, 1.0, 0.0)


@pytest.mark.parametrize("n", [6, 14, 15, 20, 1000])
@pytest.mark.parametrize(
    ("difference", "verdict"), [(0.009, Verdict.EQUIVALENT), (0.01, Verdict.A_BETTER), (-0.01, Verdict.B_BETTER)]
)
def test_equal_differences_are_judged_by_the_margin(n: int, difference: float, verdict: Verdict) -> None:
    assert alone([difference] * n).verdict is verdict


def test_a_difference_that_is_there_and_within_the_margin_is_equivalence() -> None:
    evidence = alone(spaced(0.004, 0.005, 8))
    assert evidence.verdict is Verdict.EQUIVALENT
    assert evidence.p == 2 / 2**8


def test_equivalence_is_shown_at_the_margin_that_was_declared() -> None:
    numbers = spaced(0.02, 0.03, 8)
    assert alone(numbers).verdict is Verdict.A_BETTER
    assert alone(numbers, Declared(margin=0.04)).verdict is Verdict.EQUIVALENT


def test_equivalence_needs_both_one_sided_tests() -> None:
    numbers = spaced(-0.03, 0.03, 8)
    above = stats.ttest_1samp(numbers, -0.01, alternative="greater").pvalue
    below = stats.ttest_1samp(numbers, 0.01, alternative="less").pvalue
    evidence = alone(numbers)
    assert evidence.equivalence_p == pytest.approx(2 * max(above, below))
    assert evidence.verdict is Verdict.INCONCLUSIVE


def test_what_is_inconclusive_has_the_number_of_seeds_that_would_settle_it() -> None:
    evidence = alone([0.5, -0.3, 0.6, -0.1, 0.4, -0.2, 0.3])
    assert evidence.verdict is Verdict.INCONCLUSIVE
    assert evidence.needed is not None
    assert evidence.needed > 7
    assert alone([0.3] * 6).needed is None


def test_six_equal_differences_are_too_few_for_a_family_of_two_and_seven_would_do() -> None:
    family = judge([np.full(6, 0.3)] * 2, NLL)
    assert [(one.verdict, one.p, one.needed) for one in family] == [(Verdict.TOO_FEW_SEEDS, 4 / 2**6, 7)] * 2
    assert [one.verdict for one in judge([np.full(7, 0.3)] * 2, NLL)] == [Verdict.A_BETTER] * 2


def test_six_seeds_of_a_family_of_two_can_still_be_equivalent() -> None:
    assert [one.verdict for one in judge([np.full(6, 0.001), np.full(6, 0.3)], NLL)] == ["EQUIVALENT", "TOO FEW SEEDS"]


@pytest.mark.parametrize("seeds", [3, 5, 6])
def test_the_seeds_needed_are_those_of_all_pairs_however_few_seeds_there_are(seeds: int) -> None:
    pairs = judge([np.linspace(0.5, 0.6, seeds)] * 2, Declared())
    assert [(pair.verdict, pair.needed) for pair in pairs] == [(Verdict.TOO_FEW_SEEDS, 7)] * 2


def test_a_judgement_that_may_spend_less_needs_more_evidence() -> None:
    numbers = spaced(0.1, 0.2, 8)
    (whole,), (less,), (least,) = (judge([numbers], NLL, alpha) for alpha in (0.05, 0.016, 0.0078))
    assert (whole.verdict, whole.p) == (Verdict.A_BETTER, 2 / 2**8)
    assert less.verdict is Verdict.A_BETTER
    assert less.p == pytest.approx(2 / 2**8 * 0.05 / 0.016)
    assert (least.verdict, least.needed) == (Verdict.TOO_FEW_SEEDS, 9)
    assert whole.sample.low is not None
    assert less.sample.low is not None
    assert less.sample.low < whole.sample.low


def test_the_number_of_seeds_that_would_settle_it_is_that_of_the_whole_family() -> None:
    # 4 tests: equal differences settle it from 2 / 2^n < .0125 on.
    assert [one.needed for one in judge([np.full(6, 0.3)] * 4, NLL)] == [8] * 4


# Families


def test_p_is_corrected_for_all_pairs_of_the_family() -> None:
    one, two = spaced(0.1, 0.2, 7), np.array([0.11, 0.2, 0.3, 0.4, 0.5, -0.04, 0.35])
    raw = [paired(d[:, None])[0].p for d in (one, two)]
    assert raw == [2 / 2**7, 4 / 2**7]  # both by the sign-flip test
    assert [evidence.p for evidence in judge([one, two], NLL)] == [4 / 2**7, 4 / 2**7]
    assert [evidence.sample.p for evidence in judge([one, two], NLL)] == raw


def test_the_verdict_is_by_the_corrected_p() -> None:
    numbers = np.array([0.11, 0.2, 0.3, 0.4, 0.5, -0.04, 0.35])
    assert alone(numbers).verdict is Verdict.A_BETTER
    assert [evidence.verdict for evidence in judge([numbers, numbers], NLL)] == [Verdict.INCONCLUSIVE] * 2


def test_equivalence_is_by_its_corrected_p_too() -> None:
    numbers = spaced(-0.0125, 0.0125, 7)
    one = alone(numbers)
    assert one.verdict is Verdict.EQUIVALENT
    assert one.equivalence_p is not None
    assert 0.025 < one.equivalence_p < 0.05
    for evidence in judge([numbers, numbers], NLL):
        assert (evidence.verdict, evidence.equivalence_p) == (Verdict.INCONCLUSIVE, 2 * one.equivalence_p)
        assert evidence.needed is not None
        assert evidence.needed > 7


def test_pairs_that_cannot_be_tested_take_no_part_in_the_family() -> None:
    numbers = np.array([0.11, 0.2, 0.3, 0.4, 0.5, -0.04, 0.35])
    family = judge([np.full(5, 0.3), numbers, np.full(9, np.nan)], NLL)
    assert [one.verdict for one in family] == [Verdict.TOO_FEW_SEEDS, Verdict.A_BETTER, Verdict.DIVERGED]
    assert family[1] == alone(numbers)


def test_an_empty_family_is_judged() -> None:
    assert judge([], NLL) == []


# One seed that carries it all


def test_an_effect_that_one_seed_carries_is_doubted() -> None:
    numbers = [0.14, 0.539, 0.304, -0.054, 0.442, 0.034, 0.647]
    assert [alone(numbers).verdict, alone(numbers[:-1]).verdict] == [Verdict.A_BETTER, Verdict.INCONCLUSIVE]
    assert alone(numbers).doubts == ("without one of its 7 seeds the verdict would be INCONCLUSIVE",)


def test_an_equivalence_that_one_seed_carries_is_doubted() -> None:
    numbers = spaced(-0.0125, 0.0125, 7)
    assert [alone(numbers).verdict, alone(numbers[:-1]).verdict] == [Verdict.EQUIVALENT, Verdict.INCONCLUSIVE]
    assert alone(numbers).doubts == ("without one of its 7 seeds the verdict would be INCONCLUSIVE",)


def test_every_doubt_of_one_seed_is_that_of_leaving_out_each_in_turn() -> None:
    generator, doubted = np.random.default_rng(7), 0
    for mean in np.linspace(-0.03, 0.03, 60):
        numbers = generator.normal(mean, 0.015, 8)
        evidence = alone(numbers)
        doubts = [doubt for doubt in evidence.doubts if "without one of" in doubt]
        if evidence.verdict is Verdict.INCONCLUSIVE:
            assert doubts == []
            continue
        others = {alone(np.delete(numbers, seed)).verdict for seed in range(8)} - {evidence.verdict}
        assert bool(doubts) is bool(others)
        doubted += bool(others)
    assert doubted > 5


@pytest.mark.parametrize(
    ("numbers", "verdict", "without"),
    [
        ([-0.003, 0.002, -0.001, -0.002, -0.01, 0.014, 0.001, 0.002, 0.002], "EQUIVALENT", "INCONCLUSIVE"),
        ([0.001, 0.001, 0.001, 0.008, 0.004, 0.002, 0.002, 0.006, 0.002], "A BETTER", "EQUIVALENT"),
        ([-0.014, -0.002, -0.007, -0.007, -0.005, -0.011, 0.0, -0.009], "B BETTER", "EQUIVALENT"),
        ([0.004, 0.002, 0.004, 0.002, 0.001, 0.006, 0.002], "EQUIVALENT", "A BETTER"),
    ],
)
def test_one_seed_can_hide_equivalence_or_make_it(numbers: list[float], verdict: str, without: str) -> None:
    evidence = alone(numbers)
    assert evidence.verdict == verdict
    assert evidence.doubts == (f"without one of its {len(numbers)} seeds the verdict would be {without}",)


def test_an_effect_that_all_seeds_carry_is_not_doubted() -> None:
    assert alone(spaced(0.2, 0.4, 8)).doubts == ()


@pytest.mark.slow
def test_leaving_one_out_keeps_the_correction_of_the_family() -> None:
    # Alone, 7 equal signs have p = 1/64, and 6 have 1/32. Of two, those are 1/32 and 1/16.
    numbers = spaced(0.2, 0.3, 7)
    assert alone(numbers).doubts == ()
    for evidence in judge([numbers, numbers], NLL):
        assert evidence.verdict is Verdict.A_BETTER
        assert evidence.doubts == ()  # Holm: the other has 1/64, so this one is the last and has 1/32
    for evidence in judge([numbers] * 3, NLL):
        assert evidence.verdict is Verdict.A_BETTER
        assert evidence.doubts == ()
    weak = judge([numbers, np.array([0.5, -0.3, 0.6, -0.1, 0.4, -0.2, 0.3])], NLL)[0]
    assert weak.verdict is Verdict.A_BETTER
    assert weak.doubts == ()  # 6 seeds reach no less than 1/16 here: that they show nothing is no reason to doubt


def test_one_of_six_seeds_that_makes_up_most_of_the_mean_is_named() -> None:
    evidence = alone([0.001, 0.001, 0.001, 0.001, 0.001, 1.0])
    assert evidence.verdict is Verdict.INCONCLUSIVE
    assert evidence.doubts == ("one of the 6 seeds dominates the mean difference: without it the mean is +0.001",)
    assert alone(spaced(0.3, 0.31, 6)).doubts == ()


@pytest.mark.parametrize(("n", "doubted"), [(FEW_ENOUGH_TO_LEAVE_OUT, True), (FEW_ENOUGH_TO_LEAVE_OUT + 1, False)])
def test_of_more_than_a_hundred_seeds_none_is_left_out(n: int, doubted: bool) -> None:
    evidence = alone(stats.norm.ppf((np.arange(n) + 0.5) / n) + 0.2)  # p is little under .05
    assert evidence.verdict is Verdict.A_BETTER
    assert any("without one of" in doubt for doubt in evidence.doubts) is doubted


# By simulation


@pytest.mark.slow
@pytest.mark.parametrize("n", [6, 10])
def test_of_arms_that_do_not_differ_one_is_called_better_no_more_often_than_it_may(n: int) -> None:
    d = np.random.default_rng(n).normal(size=(n, 2000))
    better = [alone(column).verdict in (Verdict.A_BETTER, Verdict.B_BETTER) for column in d.T]
    assert np.mean(better) < 0.06


@pytest.mark.slow
def test_two_halves_of_the_seeds_of_one_arm_differ_no_more_often_than_chance(tmp_path: Path) -> None:
    """Two runs that differ in nothing but their seeds: real trainings, put into pairs at random."""
    arms = 'pairs.arms=["logits"]'
    logitbench("run", "breast-cancer", "--seeds", "24", "--epochs", "2", "--set", arms, "--quiet", cwd=tmp_path)
    numbers = NLL.of(figures(store.read([tmp_path / "results"]).trials)["logits"])
    assert len(set(numbers.tolist())) == 24
    rng = np.random.default_rng(0)
    draws = [rng.permutation(numbers).reshape(2, 12) for _ in range(1000)]
    different = [alone(one - other).verdict in {Verdict.A_BETTER, Verdict.B_BETTER} for one, other in draws]
    assert 0.005 < np.mean(different) < 0.07  # .05 and three standard errors
