"""The tables that stand behind the charts of a page: the same figures, for who reads and does not look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from logitbench.compare.comparison import Comparison
from logitbench.compare.statistics import Paired
from logitbench.report import chartdata, figures


@dataclass(frozen=True)
class Twin:
    """A table to read.

    Args:
        title: Its name among the tables of the comparison.
        caption: What it shows.
        head: Headings of its columns.
        rows: Cells; the first of each row is its heading.
    """

    title: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def curves(record: Comparison, metric: str) -> Twin:
    """Return means and spreads: an epoch a row, an arm a column."""
    rows = (
        (str(epoch), *(figures.cell(record.cells[metric, epoch, arm]) for arm in record.arms))
        for epoch in record.epochs
    )
    what = "mean ± standard deviation over seeds" if len(record.seeds) > 1 else "one seed"
    return Twin(f"Table: {metric}", f"{metric}, {what}", ("epoch", *record.arms), tuple(rows))


def differences(record: Comparison, metric: str) -> Twin:
    """Return paired differences: an epoch a row, a pair a column."""
    rows = (
        (str(epoch), *(interval(pair.differences[metric, epoch]) for pair in record.pairs)) for epoch in record.epochs
    )
    head = ("epoch", *(f"{pair.arm} minus {pair.baseline}" for pair in record.pairs))
    caption = f"{metric}, mean paired difference with its 95 % interval and the number of seeds"
    return Twin(f"Table: differences of {metric}", caption, head, tuple(rows))


def interval(sample: Paired) -> str:
    """Write a mean difference with the ends of its interval: ``-0.0021 (-0.003 to -0.0012), n=10``."""
    if sample.mean is None:
        return "diverged"
    ends = "" if sample.low is None or sample.high is None else f" ({sample.low:.4g} to {sample.high:.4g})"
    return f"{sample.mean:+.4g}{ends}, n={sample.n}"


def split(record: Comparison) -> Twin:
    """Return the parts of the accuracy gaps: an epoch and pair a row."""
    return Twin(
        "Table: the accuracy gap and its parts",
        "gap of the reported validation accuracy, in points",
        ("epoch", "arm", "gap", "of the metric's threshold", "of training"),
        tuple(_split(record)),
    )


def _split(record: Comparison) -> Iterator[tuple[str, ...]]:
    for pair in record.pairs:
        for epoch, gap, threshold, training in chartdata.points(pair):
            yield str(epoch), pair.arm, gap, threshold, training


def seeds(record: Comparison, number: str) -> Twin:
    """Return the declared number: a seed a row, an arm a column."""
    columns = [record.declared.of(dict(record.figures[arm])) for arm in record.arms]
    rows = (
        (str(seed), *(_value(float(column[place])) for column in columns)) for place, seed in enumerate(record.seeds)
    )
    return Twin("Table: each seed", number, ("seed", *record.arms), tuple(rows))


def _value(number: float) -> str:
    short = chartdata.rounded(number)
    return "diverged" if short is None else f"{short:.6g}"
