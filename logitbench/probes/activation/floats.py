"""All floats of a precision in their order, so that a search can go through them to the last bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ordinals = NDArray[np.int64]
"""0 is 0.0, n > 0 the nth positive float, and -n its negative: neighbours differ by 1.

Subnormal floats are none of them: TensorFlow takes them for 0, others do not.
"""

Holds = Callable[[Ordinals], NDArray[np.bool_]]
"""Tells a property of each ordinal."""

_LAYOUTS: dict[str, tuple[int, int, type[np.unsignedinteger], type[np.floating], int]] = {
    "bfloat16": (0x0080, 0x7F7F, np.uint32, np.float32, 16),  # the upper half of a float32
    "float16": (0x0400, 0x7BFF, np.uint16, np.float16, 0),
    "float32": (0x00800000, 0x7F7FFFFF, np.uint32, np.float32, 0),
    "float64": (0x0010000000000000, 0x7FEFFFFFFFFFFFFF, np.uint64, np.float64, 0),
}
"""Bits of the least normal float and of the greatest, how they are read, and how far they are moved before that."""


def floats(ordinals: Ordinals, precision: str) -> Floats:
    """Return the floats of ordinals; float64 holds those of every precision exactly."""
    least, _, bits, kind, shift = _LAYOUTS[precision]
    patterns = (np.abs(ordinals) + (least - 1)) << shift
    sizes = np.where(ordinals == 0, 0, patterns.astype(bits).view(kind).astype(np.float64))
    return np.where(ordinals < 0, -sizes, sizes)


def per_power(precision: str) -> int:
    """Return how many floats there are from one power of 2 up to the next."""
    return _LAYOUTS[precision][0]


def between(low: int, high: int, steps: int) -> Ordinals:
    """Return ordinals from low to high, both included, in at most that many even steps of 1 or more."""
    step = -(-(high - low) // steps)
    return np.append(np.arange(low, high, step, dtype=np.int64), high)


def over_all(precision: str, steps: int) -> Ordinals:
    """Return ordinals over all finite floats, in at most that many steps on either side of 0."""
    least, greatest, *_ = _LAYOUTS[precision]
    positive = between(0, greatest - least + 1, steps)
    return np.concatenate([-positive[:0:-1], positive])


def edge(holds: Holds, inside: int, outside: int, steps: int) -> int:
    """Return the last ordinal on the way from inside to outside up to which a property holds without a break.

    Args:
        holds: Tells it of ordinals. Where it comes and goes between two that are looked at, that is missed.
        inside: Where it holds.
        outside: Where it does not.
        steps: How many parts to look at at a time.
    """
    while abs(outside - inside) > 1:
        way = between(min(inside, outside), max(inside, outside), steps)
        if outside < inside:
            way = way[::-1]
        last = int(np.argmin(np.append(holds(way[1:-1]), False)))
        inside, outside = int(way[last]), int(way[last + 1])
    return inside
