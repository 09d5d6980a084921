from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from logitbench.compare.declared import Declared
from logitbench.compare.sequential import LOOKS, judge_in_looks, needs_more
from logitbench.compare.statistics import ALPHA, Array, described, mean_p
from logitbench.compare.verdict import DECISIVE, Evidence, Verdict

NLL = Declared("val_nll")


def judged(*pairs: Sequence[float] | Array, seeds: Sequence[int] | None = None) -> list[Evidence]:
    differences = [np.asarray(pair, dtype="float64") for pair in pairs]
    return judge_in_looks(differences, seeds or range(len(differences[0])), NLL)


def spread(n: int, mean: float) -> Array:
    return np.random.default_rng(n).permutation(np.linspace(-1, 1, n)) + mean


def test_the_looks_spend_the_whole_level_and_no_more() -> None:
    assert sum(LOOKS.values()) == pytest.approx(ALPHA)
    assert list(LOOKS) == [8, 16, 32, 64]


def test_a_plain_difference_is_judged_at_the_first_look_and_keeps_its_verdict() -> None:
    (first,) = judged(np.linspace(0.5, 0.6, 8))
    assert (first.verdict, first.look, first.sample.n) == (Verdict.A_BETTER, 8, 8)
    assert first.p == pytest.approx(2 / 2**8 * ALPHA / LOOKS[8])
    (later,) = judged(np.concatenate([np.linspace(0.5, 0.6, 8), -np.linspace(0.5, 0.6, 24)]))
    assert later == first


@pytest.mark.parametrize("seeds", [[0, 1, 2, 4, 5, 6, 7, 9], [*range(7)], [*range(8, 16)], [*range(1, 9)]])
def test_before_every_seed_of_the_first_look_is_there_the_verdict_is_too_few_seeds(seeds: list[int]) -> None:
    (evidence,) = judged(np.full(len(seeds), 0.3), seeds=seeds)
    assert (evidence.verdict, evidence.look, evidence.p, evidence.needed) == (Verdict.TOO_FEW_SEEDS, None, None, 8)


def test_before_the_first_look_the_interval_is_the_one_of_the_table() -> None:
    d = np.linspace(0.2, 0.4, 5)
    (evidence,) = judged(d)
    assert evidence.sample == described(d[:, None])[0]


def test_a_family_that_a_look_is_too_early_for_needs_the_seeds_of_the_next() -> None:
    evidence = judged(*[np.linspace(0.5, 0.6, 8)] * 5)
    assert [(one.verdict, one.look, one.needed) for one in evidence] == [(Verdict.TOO_FEW_SEEDS, 8, 16)] * 5


def test_a_look_counts_only_if_every_seed_of_it_is_there() -> None:
    (evidence,) = judged(spread(9, 0.2), seeds=[*range(8), 15])
    assert (evidence.look, evidence.sample.n) == (8, 8)
    (diverged,) = judged([np.nan, *spread(7, 0.2)])
    assert (diverged.look, diverged.sample.n) == (8, 7)


def test_without_a_verdict_the_last_complete_look_counts() -> None:
    (evidence,) = judged(spread(32, 0.2))
    assert (evidence.verdict, evidence.look, evidence.sample.n) == (Verdict.INCONCLUSIVE, 32, 32)
    (interrupted,) = judged(spread(20, 0.2))
    assert (interrupted.look, interrupted.sample.n) == (16, 16)


def test_pairs_of_a_family_reach_their_verdicts_at_different_looks() -> None:
    one, other = judged(np.linspace(0.5, 0.6, 32), spread(32, 0.3))
    assert (one.verdict, one.look) == (Verdict.A_BETTER, 8)
    assert (other.verdict, other.look) == (Verdict.A_BETTER, 16)


def test_equivalence_is_judged_at_each_look_too() -> None:
    (evidence,) = judged(spread(8, 0.0) / 1000)
    assert (evidence.verdict, evidence.look) == (Verdict.EQUIVALENT, 8)


def test_more_seeds_are_trained_only_where_they_can_lead_to_a_verdict() -> None:
    (undecided,), (decided,) = judged(spread(8, 0.2)), judged(np.linspace(0.5, 0.6, 8))
    assert undecided.sample.mean is not None
    assert undecided.sample.mean > 0  # a loss: the baseline is ahead
    assert needs_more(undecided, NLL)
    assert not needs_more(decided, NLL)
    assert not needs_more(Evidence(undecided.sample, Verdict.INCONCLUSIVE, lost=(0, 2)), NLL)
    assert needs_more(Evidence(undecided.sample, Verdict.INCONCLUSIVE, lost=(2, 0)), NLL)
    assert needs_more(Evidence(undecided.sample, Verdict.TOO_FEW_SEEDS), NLL)


def test_a_doubtful_verdict_waits_for_the_next_look() -> None:
    equal = [0.3] * 8
    (waits,) = judged(equal)
    assert (waits.verdict, waits.look) == (Verdict.A_BETTER, 8)
    assert "all 8 differences are equal" in waits.doubts[0]
    assert needs_more(waits, NLL)
    (firm,) = judged([*equal, *np.linspace(0.2, 0.4, 8)])
    assert (firm.verdict, firm.look, firm.doubts) == (Verdict.A_BETTER, 16, ())
    (skewed,) = judged([*np.linspace(0.5, 0.6, 7), 0.9])
    assert "skewed" in skewed.doubts[0]
    assert not needs_more(skewed, NLL)  # all seeds carry it
    (withdrawn,) = judged([*equal, *-np.linspace(0.2, 0.4, 8)])
    assert (withdrawn.verdict, withdrawn.look) == (Verdict.INCONCLUSIVE, 16)


# By simulation: tests/benchmarks/verdicts.py has all distributions


@pytest.mark.slow
@pytest.mark.parametrize(("pairs", "skewed", "most"), [(1, False, 0.05), (3, False, 0.05), (1, True, 0.065)])
def test_over_all_looks_arms_that_do_not_differ_are_told_apart_no_more_often_than_they_may(
    pairs: int, skewed: bool, most: float
) -> None:
    draws = 4000
    rng = np.random.default_rng(pairs)
    noise = rng.exponential(size=(pairs, 64, draws)) - 1 if skewed else rng.normal(size=(pairs, 64, draws))
    better = np.zeros(draws, dtype=bool)
    for look, alpha in LOOKS.items():
        ps = np.stack([mean_p(one[:look], pairs)[0] for one in noise])
        better |= ps.min(axis=0) * pairs < alpha  # Holm: at least one is rejected
    assert np.mean(better) < most


@pytest.mark.slow
def test_of_lognormal_differences_no_more_than_one_in_twenty_is_called_better_by_mistake() -> None:
    rng = np.random.default_rng(0)
    draws = rng.lognormal(size=(300, 64)) - np.exp(0.5)
    better = [judged(draw)[0].verdict in (Verdict.A_BETTER, Verdict.B_BETTER) for draw in draws]
    assert np.mean(better) < 0.06  # .08 with verdicts that do not wait for a doubt to go


@pytest.mark.slow
def test_adding_seeds_until_there_is_a_verdict_finds_differences_that_eight_seeds_do_not() -> None:
    rng = np.random.default_rng(0)
    evidence = [judged(draw)[0] for draw in rng.normal(size=(100, 64)) + 0.6]
    assert np.mean([one.verdict in DECISIVE for one in evidence]) > 0.95
    assert 8 < np.mean([one.look for one in evidence if one.look]) < 48
