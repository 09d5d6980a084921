"""The paired differences as a figure for a paper, with Matplotlib."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.errors import UsageError
from logitbench.report import figures, marks
from logitbench.report.drawing import drawing, require_ending
from logitbench.report.marks import Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes


TITLE_WIDTH = 44
"""Characters of a title that fit the width of a panel."""


def write_plot(records: Sequence[Comparison], path: Path) -> None:
    """Write a panel for each comparison and metric: every arm minus the baseline by epoch, with its 95 % interval.

    Raises:
        UsageError: Matplotlib is not installed, the ending is none of .png, .svg and .pdf, or no arm has a baseline.
    """
    require_ending(path)
    panels = [(record, metric) for record in records for metric in record.metrics if record.pairs]
    if not panels:
        raise UsageError("there is no pair of arms to draw", "Compare results with two arms or more.")
    looks = {look.arm: look for look in marks.of_arms(dict.fromkeys(arm for one in records for arm in one.arms))}
    with drawing(path, len(panels), _caption(records)) as axes:
        for (record, metric), panel in zip(panels, axes, strict=True):
            _draw(panel, record, metric, looks)


def _caption(records: Sequence[Comparison]) -> str:
    seeds = " and ".join(dict.fromkeys(str(len(record.seeds)) for record in records))
    return f"Mean of the differences paired by seed, n = {seeds}" + (
        ", with its 95 % interval" if any(len(record.seeds) > 1 for record in records) else ""
    )


def _draw(axes: Axes, record: Comparison, metric: str, looks: Mapping[str, Mark]) -> None:
    labelled = [record.epochs.index(epoch) for epoch in figures.epochs_shown(record)]
    axes.axhline(0, color="#444444", linewidth=0.8)
    for pair in record.pairs:
        _draw_pair(axes, record, metric, pair, looks[pair.arm], labelled)
    axes.set_title(textwrap.fill(f"{record.name}: {metric}", TITLE_WIDTH), fontsize=8)
    axes.set_xlabel("epoch")
    axes.set_ylabel(figures.of_baselines(record))
    axes.locator_params(axis="x", integer=True)
    if len(record.epochs) == 1:
        axes.set_xticks(record.epochs)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_pair(axes: Axes, record: Comparison, metric: str, pair: ArmPair, look: Mark, labelled: Sequence[int]) -> None:
    samples = [pair.differences[metric, epoch] for epoch in record.epochs]
    means, lows, highs = (
        np.array([np.nan if value is None else value for value in values])
        for values in zip(*((sample.mean, sample.low, sample.high) for sample in samples), strict=True)
    )
    colour = marks.LIGHT[look.number]
    style = (0, look.dash) if look.dash else "solid"
    marker = marks.PLOT_MARKERS[look.shape]
    label = f"{pair.arm} - {pair.baseline}"
    axes.plot(record.epochs, means, color=colour, linestyle=style, marker=marker, markevery=labelled, label=label)
    if len(record.epochs) > 1:
        axes.fill_between(record.epochs, lows, highs, color=colour, alpha=0.2, linewidth=0)
    else:
        axes.vlines(record.epochs, lows, highs, color=colour)
