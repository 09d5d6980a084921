"""The fair cross-entropy against 50 digits of mpmath, which shares no formula with the code it judges."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitbench.crossentropy import nll
from logitbench.probes.loss import exact

EXTREMES = (0.0, 1.0, 8.0, 16.0, 17.0, 30.0, 88.0, 100.0, 1e4)
SIGNED = sorted({sign * z for sign in (-1.0, 1.0) for z in EXTREMES})

fixed = partial(settings, derandomize=True, deadline=None, database=None)
logit = st.floats(-1e4, 1e4, allow_subnormal=False)


@fixed(max_examples=300)
@given(logit, st.integers(0, 1))
def test_nll_of_any_logit_has_fifteen_digits(z: float, y: int) -> None:
    assert nll([[z]], [y])[0] == pytest.approx(float(exact.binary([z], [y])[0]), rel=1e-14, abs=1e-300)


@fixed(max_examples=200)
@given(st.lists(st.floats(-300, 300, allow_subnormal=False), min_size=2, max_size=20), st.data())
def test_nll_of_any_row_of_logits_is_exact(row: list[float], data: st.DataObject) -> None:
    y = data.draw(st.integers(0, len(row) - 1))
    # e^margin turns the last bit of a margin of hundreds of nats into 1e-13 of the tail.
    assert nll([row], [y])[0] == pytest.approx(
        float(exact.categorical(row, np.eye(len(row))[y].tolist())[0]), rel=1e-12, abs=1e-300
    )


def test_a_softmax_of_z_and_nothing_is_a_sigmoid_of_z() -> None:
    z = np.array(SIGNED)
    for y in (0, 1):
        labels = np.full(len(z), y)
        pairs = np.stack([np.zeros_like(z), z], axis=1)
        np.testing.assert_allclose(nll(pairs, labels), nll(z[:, None], labels), rtol=1e-14)


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        ([1.0, 2.0], [0, 1]),
        ([[[1.0]]], [0]),
        ([[1.0], [2.0]], [0]),
        ([[1.0], [2.0]], [[0], [1]]),
        (1.0, 0),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_both_shapes(logits: object, labels: object) -> None:
    with pytest.raises(ValueError, match=r"expected logits \[examples, units\] and labels \[examples\], got \("):
        nll(logits, labels)  # type: ignore[arg-type]


def test_a_logit_that_is_not_a_number_stays_one() -> None:
    with np.errstate(invalid="ignore"):
        assert np.isnan(nll([[np.nan]], [1])[0])
        assert np.isnan(nll([[np.nan, 0.0, 1.0]], [1])[0])
    assert nll([[np.inf]], [0])[0] == np.inf
