"""The figures of a comparison's charts: columns and rows, each figure once, with 6 significant digits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from logitbench.compare.comparison import ArmPair, Comparison

DIGITS = 6


@dataclass(frozen=True)
class Table:
    """A table of a chart.

    Args:
        name: What its chart calls it.
        columns: Names; ``arm`` holds an index into the arms of the comparison.
        rows: A value for each column; None where there is none.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[float | None, ...], ...]

    def has(self, column: str) -> bool:
        """Return whether a column has any figure."""
        place = self.columns.index(column)
        return any(row[place] is not None for row in self.rows)


def rounded(number: float | None) -> float | None:
    """Return a number with 6 significant digits, None where it is not a finite one; a whole one as an integer."""
    if number is None or not math.isfinite(number):
        return None
    short = float(f"{number:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 10**DIGITS else short


def curves(record: Comparison, metric: str) -> Table:
    """Return mean and spread of every arm at every epoch."""
    rows = [
        (place, epoch, rounded(cell.mean), rounded(cell.spread))
        for place, arm in enumerate(record.arms)
        for epoch in record.epochs
        for cell in [record.cells[metric, epoch, arm]]
    ]
    return Table(metric, ("arm", "epoch", "mean", "spread"), tuple(rows))


def differences(record: Comparison, metric: str) -> Table:
    """Return the mean paired difference of every arm but the baseline at every epoch, with its interval."""
    places = {arm: place for place, arm in enumerate(record.arms)}
    rows = [
        (places[pair.arm], epoch, rounded(sample.mean), rounded(sample.low), rounded(sample.high), sample.n)
        for pair in record.pairs
        for epoch in record.epochs
        for sample in [pair.differences[metric, epoch]]
    ]
    return Table(f"{metric} differences", ("arm", "epoch", "mean", "low", "high", "n"), tuple(rows))


def split(record: Comparison, pair: ArmPair) -> Table:
    """Return the parts of a pair's accuracy gap by epoch, in points; they add up to the last digit."""
    rows = tuple((epoch, float(gap), float(of), float(rest)) for epoch, gap, of, rest in points(pair))
    place = record.arms.index(pair.arm)
    return Table(f"split {place}", ("epoch", "gap", "threshold", "training"), rows)


def points(pair: ArmPair) -> Iterator[tuple[int, str, str, str]]:
    """Yield epoch, and gap, threshold and training in points with 2 decimals, as they are written."""
    for part in pair.accuracy:
        gap, threshold, training = (f"{100 * share + 0.0:.2f}" for share in part.rounded(4))
        yield part.epoch, gap, threshold, training


def seeds(record: Comparison) -> Table:
    """Return the declared number of every arm and seed."""
    rows = [
        (place, seed, rounded(float(value)))
        for place, arm in enumerate(record.arms)
        for seed, value in zip(record.seeds, record.declared.of(dict(record.figures[arm])), strict=True)
    ]
    return Table("seeds", ("arm", "seed", "value"), tuple(rows))
