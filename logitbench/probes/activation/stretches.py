"""Where a function saturates and where its gradient dies, to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from logitbench.probes.activation.floats import Floats, Holds, Ordinals, between, edge, floats, over_all, per_power
from logitbench.probes.activation.records import Stretch

STEPS = {"bfloat16": 1 << 15, "float16": 1 << 15, "float32": 1 << 13, "float64": 1 << 13}
"""On either side of 0, over all floats: each one of 16 bits, 32 a power of 2 of float32, 4 of float64."""

FINER = 1 << 13
"""Parts into which what lies between two of them is divided, again and again to the last bit."""

Measured = Callable[[Floats], tuple[Floats, Floats]]
"""From inputs to values and derivatives."""


def stretches(measured: Measured, precision: str) -> Iterator[Stretch]:
    """Yield where a value stays as it is at either end of all floats, and where a gradient is 0, infinite or NaN.

    Of a gradient, that is at either end and around 0. Where a number at an end is infinite or NaN, the next stretch
    inwards is looked for too. Every float of float16 and bfloat16 is tried; of the others some, and then ever nearer
    ones to where a stretch ends.
    """
    grid = over_all(precision, STEPS[precision])
    known: dict[bytes, tuple[Floats, Floats]] = {}  # values and gradients often end at the same float

    def at(ordinals: Ordinals) -> tuple[Floats, Floats]:
        key = ordinals.tobytes()
        if key not in known:
            known[key] = measured(floats(ordinals, precision))
        return known[key]

    for which, (what, at_grid) in enumerate(zip(("value", "gradient"), at(grid), strict=True)):
        for low, high in _runs(at_grid, of_gradient=what == "gradient"):
            number = float(at_grid[low])

            def holds(ordinals: Ordinals, which: int = which, number: float = number) -> NDArray[np.bool_]:
                return _same(at(ordinals)[which], number)

            first, last = int(grid[low]), int(grid[high])
            if low > 0:
                first = edge(holds, first, int(grid[low - 1]), FINER)
            if high < len(grid) - 1:
                last = edge(holds, last, int(grid[high + 1]), FINER)
            met = None
            if low > 0 and high == len(grid) - 1:
                first, met = _settled(holds, first, int(grid[-1]), per_power(precision))
            elif low == 0 and high < len(grid) - 1:
                last, met = _settled(holds, last, int(grid[0]), per_power(precision))
            yield Stretch(
                what,
                number,
                -np.inf if low == 0 else _float(first, precision),
                np.inf if high == len(grid) - 1 else _float(last, precision),
                None if met is None else _float(met, precision),
            )


def _settled(holds: Holds, end: int, farthest: int, width: int) -> tuple[int, int | None]:
    """Return from where on outwards a property stays, and where it was met before, if it comes and goes until then.

    Args:
        holds: The property.
        end: From where on it seems to stay.
        farthest: Up to where it is to stay.
        width: How far to look from the end, either way; where the property comes and goes, nearer and nearer too.
    """
    met = _met(holds, end, 1 if end < farthest else -1, width)
    while width:
        way = _way(end, min(end + width, farthest) if end < farthest else max(end - width, farthest))
        broken = np.flatnonzero(~holds(way))
        if len(broken):
            end = edge(holds, int(way[broken[-1] + 1]), int(way[broken[-1]]), FINER)
        elif met is None:
            break
        width >>= 3
    return end, met


def _met(holds: Holds, end: int, outwards: int, width: int) -> int | None:
    """Return the first ordinal on the way outwards to a stretch's end at which its number is met, if it comes and goes.

    Where the number is there at the very start, it comes and goes if most of the way has it; else it is a zero that has
    nothing to do with the stretch.
    """
    start = end - outwards * width
    if start * outwards <= 0:
        return None
    way = _way(start, end)
    held = holds(way)
    first = int(np.argmax(held))
    if first == len(way) - 1:
        return None
    if first == 0:
        return start if held.mean() > 0.5 else None
    return edge(lambda ordinals: ~holds(ordinals), int(way[first - 1]), int(way[first]), FINER) + outwards


def _way(start: int, end: int) -> Ordinals:
    return between(start, end, FINER) if start < end else between(end, start, FINER)[::-1]


def _runs(numbers: Floats, *, of_gradient: bool) -> list[tuple[int, int]]:
    """Return first and last place of each run of one number that is looked for, in order."""
    found = set()
    for start, inwards in ((0, 1), (len(numbers) - 1, -1)):
        at = start
        while 0 <= at < len(numbers):
            low, high = _run(numbers, at)
            finite = np.isfinite(numbers[at])
            if low < high and not (of_gradient and finite and numbers[at]):  # one float alone is no stretch
                found.add((low, high))
            if finite:
                break
            at = high + 1 if inwards > 0 else low - 1
    middle = len(numbers) // 2
    if of_gradient and not (np.isfinite(numbers[middle]) and numbers[middle]):
        found.add(_run(numbers, middle))
    return sorted(found)


def _run(numbers: Floats, at: int) -> tuple[int, int]:
    same = _same(numbers, float(numbers[at]))
    below, above = (int(np.argmin(np.append(way, False))) for way in (same[: at + 1][::-1], same[at:]))
    return at - below + 1, at + above - 1


def _float(ordinal: int, precision: str) -> float:
    return float(floats(np.array([ordinal]), precision)[0])


def _same(numbers: Floats, number: float) -> NDArray[np.bool_]:
    return np.isnan(numbers) if np.isnan(number) else numbers == number
