"""Curves as text, with plotext: for a terminal, or a file that is read in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logitbench.compare.comparison import Comparison
from logitbench.report import figures
from logitbench.report.extra import needed

HEIGHT = 16
"""Lines of a plot."""

NARROWEST = 40
"""Columns; a plot in fewer shows nothing."""

SIGNS = "ox+*#@%&$="
"""A sign for each arm, then again from the first."""


def render(records: Sequence[Comparison], width: int) -> str:
    """Return a plot for each comparison and metric, means over seeds by epoch, without colours.

    Where curves meet, the sign of the last arm is seen; the heading names signs in that order.

    Args:
        records: The comparisons.
        width: Columns.

    Raises:
        UsageError: plotext is not installed.
    """
    return "\n".join(line for record in records for line in _lines(record, max(width, NARROWEST))) + "\n"


def _lines(record: Comparison, width: int) -> Iterator[str]:
    yield figures.printable(figures.heading(record))
    for metric in record.metrics:
        yield ""
        signs = (f"{_sign(place)} {arm}" for place, arm in enumerate(record.arms))
        yield figures.printable(f"{metric}: {', '.join(signs)}")
        yield from _plot(record, metric, width)


def _sign(place: int) -> str:
    return SIGNS[place % len(SIGNS)]


def _plot(record: Comparison, metric: str, width: int) -> Iterator[str]:
    plotext = needed("A plot in the terminal", "plotext", "plotext")
    plotext.clear_figure()  # its one figure is global
    plotext.limit_size(False, False)
    plotext.theme("clear")
    plotext.plot_size(width, HEIGHT)
    drawn = False
    for place, arm in enumerate(record.arms):
        points = [(epoch, record.cells[metric, epoch, arm].mean) for epoch in record.epochs]
        epochs, means = zip(*points, strict=True)
        for first, last in _stretches(means):
            draw = plotext.plot if last - first > 1 else plotext.scatter
            draw(epochs[first:last], means[first:last], marker=_sign(place))
            drawn = True
    if not drawn:
        yield "all arms diverged"
        return
    plotext.xticks(figures.epochs_shown(record))
    plotext.xlabel("epoch")
    yield from (line.rstrip() for line in plotext.uncolorize(plotext.build()).splitlines())


def _stretches(means: Sequence[float | None]) -> Iterator[tuple[int, int]]:
    """Yield first and last + 1 of each run of figures that are there."""
    first = None
    for place, mean in enumerate([*means, None]):
        if mean is None and first is not None:
            yield first, place
            first = None
        elif mean is not None and first is None:
            first = place
