from __future__ import annotations

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from logitbench.compare.statistics import (
    BCA_FROM,
    FEWEST,
    MANY,
    RESAMPLES,
    Array,
    Paired,
    described,
    equivalence_p,
    holm,
    least_p,
    paired,
    sign_flip_p,
)


def of(*numbers: float) -> Paired:
    """The one column of these differences."""
    (sample,) = paired(np.array(numbers)[:, None])
    return sample


def normal(n: int, columns: int | None = None, *, mean: float = 0.0, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(mean, 1, n if columns is None else (n, columns))


def brute_force(numbers: list[int]) -> float:
    """Two-sided p by all changes of sign of whole numbers, which add up exactly."""
    sums = [
        sum(sign * number for sign, number in zip(signs, numbers, strict=True))
        for signs in itertools.product((1, -1), repeat=len(numbers))
    ]
    above = sum(one >= sum(numbers) for one in sums) / len(sums)
    below = sum(one <= sum(numbers) for one in sums) / len(sums)
    return min(1.0, 2 * min(above, below))


# How many differences


def test_of_no_differences_nothing_is_known() -> None:
    assert paired(np.empty((0, 2))) == [Paired(0), Paired(0)]
    assert paired(np.full((9, 1), np.nan)) == [Paired(0)]
    assert paired(np.empty((9, 0))) == []


def test_one_difference_has_a_mean_and_no_spread() -> None:
    assert of(0.1) == Paired(1, 0.1)


def test_two_differences_have_an_interval_and_no_p() -> None:
    sample = of(1.0, 2.0)
    # half = t(1, .975) * spread / sqrt(2), and the quantile of t with 1 degree of freedom is tan(.475 pi)
    half = math.tan(0.475 * math.pi) * math.sqrt(0.5) / math.sqrt(2)
    assert (sample.n, sample.mean, sample.p, sample.interval) == (2, 1.5, None, "t")
    assert sample.spread == pytest.approx(math.sqrt(0.5))
    assert sample.effect == pytest.approx(1.5 / math.sqrt(0.5))
    assert (sample.low, sample.high) == pytest.approx((1.5 - half, 1.5 + half))


@pytest.mark.parametrize(("n", "tested"), [(FEWEST - 1, False), (FEWEST, True)])
def test_p_is_told_from_six_differences_on(n: int, tested: bool) -> None:
    assert (of(*range(1, n + 1)).p is not None) is tested


def test_five_differences_cannot_reach_what_six_can() -> None:
    assert least_p(5) > 0.05 > least_p(6) == 2 / 2**6
    assert of(*range(1, 7)).p == least_p(6)


# Mean, spread and interval


@pytest.mark.parametrize("n", [2, 3, 6, 14, 15, BCA_FROM - 1, MANY, MANY + 1])
def test_the_interval_of_few_and_of_many_is_that_of_the_t_test(n: int) -> None:
    d = normal(n, 3, mean=0.2)
    for column, sample in enumerate(paired(d)):
        reference = stats.ttest_1samp(d[:, column], 0).confidence_interval(0.95)
        assert sample.interval == "t"
        assert (sample.low, sample.high) == pytest.approx((reference.low, reference.high), rel=1e-12)
        assert (sample.mean, sample.spread) == pytest.approx((np.mean(d[:, column]), np.std(d[:, column], ddof=1)))
        assert sample.effect == pytest.approx(np.mean(d[:, column]) / np.std(d[:, column], ddof=1))


@pytest.mark.parametrize("n", [BCA_FROM, 57])
def test_the_interval_between_them_is_scipys_bca_at_the_level_that_makes_up_for_small_samples(n: int) -> None:
    d = np.random.default_rng(n).lognormal(size=(n, 3))
    level = 1 - 2 * stats.norm.sf(stats.t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1)))
    for column, sample in enumerate(paired(d)):
        reference = stats.bootstrap(
            (d[:, column],),
            np.mean,
            confidence_level=level,
            method="BCa",
            n_resamples=RESAMPLES,
            rng=np.random.default_rng(0),
        ).confidence_interval
        assert sample.interval == "BCa"
        assert (sample.low, sample.high) == pytest.approx((reference.low, reference.high), rel=1e-9)


def test_the_interval_is_bca_up_to_the_last_of_the_medium_samples() -> None:
    assert paired(normal(MANY - 1, 1))[0].interval == "BCa"


@pytest.mark.parametrize("n", [2, 6, BCA_FROM, MANY])
def test_equal_differences_have_an_interval_of_no_width_and_no_effect_size(n: int) -> None:
    sample = of(*[0.3] * n)
    assert (sample.mean, sample.spread, sample.low, sample.high, sample.effect) == (0.3, 0.0, 0.3, 0.3, None)
    assert sample.interval == "t"


@pytest.mark.parametrize("n", [2, 6, BCA_FROM, MANY])
def test_of_differences_that_are_all_zero_p_is_one(n: int) -> None:
    sample = of(*[0.0] * n)
    assert (sample.mean, sample.spread, sample.low, sample.high, sample.effect) == (0.0, 0.0, 0.0, 0.0, None)
    assert sample.p == (1.0 if n >= FEWEST else None)


@pytest.mark.parametrize("n", [2, 6, BCA_FROM, MANY])
def test_differences_that_differ_in_the_last_bit_alone_are_no_trouble(n: int) -> None:
    sample = of(*[0.1] * (n - 1), math.nextafter(0.1, 1))
    assert (sample.mean, sample.low, sample.high) == pytest.approx((0.1, 0.1, 0.1), rel=1e-14)
    assert sample.interval == "t"


def test_a_column_that_does_not_vary_does_not_spoil_its_neighbours() -> None:
    varied = normal(BCA_FROM)
    together = paired(np.stack([np.zeros(BCA_FROM), varied, np.full(BCA_FROM, 0.1)], axis=1))
    assert [sample.interval for sample in together] == ["t", "BCa", "t"]
    assert together[::2] == [of(*np.zeros(BCA_FROM)), of(*np.full(BCA_FROM, 0.1))]
    assert together[1].low == pytest.approx(of(*varied).low, rel=1e-12)


@pytest.mark.parametrize("n", [2, 6, BCA_FROM, MANY])
@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e300, 1.7e308])
def test_figures_at_the_ends_of_the_range_neither_overflow_nor_vanish(n: int, scale: float) -> None:
    sample = of(*[scale, -scale] * (n // 2 - 1), scale, 0.0)
    for number in (sample.mean, sample.spread, sample.low, sample.high, sample.effect):
        assert number is not None
        assert math.isfinite(number)
    assert sample.spread


# Which seeds


@pytest.mark.parametrize("n", [8, BCA_FROM + 2, MANY + 2])
@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_left_out_of_its_own_column_only(n: int, gap: float) -> None:
    d = normal(n, 3)
    d[1, 1], d[3, 2], d[4, 2] = gap, gap, gap
    whole, without_one, without_two = paired(d)
    assert whole == of(*d[:, 0])
    assert without_one == of(*np.delete(d[:, 1], 1))
    assert without_two == of(*np.delete(d[:, 2], [3, 4]))


def test_columns_keep_their_order_whatever_seeds_they_have() -> None:
    d = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, np.nan, 3.0, np.nan]])
    assert [(sample.n, sample.mean) for sample in paired(d)] == [(2, 1.0), (1, 2.0), (2, 3.0), (1, 4.0)]


def test_a_description_is_the_same_without_a_test() -> None:
    d = normal(8, 2)
    for sample, full in zip(described(d), paired(d), strict=True):
        assert (sample.n, sample.mean, sample.spread, sample.effect) == (full.n, full.mean, full.spread, full.effect)
        assert (sample.low, sample.high) == pytest.approx((full.low, full.high), rel=1e-12)
        assert (sample.interval, sample.p) == ("t", None)


# p


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=FEWEST, max_size=9))
def test_p_counts_all_changes_of_sign(numbers: list[int]) -> None:
    assert of(*map(float, numbers)).p == brute_force(numbers)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=FEWEST, max_size=9))
def test_sums_that_are_equal_on_paper_tie_though_floats_have_noise(numbers: list[int]) -> None:
    assert of(*(number * 0.1 for number in numbers)).p == brute_force(numbers)
    assert of(*(number / 114 for number in numbers)).p == brute_force(numbers)


def test_p_of_a_tenth_and_a_fifth_less_three_tenths_is_one() -> None:
    assert of(0.1, 0.2, -0.3, 0.1, 0.2, -0.3).p == 1.0


@pytest.mark.parametrize("n", [6, 10, 14])
def test_an_exact_p_is_a_multiple_of_the_least_one(n: int) -> None:
    for p in sign_flip_p(normal(n, 20, mean=0.3)):
        assert (p / least_p(n)).is_integer()
        assert p >= least_p(n)


@pytest.mark.parametrize(("n", "exact"), [(14, True), (15, False)])
def test_all_changes_of_sign_are_tried_up_to_fourteen_seeds(n: int, exact: bool) -> None:
    assert (of(*range(1, n + 1)).p == least_p(n)) is exact
    assert (of(*range(1, n + 1)).p == 2 / (RESAMPLES + 1)) is not exact


@pytest.mark.parametrize("n", [6, 14, 15, 20, 300])
def test_p_is_that_of_scipys_permutation_test(n: int) -> None:
    d = normal(n, 2, mean=0.1)
    for column, p in enumerate(sign_flip_p(d)):
        reference = stats.permutation_test(
            (d[:, column],),
            np.mean,
            permutation_type="samples",
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=1000,
            rng=np.random.default_rng(0),
        )
        assert p == reference.pvalue


@pytest.mark.parametrize("n", [MANY, MANY + 1])
def test_p_of_many_is_that_of_the_t_test(n: int) -> None:
    d = normal(n, 3, mean=0.05)
    assert sign_flip_p(d) == pytest.approx(stats.ttest_1samp(d, 0).pvalue, rel=1e-9)
    assert of(*[0.3] * n).p == 0.0


def test_the_test_with_draws_and_the_t_test_meet_where_one_takes_over() -> None:
    d = normal(MANY - 1, 1, mean=0.06)
    assert sign_flip_p(d)[0] == pytest.approx(stats.ttest_1samp(d[:, 0], 0).pvalue, abs=0.02)


def test_p_does_not_depend_on_the_sign_nor_on_the_unit() -> None:
    for n in (7, 18):
        d = normal(n, 1, mean=0.4)
        assert sign_flip_p(-d) == pytest.approx(sign_flip_p(d), abs=0.01 if n > 14 else 0)
        assert sign_flip_p(d * 1024) == sign_flip_p(d)


def test_the_same_differences_give_the_same_numbers_again_and_in_any_company() -> None:
    d = normal(25, 300)
    (alone,), company = paired(d[:, 299:]), paired(d)
    assert paired(d) == company
    assert company[299].p == alone.p
    assert (company[299].low, company[299].high) == pytest.approx((alone.low, alone.high), rel=1e-12)


# Equivalence


@pytest.mark.parametrize("mean", [-0.4, -0.1, 0.0, 0.2, 0.6])
def test_equivalence_is_two_one_sided_t_tests(mean: float) -> None:
    d = normal(12, mean=mean)
    above = stats.ttest_1samp(d, -0.5, alternative="greater").pvalue
    below = stats.ttest_1samp(d, 0.5, alternative="less").pvalue
    assert equivalence_p(of(*d), 0.5) == pytest.approx(max(above, below), rel=1e-9)


@pytest.mark.parametrize(
    ("difference", "p"), [(0.0, 0.0), (0.299, 0.0), (-0.299, 0.0), (0.3, 1.0), (-0.3, 1.0), (9.0, 1.0)]
)
def test_equal_differences_are_equivalent_if_they_are_within_the_margin(difference: float, p: float) -> None:
    assert equivalence_p(of(*[difference] * 6), 0.3) == p


def test_equivalence_of_differences_with_noise_in_the_last_bit_is_no_trouble() -> None:
    assert equivalence_p(of(*[0.1] * 6, math.nextafter(0.1, 1)), 0.2) < 1e-50


@pytest.mark.parametrize("numbers", [(), (0.1,)])
def test_equivalence_is_not_told_of_fewer_than_two(numbers: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=f"at least 2 differences, got {len(numbers)}"):
        equivalence_p(of(*numbers), 1.0)


# Families


def test_holm_multiplies_the_least_by_all_and_the_next_by_one_less_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.5]) == [1.0, 1.0]


def test_a_test_alone_is_not_corrected() -> None:
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


# How much memory


def test_twenty_thousand_seeds_of_fifty_columns_take_little_memory() -> None:
    d = normal(20_000, 50)
    paired(d[:2000])  # what is imported is nobody's
    tracemalloc.start()
    paired(d)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * d.nbytes


# By simulation

DRAWS = 2000


@pytest.mark.slow
@pytest.mark.parametrize(("n", "kind"), [(5, "t"), (10, "t"), (20, "BCa")])
def test_intervals_of_normal_differences_cover_their_mean_as_often_as_they_say(n: int, kind: str) -> None:
    samples = paired(normal(n, DRAWS, mean=0.5, seed=n))
    assert {sample.interval for sample in samples} == {kind}
    covered = [sample.low <= 0.5 <= sample.high for sample in samples if sample.low is not None and sample.high]
    assert len(covered) == DRAWS
    assert 0.93 <= np.mean(covered) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n", [6, 10, 20])
def test_arms_that_do_not_differ_are_told_apart_no_more_often_than_they_may(n: int) -> None:
    ps = sign_flip_p(normal(n, DRAWS, seed=n))
    assert 0.02 < np.mean(ps < 0.05) < 0.06


def test_in_a_family_of_any_size_what_is_plain_can_be_shown() -> None:
    # The least p that is drawn, 2 / (2^14 + 1), would be .06 after 500 tests; of 14 seeds it is exact, and stays.
    plain = np.linspace(0.2, 0.3, 15)[:, None]
    assert sign_flip_p(plain, tests=400) == 2 / (2**14 + 1)
    assert sign_flip_p(plain, tests=500) == pytest.approx(stats.ttest_1samp(plain[:, 0], 0).pvalue)
    assert sign_flip_p(plain[:14], tests=500) == 2 / 2**14
