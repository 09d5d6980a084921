"""How far a computed number is off an exact one."""

from __future__ import annotations

import math

import ml_dtypes
import mpmath
from mpmath import mpf


def error(value: float, exact: mpf) -> mpf:
    """Return the absolute error; infinite or NaN where the value is."""
    return abs(mpf(value) - exact) if math.isfinite(value) else mpf(abs(value))


def ulp(exact: mpf, dtype: str) -> mpf:
    """Return the unit in the last place of a number in a dtype: the gap between the two of it around that number."""
    info = ml_dtypes.finfo(dtype)  # type: ignore[no-untyped-call]
    exponent = math.floor(mpmath.log(abs(exact), 2)) if exact else info.minexp
    return mpf(2) ** (max(exponent, int(info.minexp)) - int(info.nmant))
