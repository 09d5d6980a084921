"""A figure of panels for a paper, with Matplotlib: the same figures make the same file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logitbench.errors import UsageError
from logitbench.report.extra import needed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WHAT = "A figure"

METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
"""By ending: what else would make the file of the same figures another one."""

PANELS = 3
"""Side by side, at most."""

PANEL = (3.3, 2.4)
"""Width and height of a panel, in inches."""


def require_ending(path: Path) -> None:
    """Refuse a file that no figure is written to.

    Raises:
        UsageError: The ending is none of .png, .svg and .pdf.
    """
    if path.suffix.lower() not in METADATA:
        raise UsageError(f"a figure ends in .png, .svg or .pdf, got {path.name!r}", "Example: --plot figure.svg")


@contextmanager
def drawing(path: Path, panels: int, title: str = "") -> Iterator[list[Axes]]:
    """Give the axes of a figure's panels, and write it, with a legend of all lines that have a name.

    Raises:
        UsageError: Matplotlib is not installed, or the ending is none of .png, .svg and .pdf.
    """
    require_ending(path)
    matplotlib = needed(WHAT, "matplotlib", "matplotlib")
    columns = min(PANELS, panels)
    rows = -(-panels // columns)
    with matplotlib.rc_context(
        {
            "svg.hashsalt": "logitbench",
            "font.size": 8,
            "lines.linewidth": 1.2,
            "lines.markersize": 4,
            "text.parse_math": False,
        }
    ):
        figure = needed(WHAT, "matplotlib", "matplotlib.figure").Figure(
            figsize=(PANEL[0] * columns, PANEL[1] * rows + 0.4), layout="constrained"
        )
        axes = list(figure.subplots(rows, columns, squeeze=False).flat)
        yield axes[:panels]
        for panel in axes[panels:]:
            panel.remove()
        _legend(figure, columns)
        if title:
            figure.suptitle(title, fontsize=8)
        figure.savefig(path, metadata=METADATA[path.suffix.lower()], dpi=200)


def _legend(figure: Any, columns: int) -> None:
    lines = {line.get_label(): line for axes in figure.axes for line in axes.lines}
    chosen = dict(_named(lines))
    figure.legend(chosen.values(), chosen, loc="outside lower center", ncols=columns, frameon=False, handlelength=3.5)


def _named(lines: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the lines with a name: Matplotlib names all others with an underscore."""
    return ((label, line) for label, line in lines.items() if not label.startswith("_"))
