from __future__ import annotations

import math

import numpy as np
import pytest

from logitbench.errors import UsageError
from logitbench.probes.sampling.chances import (
    LOGITS,
    PRECISIONS,
    PROBABILITIES,
    REPRESENTATIONS,
    STRATEGIES,
    Knobs,
    chances,
    rounded,
    softmax,
)
from logitbench.probes.sampling.draws import draw, share_of_others
from logitbench.probes.sampling.records import Head, Measured, Sampling
from logitbench.probes.sampling.sampling import probe, zipf

KNOBS = Knobs(temperature=0.7, top_k=50, top_p=0.9)


@pytest.fixture(scope="module")
def found() -> Sampling:
    return probe(zipf(32_000, 0), KNOBS, draws=20_000, seed=0)


def one(found: Sampling, strategy: str, precision: str, representation: str) -> Measured:
    (measured,) = (
        one
        for one in found.measured
        if (one.strategy, one.precision, one.representation) == (strategy, precision, representation)
    )
    return measured


def test_zipf_gives_rank_r_a_chance_in_proportion_to_1_over_r_in_shuffled_order() -> None:
    head = zipf(1_000, 3)
    ranks = np.array(list(map(int, head.names)))
    (row,) = head.logits()
    harmonic = (1 / np.arange(1, 1_001)).sum()
    np.testing.assert_allclose(softmax(row), 1 / ranks / harmonic, rtol=1e-12)
    assert abs(row.mean()) < 1e-12
    assert sorted(ranks) == list(range(1, 1_001)) != list(ranks)
    assert zipf(1_000, 3).names == head.names != zipf(1_000, 4).names


def test_every_strategy_precision_and_representation_is_measured_once(found: Sampling) -> None:
    ways = [(one.strategy, one.precision, one.representation) for one in found.measured]
    assert ways == [(s, p, r) for s in STRATEGIES for p in PRECISIONS for r in REPRESENTATIONS]
    assert [one.precision for one in found.agreements] == list(PRECISIONS)


def test_float64_logits_are_what_all_are_held_against(found: Sampling) -> None:
    for strategy in STRATEGIES:
        reference = one(found, strategy, "float64", LOGITS)
        assert (reference.distance, reference.other_draws, reference.other_draws_rounded) == (0, 0, 0)
        assert (reference.became_zero, reference.gained) == (0, 0)
        probabilities = one(found, strategy, "float64", PROBABILITIES)
        assert probabilities.distance < 1e-14
        assert probabilities.other_draws < 1e-3
        assert (probabilities.became_zero, probabilities.gained) == (0, 0)


def test_fewer_digits_are_farther_off(found: Sampling) -> None:
    for strategy in STRATEGIES[1:]:
        for representation in REPRESENTATIONS:
            distances = [one(found, strategy, precision, representation).distance for precision in PRECISIONS]
            assert distances == sorted(distances)
            assert 1e-9 < distances[1] < 1e-5 < distances[2] < 0.005 < 0.02 > distances[3] > 0.001


def test_no_fewer_draws_differ_than_the_distance_says(found: Sampling) -> None:
    for measured in found.measured:
        assert 0 <= measured.distance <= 1
        assert measured.other_draws >= measured.distance - 0.01


def test_draws_are_made_from_the_running_total_as_it_is_and_as_it_is_rounded(found: Sampling) -> None:
    (row,) = zipf(32_000, 0).logits()
    uniform = np.random.default_rng([0, 1]).random(20_000)
    reference = draw(chances(row, "top-k", LOGITS, KNOBS).of, uniform)
    of = chances(rounded(row, "bfloat16"), "top-k", LOGITS, KNOBS).of
    measured = one(found, "top-k", "bfloat16", LOGITS)
    assert measured.other_draws == share_of_others(reference, draw(of.astype(np.float64), uniform))
    assert measured.other_draws_rounded == share_of_others(reference, draw(of, uniform)) != measured.other_draws


def test_probabilities_to_a_power_lose_float16_tokens_that_logits_keep(found: Sampling) -> None:
    assert one(found, "temperature", "float16", LOGITS).became_zero == 0
    assert one(found, "temperature", "float16", PROBABILITIES).became_zero == 15_066
    assert one(found, "temperature", "float16", PROBABILITIES).tokens == 32_000 - 15_066


def test_tokens_lost_and_gained_are_the_difference_in_tokens_kept(found: Sampling) -> None:
    for strategy in STRATEGIES:
        reference = one(found, strategy, "float64", LOGITS)
        for measured in (m for m in found.measured if m.strategy == strategy):
            assert measured.tokens == reference.tokens - measured.became_zero + measured.gained
    assert one(found, "top-p", "bfloat16", PROBABILITIES).gained > 0
    assert one(found, "top-p", "bfloat16", PROBABILITIES).ties > 100
    assert one(found, "top-k", "float64", LOGITS).tokens == 50


def test_what_is_shown_are_the_likeliest_tokens_and_their_chances(found: Sampling) -> None:
    shown = one(found, "top-k", "float64", LOGITS).shown
    assert [found.head.names[token] for token, _ in shown] == ["1", "2", "3"]
    top = 1 / np.arange(1, 51)
    assert [chance for _, chance in shown] == pytest.approx(list(top[:3] / top.sum()), rel=1e-12)


def test_the_two_ways_to_the_top_k_agree_in_float64_and_part_below(found: Sampling) -> None:
    exact, single, half, brain = found.agreements
    assert exact.greatest < 1e-15
    assert exact.other_from is single.other_from is None
    assert exact.rounding == 0
    assert 0 < single.greatest < 1e-7
    assert half.greatest > 1e-5
    assert brain.greatest > 1e-4
    assert exact.distance < single.distance < half.distance < brain.distance
    assert half.other_from == 222
    assert brain.other_from == 213
    assert 0 < single.rounding < half.rounding < brain.rounding < 0.01


def test_the_rounding_of_logits_alone_is_told_from_that_of_the_softmax(found: Sampling) -> None:
    (row,) = zipf(32_000, 0).logits()
    logits = rounded(row, "bfloat16").astype(np.float64)
    p, q = (np.exp(z) / np.exp(z).sum() for z in (row, logits))
    assert found.agreements[-1].rounding == pytest.approx(np.abs(p - q).sum() / 2, rel=1e-9)


@pytest.mark.parametrize(("k", "alike"), [(212, True), (213, False)])
def test_other_tokens_are_kept_first_at_the_k_that_is_told(k: int, alike: bool) -> None:
    row = rounded(zipf(32_000, 0).logits()[0], "bfloat16")
    one, other = (chances(row, "top-k", representation, Knobs(1, k, 1)).of > 0 for representation in REPRESENTATIONS)
    assert np.array_equal(one, other) is alike


def test_each_context_has_its_own_rows() -> None:
    rows = np.array([[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]])
    found = probe(Head("two", ("a", "b", "c"), lambda: rows), Knobs(1.0, 2, 0.5), draws=10, seed=0)
    greedy = [m for m in found.measured if (m.strategy, m.precision) == ("greedy", "float64")]
    assert [(m.context, m.shown[0]) for m in greedy[::2]] == [(0, (2, 1.0)), (1, (0, 1.0))]
    assert found.contexts == 2
    assert len(found.agreements) == 8


def test_what_has_no_distribution_is_nan_and_counted_nowhere_as_equal() -> None:
    found = probe(zipf(100, 0), Knobs(0.01, 5, 0.9), draws=10, seed=0)
    broken = one(found, "temperature", "float32", PROBABILITIES)
    assert math.isnan(broken.distance)
    assert math.isnan(broken.other_draws)
    assert math.isnan(broken.total)
    assert one(found, "temperature", "float32", LOGITS).distance < 1e-6


def test_a_seed_gives_the_same_every_time_and_another_seed_other_draws() -> None:
    first, again = (probe(zipf(500, 1), KNOBS, draws=100, seed=1) for _ in range(2))
    assert first.measured == again.measured
    other = probe(zipf(500, 1), KNOBS, draws=100, seed=2)
    assert [m.distance for m in other.measured] == [m.distance for m in first.measured]
    assert [m.other_draws_rounded for m in other.measured] != [m.other_draws_rounded for m in first.measured]


@pytest.mark.parametrize(
    ("knobs", "draws", "told"),
    [
        (Knobs(0.0, 5, 0.9), 10, "--temperature should be a number above 0, got 0.0"),
        (Knobs(-1.0, 5, 0.9), 10, "--temperature should be a number above 0, got -1.0"),
        (Knobs(math.nan, 5, 0.9), 10, "got nan"),
        (Knobs(math.inf, 5, 0.9), 10, "got inf"),
        (Knobs(1.0, 0, 0.9), 10, "--top-k should be from 1 to 100, the number of tokens, got 0"),
        (Knobs(1.0, 101, 0.9), 10, "got 101"),
        (Knobs(1.0, 5, 0.0), 10, "--top-p should be above 0 and at most 1, got 0.0"),
        (Knobs(1.0, 5, 1.01), 10, "got 1.01"),
        (Knobs(1.0, 5, math.nan), 10, "--top-p .* got nan"),
        (Knobs(1.0, 5, 0.9), 0, "--draws should be from 1 to 10,000,000, got 0"),
        (Knobs(1.0, 5, 0.9), 10**7 + 1, "--draws"),
    ],
)
def test_a_value_that_none_can_have_is_refused_before_logits_are_made(knobs: Knobs, draws: int, told: str) -> None:
    def never() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        raise AssertionError("logits were made")

    with pytest.raises(UsageError, match=told) as caught:
        probe(Head("none", tuple(map(str, range(100))), never), knobs, draws, seed=0)
    assert caught.value.hint


@pytest.mark.parametrize("tokens", [-1, 1, 10**6 + 1])
def test_a_vocabulary_too_small_or_too_large_is_refused(tokens: int) -> None:
    with pytest.raises(UsageError, match=r"--vocabulary should be from 2 to 1,000,000, got"):
        zipf(tokens, 0)
