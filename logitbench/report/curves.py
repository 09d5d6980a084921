"""Curves of anything: as text, with plotext, for a terminal, and as a figure, with Matplotlib."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.report import marks
from logitbench.report.drawing import drawing
from logitbench.report.extra import needed
from logitbench.report.marks import Mark
from logitbench.report.plain import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 16
"""Lines of a plot."""

NARROWEST = 40
"""Columns; a plot in fewer shows nothing."""

SIGNS = "ox+*#@%&$="
"""A sign for each curve, then again from the first."""

MARKED = 20
"""A curve of more points than this has no markers in a figure."""


@dataclass(frozen=True)
class Curve:
    """A curve.

    Args:
        name: What it is called in the legend; curves of the same name look the same in all panels of a figure.
        x: Finite numbers.
        y: As many; what is not finite is a gap.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True)
class Panel:
    """Curves with the same axes.

    Args:
        title: What they show.
        xlabel: What x is.
        ylabel: What y is; may be empty.
        curves: The curves; of those that meet in a terminal, the last is seen.
        log: Whether y is on a logarithmic scale; what is not above 0 is a gap there, and the title says how much.
    """

    title: str
    xlabel: str
    ylabel: str
    curves: Sequence[Curve]
    log: bool = False

    def drawable(self, y: float) -> bool:
        """Return whether a number has a place on the scale."""
        return math.isfinite(y) and (y > 0 or not self.log)

    @property
    def heading(self) -> str:
        """The title, with what the scale leaves out."""
        lost = sum(math.isfinite(y) and not self.drawable(y) for curve in self.curves for y in curve.y)
        return f"{self.title} ({lost} points not above 0 left out)" if lost else self.title


def render(panels: Sequence[Panel], width: int) -> str:
    """Return panels as text, without colours.

    Args:
        panels: The panels.
        width: Columns.

    Raises:
        UsageError: plotext is not installed.
    """
    return "\n\n".join("\n".join(lines(panel, width)) for panel in panels) + "\n"


def lines(panel: Panel, width: int, ticks: Sequence[float] = (), nothing: str = "nothing to draw") -> Iterator[str]:
    """Yield the lines of a panel as text.

    Args:
        panel: The panel.
        width: Columns.
        ticks: Where x is labelled; none leaves that to plotext.
        nothing: What is said where no point can be drawn.

    Raises:
        UsageError: plotext is not installed.
    """
    named = (f"{_sign(place)} {curve.name}" for place, curve in enumerate(panel.curves))
    of = "log10 of " if panel.log else ""  # plotext would write out all zeros of 1e-9
    yield printable(f"{of}{panel.heading}: {', '.join(named)}")
    plotext = needed("A plot in the terminal", "plotext", "plotext")
    plotext.clear_figure()  # its one figure is global
    plotext.limit_size(False, False)
    plotext.theme("clear")
    plotext.plot_size(max(width, NARROWEST), HEIGHT)
    drawn = False
    for place, curve in enumerate(panel.curves):
        for first, last in _stretches(panel, curve):
            draw = plotext.plot if last - first > 1 else plotext.scatter
            heights = map(math.log10, curve.y[first:last]) if panel.log else curve.y[first:last]
            draw(list(curve.x[first:last]), list(heights), marker=_sign(place))
            drawn = True
    if not drawn:
        yield nothing
        return
    if ticks:
        plotext.xticks(ticks)
    plotext.xlabel(printable(panel.xlabel))
    if panel.ylabel:
        plotext.ylabel(printable(panel.ylabel))
    yield from (line.rstrip() for line in plotext.uncolorize(plotext.build()).splitlines())


def write(panels: Sequence[Panel], path: Path, title: str = "") -> None:
    """Write panels to a file.

    Raises:
        UsageError: Matplotlib is not installed, or the ending is none of .png, .svg and .pdf.
    """
    names = dict.fromkeys(curve.name for panel in panels for curve in panel.curves)
    looks = {look.arm: look for look in marks.of_arms(names)}
    with drawing(path, len(panels), printable(title)) as axes:
        for panel, place in zip(panels, axes, strict=True):
            _draw(place, panel, looks)


def _draw(axes: Axes, panel: Panel, looks: dict[str, Mark]) -> None:
    drawn = False
    for curve in panel.curves:
        look = looks[curve.name]
        y = [one if panel.drawable(one) else math.nan for one in curve.y]
        drawn |= not all(map(math.isnan, y))
        axes.plot(
            curve.x,
            y,
            color=marks.LIGHT[look.number],
            linestyle=(0, look.dash) if look.dash else "solid",
            marker=marks.PLOT_MARKERS[look.shape] if len(y) <= MARKED else None,
            label=printable(curve.name),
        )
    if panel.log and drawn:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda y, _: f"{y:g}")  # names are not parsed as mathematics, nor are numbers
    axes.set_title(printable(panel.heading), fontsize=8)
    axes.set_xlabel(printable(panel.xlabel))
    axes.set_ylabel(printable(panel.ylabel))
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _sign(place: int) -> str:
    return SIGNS[place % len(SIGNS)]


def _stretches(panel: Panel, curve: Curve) -> Iterator[tuple[int, int]]:
    """Yield first and last + 1 of each run of points that can be drawn."""
    first = None
    for place, y in enumerate([*curve.y, math.nan]):
        if not panel.drawable(y) and first is not None:
            yield first, place
            first = None
        elif panel.drawable(y) and first is None:
            first = place
