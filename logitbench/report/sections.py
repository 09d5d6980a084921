"""What a page says of a comparison, ready for its template: sentences, charts, and a table for each chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from logitbench.compare.comparison import Comparison
from logitbench.heads import ARMS, LossPath
from logitbench.identity import SEEDS, differences
from logitbench.records import RunRecord
from logitbench.report import chartdata, charts, figures, marks, reproduction, sentences, twins
from logitbench.report.chartdata import Table
from logitbench.report.marks import Mark
from logitbench.report.plain import without_folders
from logitbench.report.reproduction import Recipe
from logitbench.report.twins import Twin

LOSS_PATHS = {
    LossPath.FUSED: "cross-entropy from the logits, exact for every logit",
    LossPath.CLIPPED: "probabilities are clipped to [epsilon, 1 - epsilon], then the log: no gradient past the clip",
    LossPath.DOUBLE: "the activation is applied twice",
    LossPath.RAW: "logits are read as if they were probabilities",
    LossPath.OTHER: "none that logitbench knows",
}


@dataclass(frozen=True)
class Chart:
    """A chart and the table behind it.

    Args:
        name: Its id in the page.
        caption: What it shows.
        spec: Vega-Lite, without data; None where there is no figure to draw.
        table: Its data.
        only: Index of the one arm that it is about, None if it is about all.
    """

    name: str
    caption: str
    spec: dict[str, Any] | None
    table: Table
    only: int | None = None


@dataclass(frozen=True)
class Figure:
    """Charts that belong together, with a table behind each or one behind all.

    Args:
        title: Their heading.
        charts: One or more.
        twins: Their tables.
    """

    title: str
    charts: tuple[Chart, ...]
    twins: tuple[Twin, ...]


@dataclass(frozen=True)
class ArmLine:
    """An arm in words.

    Args:
        look: How charts show it.
        about: What its head is.
        path: Its loss path as measured.
        meaning: What that is.
    """

    look: Mark
    about: str
    path: str
    meaning: str


@dataclass(frozen=True)
class Section:
    """What the page says of a comparison; the template writes it."""

    record: Comparison
    name: str
    heading: str
    setting: str
    number: str
    margin: str
    verdicts: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    arms: tuple[ArmLine, ...]
    metrics: tuple[Figure, ...]
    split: Figure
    seeds: Figure
    recipes: tuple[Recipe, ...]

    @property
    def charts(self) -> Iterator[Chart]:
        """All charts that can be drawn."""
        shown = (*self.metrics, self.split, self.seeds)
        return (chart for figure in shown for chart in figure.charts if chart.spec is not None)


def section(record: Comparison, name: str) -> Section:
    """Return what the page says of a comparison.

    Args:
        record: The comparison.
        name: Its id in the page.
    """
    looks = marks.of_arms(map(figures.printable, record.arms))
    number = sentences.number(record.declared)
    verdicts = (sentences.verdict(pair, record.declared).partition(": ") for pair in record.pairs)
    return Section(
        record=record,
        name=name,
        heading=figures.heading(record),
        setting=figures.setting(record),
        number=number,
        margin=f"{record.declared.equivalence_margin:g}",
        verdicts=tuple((verdict, text) for verdict, _, text in verdicts),
        doubts=sentences.doubts(record),
        notes=tuple(map(without_folders, _notes(record))),
        arms=tuple(_arms(record, looks)),
        metrics=tuple(_metric(record, metric, looks, name) for metric in record.metrics),
        split=_split(record, name),
        seeds=_seeds(record, number, looks, name),
        recipes=tuple(reproduction.recipe(run, record.seeds) for run in _distinct(record.runs)),
    )


def _distinct(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Return runs, of those that differ in their seeds alone the one that has most."""
    kept: list[RunRecord] = []
    for run in sorted(runs, key=lambda run: -len(run.planned)):
        if all(any(each.key != SEEDS for each in differences(one, run)) for one in kept):
            kept.append(run)
    return kept


def _notes(record: Comparison) -> Iterator[str]:
    yield from record.notes
    yield from (str(note) for note in record.run.dataset.get("notes", ()))
    yield from record.warnings


def _arms(record: Comparison, looks: Sequence[Mark]) -> Iterator[ArmLine]:
    for arm, look in zip(record.arms, looks, strict=True):
        paths = [LossPath(path) for path in record.loss_paths[arm]]
        about = ARMS[arm].about if arm in ARMS else ""
        yield ArmLine(look, about, "/".join(paths), "; ".join(LOSS_PATHS[path] for path in paths))


def _metric(record: Comparison, metric: str, looks: Sequence[Mark], name: str) -> Figure:
    labelled = figures.epochs_shown(record)
    table = chartdata.curves(record, metric)
    spec = charts.curves(table.name, metric, looks, labelled) if table.has("mean") else None
    over = "Means over seeds" if len(record.seeds) > 1 else "One seed"
    curves = Chart(f"{name}-{metric}", over, spec, table)
    if not record.pairs:
        return Figure(metric, (curves,), (twins.curves(record, metric),))
    both = (curves, _differences(record, metric, looks, name))
    return Figure(metric, both, (twins.curves(record, metric), twins.differences(record, metric)))


def _differences(record: Comparison, metric: str, looks: Sequence[Mark], name: str) -> Chart:
    labelled, paired = figures.epochs_shown(record), {pair.arm for pair in record.pairs}
    others = [look for look, arm in zip(looks, record.arms, strict=True) if arm in paired]
    table = chartdata.differences(record, metric)
    intervals, spec = table.has("low"), None
    if table.has("mean"):
        spec = charts.differences(table.name, metric, others, labelled, intervals=intervals)
    minus = figures.of_baselines(record)
    caption = f"{minus[0].upper()}{minus[1:]}, paired by seed"
    caption += ", with the 95 % interval of the mean" if intervals else ""
    return Chart(f"{name}-{metric}-differences", caption, spec, table)


def _split(record: Comparison, name: str) -> Figure:
    found = []
    for pair in record.pairs:
        table = chartdata.split(record, pair)
        place = record.arms.index(pair.arm)
        spec = charts.split(table.name, figures.printable(pair.arm)) if table.rows else None
        found.append(Chart(f"{name}-split-{place}", f"{pair.arm} minus {pair.baseline}", spec, table, only=place))
    return Figure("Where the accuracy gap comes from", tuple(found), (twins.split(record),))


def _seeds(record: Comparison, number: str, looks: Sequence[Mark], name: str) -> Figure:
    table = chartdata.seeds(record)
    spec = charts.seeds(table.name, number, looks) if table.has("value") else None
    return Figure("Each seed", (Chart(f"{name}-seeds", number, spec, table),), (twins.seeds(record, number),))
