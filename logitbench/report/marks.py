"""How arms are told apart in charts: by colour, dash and shape at once, so that no one of them is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LIGHT = ("#0072b2", "#c04e00", "#007a5a", "#a33b8f", "#7a5c00", "#444444")
DARK = ("#56b4e9", "#ff9f5e", "#3ddbaa", "#f09ad8", "#e6d04a", "#cccccc")
"""After Okabe and Ito (2008), darkened or lightened until each has a contrast of 3 : 1 and more to the page."""

DASHES: tuple[tuple[int, ...], ...] = ((), (7, 3), (2, 2), (9, 3, 2, 3), (13, 4), (5, 2, 1, 2, 1, 2), (1, 4))

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
"""Names of Vega."""

OUTLINES = dict(
    zip(
        SHAPES,
        (
            "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
            "M-4 -4h8v8h-8z",
            "M0 -5l5 9h-10z",
            "M0 -5.5l4.5 5.5l-4.5 5.5l-4.5 -5.5z",
            "M-1.7 -5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
            "M0 5l5 -9h-10z",
            "M5 0l-9 5v-10z",
            "M-5 0l9 5v-10z",
        ),
        strict=True,
    )
)
"""The same as paths of SVG, some 10 pixels wide."""

PLOT_MARKERS = dict(zip(SHAPES, "os^DPv><", strict=True))
"""The same of Matplotlib."""


@dataclass(frozen=True)
class Mark:
    """The look of an arm.

    Args:
        arm: Its name.
        number: Index into ``LIGHT`` and ``DARK``.
        dash: Lengths of strokes and gaps in pixels; none is a whole line.
        shape: One of ``SHAPES``.
    """

    arm: str
    number: int
    dash: tuple[int, ...]
    shape: str

    @property
    def outline(self) -> str:
        """The shape as a path of SVG."""
        return OUTLINES[self.shape]


def of_arms(arms: Iterable[str]) -> list[Mark]:
    """Return a look for each arm; colours come back after 6 arms, with another dash and shape."""
    return [
        Mark(arm, place % len(LIGHT), DASHES[place % len(DASHES)], SHAPES[place % len(SHAPES)])
        for place, arm in enumerate(arms)
    ]
