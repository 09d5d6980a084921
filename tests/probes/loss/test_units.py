from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from logitbench.probes.loss.units import error, ulp


@given(st.floats(-(2.0**127), 2.0**127, width=32))
def test_the_unit_in_the_last_place_is_the_spacing_of_float32(number: float) -> None:
    assert float(ulp(mpf(number), "float32")) == np.spacing(np.float32(abs(number)))


@pytest.mark.parametrize(("dtype", "gap"), [("bfloat16", 2.0**-7), ("float16", 2.0**-10), ("float64", 2.0**-52)])
def test_the_unit_in_the_last_place_of_one(dtype: str, gap: float) -> None:
    assert float(ulp(mpf(1), dtype)) == gap == float(ml_dtypes.finfo(dtype).eps)  # type: ignore[no-untyped-call]


def test_an_error_of_what_is_no_number_is_none() -> None:
    assert math.isnan(error(math.nan, mpf(1)))
    assert error(-math.inf, mpf(1)) == math.inf
    assert error(1.5, mpf(1)) == 0.5
