"""Means of comparisons as text: for a terminal, or a file that is read in one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from logitbench.compare.comparison import Comparison
from logitbench.report import curves, figures
from logitbench.report.curves import Curve, Panel


def render(records: Sequence[Comparison], width: int) -> str:
    """Return a plot for each comparison and metric, means over seeds by epoch, without colours.

    Where curves meet, the sign of the last arm is seen; the heading names signs in that order.

    Args:
        records: The comparisons.
        width: Columns.

    Raises:
        UsageError: plotext is not installed.
    """
    return "\n".join(line for record in records for line in _lines(record, width)) + "\n"


def _lines(record: Comparison, width: int) -> Iterator[str]:
    yield figures.printable(figures.heading(record))
    for metric in record.metrics:
        yield ""
        yield from curves.lines(_panel(record, metric), width, figures.epochs_shown(record), "all arms diverged")


def _panel(record: Comparison, metric: str) -> Panel:
    means = {arm: [record.cells[metric, epoch, arm].mean for epoch in record.epochs] for arm in record.arms}
    return Panel(
        title=metric,
        xlabel="epoch",
        ylabel="",
        curves=[
            Curve(arm, record.epochs, [math.nan if mean is None else mean for mean in of_arm])
            for arm, of_arm in means.items()
        ],
    )
