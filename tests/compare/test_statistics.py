from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from scipy import stats

from logitbench.compare.signflip import DRAWS, least_p
from logitbench.compare.statistics import (
    FEWEST,
    MANY,
    Array,
    Paired,
    described,
    equivalence_p,
    holm,
    mean_p,
    paired,
)


def of(*numbers: float) -> Paired:
    """The one column of these differences."""
    (sample,) = paired(np.array(numbers)[:, None])
    return sample


def normal(n: int, columns: int | None = None, *, mean: float = 0.0, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(mean, 1, n if columns is None else (n, columns))


# How many differences


def test_of_no_differences_nothing_is_known() -> None:
    assert paired(np.empty((0, 2))) == [Paired(0), Paired(0)]
    assert paired(np.full((9, 1), np.nan)) == [Paired(0)]
    assert paired(np.empty((9, 0))) == []


def test_one_difference_has_a_mean_and_no_spread() -> None:
    assert of(0.1) == Paired(1, 0.1, median=0.1)


def test_two_differences_have_an_interval_and_no_p() -> None:
    sample = of(1.0, 2.0)
    # half = t(1, .975) * spread / sqrt(2), and the quantile of t with 1 degree of freedom is tan(.475 pi)
    half = math.tan(0.475 * math.pi) * math.sqrt(0.5) / math.sqrt(2)
    assert (sample.n, sample.mean, sample.median, sample.p, sample.skewness) == (2, 1.5, 1.5, None, None)
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


@pytest.mark.parametrize("n", [2, 3, 6, 25, MANY, MANY + 1])
def test_symmetric_differences_have_students_interval_and_p(n: int) -> None:
    half = np.abs(normal(n // 2, 3, seed=n)) + 0.1
    d = np.concatenate([half, -half, np.zeros((n % 2, 3))]) + 0.2
    for column, sample in enumerate(described(d)):
        reference = stats.ttest_1samp(d[:, column], 0).confidence_interval(0.95)
        assert sample.skewness == (None if n == 2 else pytest.approx(0, abs=1e-9))
        assert (sample.low, sample.high) == pytest.approx((reference.low, reference.high), rel=1e-9)
        assert (sample.mean, sample.spread) == pytest.approx((0.2, np.std(d[:, column], ddof=1)))
        assert sample.median == pytest.approx(np.median(d[:, column]))
        assert sample.effect == pytest.approx(0.2 / np.std(d[:, column], ddof=1))


@pytest.mark.parametrize("confidence", [0.95, 0.984])
@pytest.mark.parametrize("n", [4, 10, 57])
def test_the_interval_of_skewed_differences_is_the_union_of_students_and_halls(n: int, confidence: float) -> None:
    d = np.random.default_rng(n).lognormal(size=(n, 3))
    for column, sample in zip(d.T, described(d, confidence), strict=True):
        reference = stats.ttest_1samp(column, 0).confidence_interval(confidence)
        assert sample.skewness == pytest.approx(stats.skew(column, bias=False))
        assert sample.low is not None
        assert sample.high is not None
        assert sample.low <= reference.low + 1e-12
        assert sample.high >= reference.high - 1e-12
        assert sample.mean is not None
        longer = sample.high - sample.mean > sample.mean - sample.low
        assert longer is bool(stats.skew(column) > 0)


def test_an_interval_leaves_out_zero_where_its_p_is_below_its_level() -> None:
    for n in (6, 10, 30):
        d = np.random.default_rng(n).exponential(size=(n, 300)) - 0.6
        for sample, p in zip(described(d, 0.9), mean_p(d)[0], strict=True):
            assert sample.low is not None
            assert sample.high is not None
            if p < 0.1:
                assert not sample.low <= 0 <= sample.high


@pytest.mark.parametrize("n", [2, 6, 25, MANY])
def test_equal_differences_have_an_interval_of_no_width_and_no_effect_size(n: int) -> None:
    sample = of(*[0.3] * n)
    assert (sample.mean, sample.spread, sample.low, sample.high, sample.effect) == (0.3, 0.0, 0.3, 0.3, None)


@pytest.mark.parametrize("n", [2, 6, 25, MANY])
def test_of_differences_that_are_all_zero_p_is_one(n: int) -> None:
    sample = of(*[0.0] * n)
    assert (sample.mean, sample.spread, sample.low, sample.high, sample.effect) == (0.0, 0.0, 0.0, 0.0, None)
    assert sample.p == (1.0 if n >= FEWEST else None)


@pytest.mark.parametrize("n", [2, 6, 25, MANY])
def test_differences_that_differ_in_the_last_bit_alone_are_no_trouble(n: int) -> None:
    sample = of(*[0.1] * (n - 1), math.nextafter(0.1, 1))
    assert (sample.mean, sample.low, sample.high) == pytest.approx((0.1, 0.1, 0.1), rel=1e-14)


def test_a_column_that_does_not_vary_does_not_spoil_its_neighbours() -> None:
    varied = normal(25)
    together = paired(np.stack([np.zeros(25), varied, np.full(25, 0.1)], axis=1))
    assert together[::2] == [of(*np.zeros(25)), of(*np.full(25, 0.1))]
    assert together[1].low == pytest.approx(of(*varied).low, rel=1e-12)


@pytest.mark.parametrize("n", [2, 6, 25, MANY])
@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e300, 1.7e308])
def test_figures_at_the_ends_of_the_range_neither_overflow_nor_vanish(n: int, scale: float) -> None:
    sample = of(*[scale, -scale] * (n // 2 - 1), scale, 0.0)
    for number in (sample.mean, sample.spread, sample.low, sample.high, sample.effect):
        assert number is not None
        assert math.isfinite(number)
    assert sample.spread


# Which seeds


@pytest.mark.parametrize("n", [8, 27, MANY + 2])
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
        assert sample.p is None


# p


@pytest.mark.parametrize("n", [MANY, MANY + 1])
def test_p_of_many_is_that_of_the_interval(n: int) -> None:
    d = normal(n, 3, mean=0.05)
    assert mean_p(d)[0] == pytest.approx(stats.ttest_1samp(d, 0).pvalue, rel=0.1)
    assert of(*[0.3] * n).p == 0.0


def test_the_test_with_draws_and_the_interval_meet_where_one_takes_over() -> None:
    d = normal(MANY - 1, 1, mean=0.06)
    assert mean_p(d)[0][0] == pytest.approx(stats.ttest_1samp(d[:, 0], 0).pvalue, abs=0.02)


def test_p_does_not_depend_on_the_sign_nor_on_the_unit() -> None:
    for n in (7, 18):
        d = normal(n, 1, mean=0.4)
        assert mean_p(-d)[0] == pytest.approx(mean_p(d)[0], abs=0.01 if n > 14 else 0)
        assert mean_p(d * 1024)[0] == mean_p(d)[0]


def test_the_same_differences_give_the_same_numbers_again_and_in_any_company() -> None:
    d = normal(25, 300)
    (alone,), company = paired(d[:, 299:]), paired(d)
    assert paired(d) == company
    assert company[299].p == alone.p
    assert (company[299].low, company[299].high) == pytest.approx((alone.low, alone.high), rel=1e-12)


# Equivalence


@pytest.mark.parametrize("mean", [-0.4, -0.1, 0.0, 0.2, 0.6])
def test_equivalence_of_symmetric_differences_is_twice_the_p_of_two_one_sided_t_tests(mean: float) -> None:
    d = np.concatenate([normal(6), -normal(6)]) + mean
    above = stats.ttest_1samp(d, -0.5, alternative="greater").pvalue
    below = stats.ttest_1samp(d, 0.5, alternative="less").pvalue
    assert equivalence_p(of(*d), 0.5) == pytest.approx(min(1.0, 2 * max(above, below)), rel=1e-9)


def test_differences_are_equivalent_where_their_interval_lies_within_the_margin() -> None:
    for column in np.random.default_rng(3).exponential(size=(300, 8)) - 1:
        sample = described(column[:, None])[0]
        assert sample.low is not None
        assert sample.high is not None
        within = sample.low > -0.9 and sample.high < 0.9
        assert (equivalence_p(sample, 0.9) < 0.05) is within


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


def test_in_a_family_of_any_size_a_plain_difference_can_be_shown() -> None:
    # The least p that is drawn, 2 / (2^14 + 1), would be .06 after 500 tests; of 24 seeds it is exact.
    plain = np.linspace(0.2, 0.3, 25)[:, None]
    assert mean_p(plain, tests=400)[0][0] == 2 / (DRAWS + 1)
    assert mean_p(plain, tests=500)[0][0] < 1e-20
    assert mean_p(plain[:24], tests=500)[0][0] == least_p(24)


def test_a_p_that_is_drawn_has_an_error_and_an_exact_one_has_none() -> None:
    d = np.linspace(0.2, 0.3, 40)[:, None]
    (sample,) = paired(d)
    assert sample.p == 2 / (DRAWS + 1)
    assert sample.p_error == pytest.approx((sample.p * (2 - sample.p) / DRAWS) ** 0.5)
    assert paired(d[:24])[0].p_error == 0.0


@pytest.mark.parametrize("scale", [1e-300, 1e-110, 1e110, 1e300])
def test_the_unit_of_differences_changes_no_p(scale: float) -> None:
    d = np.array([1.0, 2.0, 3.0, -0.5, 4.0, 2.5, 1.5, 2.0])
    (one,), (scaled,) = paired(d[:, None]), paired(d[:, None] * scale)
    assert scaled.p == one.p
    assert equivalence_p(scaled, 10 * scale) == pytest.approx(equivalence_p(one, 10.0))
    assert equivalence_p(paired(d[:, None] * 1e-110)[0], 0.01) == 0.0


# By simulation

DRAWN = 2000


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 10, 20])
def test_intervals_of_normal_differences_cover_their_mean_as_often_as_they_say(n: int) -> None:
    samples = paired(normal(n, DRAWN, mean=0.5, seed=n))
    covered = [sample.low <= 0.5 <= sample.high for sample in samples if sample.low is not None and sample.high]
    assert len(covered) == DRAWN
    assert 0.94 <= np.mean(covered) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("n", [6, 10, 20])
def test_arms_that_do_not_differ_are_told_apart_no_more_often_than_they_may(n: int) -> None:
    ps, _ = mean_p(normal(n, DRAWN, seed=n))
    assert 0.02 < np.mean(ps < 0.05) < 0.06
