"""Charts of a comparison as Vega-Lite, without their data: the page holds each table once and joins them.

A chart shows the arms in its parameter ``shown``. Text comes into a chart as data only, never as an expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from logitbench.report.extra import needed
from logitbench.report.marks import Mark

if TYPE_CHECKING:
    import altair as alt
else:
    alt = needed("The report page", "altair", "altair")

Spec = dict[str, Any]

SHOWN = "shown"
"""The parameter that holds the names of the arms that are switched on."""

IS_SHOWN = f"indexof({SHOWN}, datum.arm) >= 0"

THRESHOLD, TRAINING = "threshold", "training"
"""Columns of a split gap, and classes of its colours."""

Y_LABELS = 56
"""Pixels that labels of a y axis take at least, so that charts one under the other have their epochs in line."""

LANE = 40
"""Pixels of an arm's row."""

_SPREAD = "(isValid(datum.spread) ? ' ± ' + datum.spread : '')"
_INTERVAL = "(isValid(datum.low) ? ' (' + datum.low + ' to ' + datum.high + ', n=' + datum.n + ')' : '')"


def curves(data: str, metric: str, marks: Sequence[Mark], labelled: Sequence[int]) -> Spec:
    """Return a line for each arm: means over seeds, by epoch.

    Args:
        data: Name of a table with the columns arm, epoch, mean and spread.
        metric: Its name.
        marks: The arms' looks.
        labelled: Epochs at which lines have their shape.
    """
    lines, points = _lines(data, marks, labelled, metric)
    return _spec(
        alt.layer(lines, points, _at_an_epoch(data, _SPREAD, labelled)),
        f"{metric} by epoch, a line for each arm. The table after the chart has its figures.",
        230,
    )


def differences(data: str, metric: str, marks: Sequence[Mark], labelled: Sequence[int], *, intervals: bool) -> Spec:
    """Return a line and its interval for each arm but the baseline: paired differences, by epoch.

    Args:
        data: Name of a table with the columns arm, epoch, mean, low and high.
        metric: Its name.
        marks: The looks of the arms that the table has.
        labelled: Epochs at which lines have their shape.
        intervals: Whether there are any; one seed has none.
    """
    lines, points = _lines(data, marks, labelled, "difference")
    none = alt.Chart(_one_row()).mark_rule(color="var(--ink)", aria=False).encode(y=alt.datum(0))
    of_arm = alt.Chart(alt.NamedData(data)).transform_filter(IS_SHOWN)
    interval = (
        of_arm.mark_area(opacity=0.2, aria=False) if len(labelled) > 1 else of_arm.mark_rule(strokeWidth=2, aria=False)
    )
    interval = interval.encode(x=_epoch(labelled), y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=_by_arm(marks))
    layers = [none, lines, points, _at_an_epoch(data, _INTERVAL, labelled)]
    return _spec(
        alt.layer(*([interval] if intervals else []), *layers),
        f"{metric}, each arm minus the baseline, paired by seed, with the 95 % interval of the mean, by epoch. "
        "The table after the chart has its figures.",
        150,
    )


def split(data: str, arm: str) -> Spec:
    """Return bars by epoch, each a gap between reported accuracies stacked from its two parts.

    Args:
        data: Name of a table with the columns epoch, gap, threshold and training, in points.
        arm: Whose gap it is.
    """
    text = "'epoch ' + datum.epoch + '\\ngap ' + datum.gap + '\\nthreshold ' + datum.threshold + '\\ntraining ' + "
    base = alt.Chart(alt.NamedData(data)).transform_calculate(text=text + "datum.training")
    epoch = alt.X("epoch:O", axis=alt.Axis(title="epoch", labelAngle=0, labelOverlap=True))
    parts = base.transform_fold([THRESHOLD, TRAINING], ["part", "points"])
    bars = parts.mark_bar(aria=False).encode(
        x=epoch,
        y=alt.Y("points:Q", stack="zero", axis=alt.Axis(title="points", minExtent=Y_LABELS)),
        color=alt.Color(
            "part:N",
            scale=alt.Scale(domain=[THRESHOLD, TRAINING], range=["var(--threshold)", "var(--learning)"]),
            legend=None,
        ),
        order=alt.Order("part:N", sort="ascending"),
        tooltip="text:N",
    )
    whole = base.mark_point(shape="diamond", filled=True, size=50, opacity=1, color="var(--ink)", aria=False).encode(
        x=epoch, y=alt.Y("gap:Q"), tooltip="text:N"
    )
    none = alt.Chart(_one_row()).mark_rule(color="var(--ink)", aria=False).encode(y=alt.datum(0))
    return _spec(
        alt.layer(bars, none, whole),
        f"Gap of the reported validation accuracy of {arm} to the baseline by epoch, in points, split into the "
        "metric's threshold and training. The table after the chart has its figures.",
        170,
    )


def seeds(data: str, number: str, marks: Sequence[Mark]) -> Spec:
    """Return a dot for each arm and seed, and a stroke at each arm's mean.

    Args:
        data: Name of a table with the columns arm, seed and value.
        number: What the value is, in words.
        marks: The arms' looks.
    """
    base = alt.Chart(alt.NamedData(data)).transform_filter(f"{IS_SHOWN} && isValid(datum.value)")
    arms = alt.Scale(domain=[mark.arm for mark in marks])
    lane = alt.Y("arm:N", scale=arms, axis=alt.Axis(title=None, labelLimit=130))
    value = alt.X("value:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=number, tickCount=5))
    dots = base.transform_calculate(text="datum.arm + ', seed ' + datum.seed + ': ' + datum.value")
    return _spec(
        alt.layer(
            dots.mark_point(filled=True, size=36, opacity=0.85, aria=False).encode(
                x=value,
                y=lane,
                yOffset=alt.YOffset("seed:O"),
                color=_by_arm(marks),
                shape=_by_shape(marks),
                tooltip="text:N",
            ),
            base.mark_point(shape="stroke", angle=90, size=900, color="var(--ink)", opacity=1, aria=False).encode(
                x=alt.X("mean(value):Q"), y=lane
            ),
        ),
        f"{number}, a dot for each seed and a stroke at the mean, a row for each arm. The table after the chart has "
        "its figures.",
        LANE * len(marks),
    )


def _lines(data: str, marks: Sequence[Mark], labelled: Sequence[int], title: str) -> tuple[alt.Chart, alt.Chart]:
    base = alt.Chart(alt.NamedData(data)).transform_filter(IS_SHOWN)
    value = alt.Y("mean:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=title, minExtent=Y_LABELS))
    dash = alt.StrokeDash(
        "arm:N",
        scale=alt.Scale(domain=[mark.arm for mark in marks], range=[list(mark.dash) or [1, 0] for mark in marks]),
        legend=None,
    )
    lines = base.mark_line(strokeWidth=2, aria=False).encode(
        x=_epoch(labelled), y=value, color=_by_arm(marks), strokeDash=dash
    )
    points = base.transform_filter(alt.FieldOneOfPredicate("epoch", list(labelled)))
    return lines, points.mark_point(filled=True, size=45, opacity=1, aria=False).encode(
        x=_epoch(labelled), y=value, color=_by_arm(marks), shape=_by_shape(marks)
    )


def _at_an_epoch(data: str, more: str, labelled: Sequence[int]) -> alt.Chart:
    """Return a rule at the epoch next to the pointer that tells the figures of all arms there."""
    pointer = alt.selection_point(
        name="at", nearest=True, on="pointerover", clear="pointerout", encodings=["x"], empty=False
    )
    rule: alt.Chart = (
        alt.Chart(alt.NamedData(data))
        .transform_filter(IS_SHOWN)
        .transform_calculate(line=f"datum.arm + ': ' + (isValid(datum.mean) ? datum.mean + {more} : 'diverged')")
        .transform_aggregate([alt.AggregatedFieldDef(op="values", **{"as": "arms"})], groupby=["epoch"])
        .transform_calculate(text="'epoch ' + datum.epoch + '\\n' + join(pluck(datum.arms, 'line'), '\\n')")
        .mark_rule(color="var(--ink)", aria=False)
        .encode(
            x=_epoch(labelled),
            opacity=alt.condition(pointer, alt.value(0.5), alt.value(0)),
            # what is under the pointer is a cell around the rule, whose datum is the rule
            tooltip=alt.value(alt.ExprRef("(datum.datum || datum).text")),
        )
        .add_params(pointer)
    )
    return rule


def _epoch(labelled: Sequence[int]) -> alt.X:
    return alt.X("epoch:Q", scale=alt.Scale(nice=False, padding=8), axis=alt.Axis(values=list(labelled), format="d"))


def _by_arm(marks: Sequence[Mark]) -> alt.Color:
    colours = [f"var(--arm-{mark.number})" for mark in marks]
    return alt.Color("arm:N", scale=alt.Scale(domain=[mark.arm for mark in marks], range=colours), legend=None)


def _by_shape(marks: Sequence[Mark]) -> alt.Shape:
    shapes = [mark.shape for mark in marks]
    return alt.Shape("arm:N", scale=alt.Scale(domain=[mark.arm for mark in marks], range=shapes), legend=None)


def _one_row() -> alt.InlineData:
    return alt.InlineData(values=[{}])


def _spec(chart: alt.LayerChart | alt.FacetChart, description: str, height: int) -> Spec:
    shown = alt.param(name=SHOWN, value=[])
    chart = chart.properties(width="container", height=height, description=description)
    found: Spec = chart.add_params(shown).to_dict()
    return {key: value for key, value in found.items() if key not in {"$schema", "config"}}  # the page gives both
