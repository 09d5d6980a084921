"""Ways to choose a token, against an exact reference, at extremes, and as frameworks round."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench.probes.sampling.chances import (
    LOGITS,
    PRECISIONS,
    PROBABILITIES,
    REPRESENTATIONS,
    Floats,
    Knobs,
    chances,
    descending,
    first_other,
    normalised,
    nucleus,
    rounded,
    running_total,
    softmax,
)
from logitbench.probes.sampling.draws import distance
from logitbench.probes.sampling.sampling import zipf

ROWS = st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=60).map(lambda row: np.array(row) / 64)
"""Logits that are equal or well apart: what differs by less than a rounding of e^z is one probability."""


def given_knobs(temperature: float = 1.0, top_k: int = 1, top_p: float = 1.0) -> Knobs:
    return Knobs(temperature, top_k, top_p)


def exact(logits: Floats, temperature: float, kept: list[int] | None = None) -> list[Any]:
    """The chances by mpmath, with 60 digits."""
    with mpmath.workdps(60):
        powers = [
            mpmath.exp(mpmath.mpf(float(z)) / mpmath.mpf(temperature)) if kept is None or i in kept else mpmath.mpf(0)
            for i, z in enumerate(logits)
        ]
        total = mpmath.fsum(powers)
        return [power / total for power in powers]


@given(ROWS, st.data())
def test_top_k_then_softmax_is_softmax_then_top_k_in_float64(row: Floats, data: st.DataObject) -> None:
    knobs = given_knobs(top_k=data.draw(st.integers(1, len(row))))
    one, other = (chances(row, "top-k", representation, knobs) for representation in REPRESENTATIONS)
    np.testing.assert_allclose(one.of, other.of, rtol=0, atol=1e-12)
    assert one.ties == other.ties
    assert np.count_nonzero(one.of) == knobs.top_k


@given(ROWS, st.floats(0.05, 20))
def test_temperature_on_logits_is_a_power_of_probabilities_in_float64(row: Floats, temperature: float) -> None:
    knobs = given_knobs(temperature=temperature)
    one, other = (chances(row, "temperature", representation, knobs).of for representation in REPRESENTATIONS)
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


@given(ROWS, st.floats(0.05, 20))
def test_no_temperature_changes_the_greedy_choice_in_float64(row: Floats, temperature: float) -> None:
    knobs = given_knobs(temperature=temperature)
    for representation in REPRESENTATIONS:
        tempered = chances(row, "temperature", representation, knobs).of
        greedy = chances(row, "greedy", representation, knobs).of
        assert tempered[greedy.argmax()] == tempered.max()
        assert list(np.flatnonzero(greedy)) == [row.argmax()]


@given(ROWS, st.floats(0.01, 0.999))
def test_top_p_keeps_the_least_set_that_reaches_the_mass(row: Floats, top_p: float) -> None:
    for representation in REPRESENTATIONS:
        kept = chances(row, "top-p", representation, given_knobs(top_p=top_p)).of > 0
        p = softmax(row)
        assert p[kept].sum() >= top_p - 1e-12
        assert p[kept].sum() - p[kept].min() < top_p + 1e-12  # without its least likely token it does not reach it
        assert p[kept].min() >= p[~kept].max(initial=0)  # and no set of as many has more


@given(ROWS, st.sampled_from(PRECISIONS), st.sampled_from(REPRESENTATIONS), st.floats(0.05, 1), st.floats(0.5, 4))
def test_chances_are_from_0_to_1_and_add_up_to_1_but_for_rounding(
    row: Floats, precision: str, representation: str, top_p: float, temperature: float
) -> None:
    knobs = given_knobs(temperature, len(row), top_p)
    for strategy in ("greedy", "temperature", "top-k", "top-p"):
        of = chances(rounded(row, precision), strategy, representation, knobs).of
        assert of.dtype == rounded(row, precision).dtype
        wide = of.astype(np.float64)
        assert ((wide >= 0) & (wide <= 1)).all()
        assert wide.sum() == pytest.approx(
            1, abs={"float64": 1e-14, "float32": 1e-6, "float16": 4e-3}.get(precision, 0.03)
        )


@pytest.mark.parametrize("representation", REPRESENTATIONS)
@pytest.mark.parametrize("temperature", [0.05, 1.0, 30.0])
def test_float64_agrees_with_60_digits_at_extremes(representation: str, temperature: float) -> None:
    row = np.array([900.0, 899.5, 880.0, 0.0, -3.25, -900.0, -1e6])
    of = chances(row, "temperature", representation, given_knobs(temperature=temperature)).of
    for ours, true in zip(of, exact(row, temperature), strict=True):
        assert abs(ours - float(true)) <= 1e-13
    kept = chances(row, "top-k", representation, given_knobs(top_k=3)).of
    for ours, true in zip(kept, exact(row, 1.0, [0, 1, 2]), strict=True):
        assert abs(ours - float(true)) <= 1e-13


@pytest.mark.parametrize(
    ("precision", "tolerance"), [("float32", 2.0**-21), ("float16", 2.0**-8), ("bfloat16", 2.0**-5)]
)
def test_each_precision_is_as_near_to_60_digits_as_its_digits_allow(precision: str, tolerance: float) -> None:
    row = rounded(np.linspace(-4, 4, 9), precision)
    for representation in REPRESENTATIONS:
        of = chances(row, "temperature", representation, given_knobs(temperature=0.5)).of.astype(np.float64)
        true = [float(one) for one in exact(row.astype(np.float64), 0.5)]
        assert max(abs(of - true)) <= tolerance
        assert precision == "float32" or (of != np.array(true)).any()


def test_small_chances_end_at_0_where_each_format_ends() -> None:
    row = np.array([0.0, -11.0, -18.0, -95.0, -110.0, -760.0])
    dead = {
        precision: int(np.count_nonzero(softmax(rounded(row, precision)).astype(np.float64) == 0))
        for precision in PRECISIONS
    }
    # the least number above 0: 2^-1074, 2^-149, 2^-24 and 2^-133
    assert dead == {"float64": 1, "float32": 2, "float16": 4, "bfloat16": 3}


def test_a_low_temperature_leaves_logits_a_distribution_and_probabilities_none() -> None:
    row = np.log([0.1] * 10)
    knobs = given_knobs(temperature=0.01)
    assert chances(rounded(row, "float32"), "temperature", LOGITS, knobs).of == pytest.approx(0.1)
    assert np.isnan(chances(rounded(row, "float32"), "temperature", PROBABILITIES, knobs).of).all()  # 0.1^100 is 0
    assert chances(row, "temperature", PROBABILITIES, knobs).of == pytest.approx(0.1)


def test_more_equal_tokens_than_float16_can_count_have_no_chance() -> None:
    for tokens, chance in ((60_000, 2.0**-16), (70_000, 0.0)):  # their sum is beyond 65,504
        of = chances(np.zeros(tokens, np.float16), "temperature", LOGITS, given_knobs()).of
        assert len(set(of.tolist())) == 1
        assert float(of[0]) == pytest.approx(chance, rel=0.1)


def test_equal_tokens_are_taken_in_their_order_and_those_left_out_are_counted() -> None:
    row = np.array([1.0, 3.0, 2.0, 3.0, 3.0, 2.0])
    assert list(descending(row)) == [1, 3, 4, 2, 5, 0]
    greedy = chances(row, "greedy", LOGITS, given_knobs())
    assert list(greedy.of) == [0, 1, 0, 0, 0, 0]
    assert greedy.ties == 2
    top = chances(row, "top-k", LOGITS, given_knobs(top_k=4))
    assert list(np.flatnonzero(top.of)) == [1, 2, 3, 4]
    assert top.ties == 1
    assert chances(row, "top-k", LOGITS, given_knobs(top_k=6)).ties == 0


def test_probabilities_tie_where_logits_do_not() -> None:
    row = rounded(np.array([-9.0, 0.0, 2.0**-9]), "bfloat16")
    assert chances(row, "greedy", LOGITS, given_knobs()).of.argmax() == 2
    from_probabilities = chances(row, "greedy", PROBABILITIES, given_knobs())
    assert from_probabilities.of.argmax() == 1
    assert from_probabilities.ties == 1


def test_a_nucleus_that_rounding_never_fills_is_everything_and_so_is_all_the_mass() -> None:
    short = rounded(np.full(100, 0.00995), "bfloat16")
    assert float(running_total(short)[-1]) < 0.999
    assert nucleus(short, 0.999) == 100
    assert nucleus(np.array([0.5, 0.5, 0.0]), 1.0) == 3
    assert nucleus(np.array([0.5, 0.25, 0.25]), 0.75) == 2
    assert nucleus(np.array([0.5, 0.25, 0.25]), 0.5) == 1


def test_the_first_k_with_other_tokens_is_found() -> None:
    assert first_other(np.array([2, 0, 1]), np.array([2, 0, 1])) is None
    assert first_other(np.array([2, 0, 1]), np.array([0, 2, 1])) == 1
    assert first_other(np.array([2, 0, 1, 3]), np.array([2, 0, 3, 1])) == 3


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_the_first_k_with_other_tokens_is_the_one_that_sets_show(one: list[int], other: list[int]) -> None:
    by_sets = next((k for k in range(1, 9) if set(one[:k]) != set(other[:k])), None)
    assert first_other(np.array(one), np.array(other)) == by_sets


def test_logits_beyond_float16_are_infinite_and_raise_no_warning() -> None:
    row = rounded(np.array([70_000.0, 0.0]), "float16")
    assert np.isinf(row[0])
    assert np.isnan(chances(row, "temperature", LOGITS, given_knobs()).of.astype(np.float64)).any()


SOFTMAX_OF_JAX = """
import sys, jax, numpy as np
row = np.frombuffer(sys.stdin.buffer.read(), "float32")
found = jax.nn.softmax(jax.numpy.asarray(row).astype("bfloat16"))
sys.stdout.buffer.write(np.asarray(found.astype("float32")).tobytes())
"""
"""In a process of its own: a process that has imported JAX warns whenever it forks, and other tests do."""


def test_rounding_is_that_of_jax_and_of_a_running_total_in_torch() -> None:
    torch = pytest.importorskip("torch")
    if find_spec("jax") is None:
        pytest.skip("jax is not installed")
    ours = rounded(zipf(5_000, 0).logits()[0], "bfloat16")
    probabilities = softmax(ours)

    given = ours.astype(np.float32).tobytes()
    done = subprocess.run([sys.executable, "-c", SOFTMAX_OF_JAX], input=given, capture_output=True, check=True)
    of_jax = np.frombuffer(done.stdout, "float32")
    np.testing.assert_array_equal(of_jax, probabilities.astype(np.float32))
    in_torch = torch.tensor(probabilities.astype(np.float32)).to(torch.bfloat16)
    total = torch.cumsum(in_torch, -1).float().numpy()
    np.testing.assert_array_equal(total, running_total(probabilities).astype(np.float32))


def test_torch_rounds_a_softmax_once_at_the_end_and_is_nearer() -> None:
    torch = pytest.importorskip("torch")
    ours = rounded(zipf(5_000, 0).logits()[0], "bfloat16")
    once = rounded(softmax(ours.astype(np.float32)).astype(np.float64), "bfloat16")

    of_torch = torch.softmax(torch.tensor(ours.astype(np.float32)).to(torch.bfloat16), -1).float().numpy()
    np.testing.assert_array_equal(of_torch, once.astype(np.float32))
    true = softmax(ours.astype(np.float64))
    assert distance(once.astype(np.float64), true) < distance(softmax(ours).astype(np.float64), true)


def test_a_sum_in_a_short_format_is_kept_in_a_longer_one() -> None:
    ones = rounded(np.ones(1_000), "bfloat16")  # added up in bfloat16 they end at 256
    assert float(running_total(ones)[-1]) == 1_000
    assert float(normalised(ones).astype(np.float64).sum()) == pytest.approx(1, abs=2**-8)
