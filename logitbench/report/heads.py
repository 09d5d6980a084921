"""What was found of a model's heads, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from logitbench.probes.model.records import Advice, MetricReading, ModelProbe, OutputProbe
from logitbench.report.grids import Cell, Grid

UNKNOWN = "?"

WHOLE = (
    *("output", "layer", "units", "activation", "precision", "loss", "from_logits", "path", "through", "family"),
    *("labels", "dead_from", "why", "about", "metric", "metric_kind", "metric_reads", "metric_cuts", "metric_fits"),
    *("level", "what", "code"),
)


def shown(target: str, probe: ModelProbe, notes: Sequence[str] = ()) -> list[Grid]:
    """Return what a person is to see: heads, metrics and what to change."""
    how = f"Keras {probe.keras} on {probe.backend}, {probe.execution}"
    outputs = Grid(
        f"{target}: the loss of each output, measured ({how})",
        ("output", "head", "activation", "precision", "loss", "from_logits", "computed", "of", "no gradient from"),
        tuple(_output_row(output) for output in probe.outputs),
        (
            *notes,
            *(f"{one.name}: could not tell: {one.reading.why}." for one in probe.outputs if one.reading.why),
            *(f"Keras warns: {said}" for said in probe.warnings),
        ),
    )
    rows = tuple(_metric_row(output, metric) for output in probe.outputs for metric in output.metrics)
    metrics = Grid("Its metrics", ("output", "metric", "is", "reads", "fits the head", "why"), rows)
    changes = tuple(
        (str(one.level), one.output, f"{one.what}\n{one.code}".strip())
        for one in probe.advice
        if one.code or not _said_above(one, probe)
    )
    advice = Grid("What to change", ("", "output", "what, and the code"), changes)
    known = all(output.reading.path for output in probe.outputs)
    nothing = Grid(f"What to change: nothing{'' if known else ' that could be told'}", (), ())
    return [outputs, *([metrics] if rows else []), advice if changes else nothing]


def whole(probe: ModelProbe) -> Grid:
    """Return what a program is to read: a row for each output, each metric and each piece of advice."""
    rows: list[tuple[Cell, ...]] = []
    blank: tuple[Cell, ...] = (None,) * 5
    for output in probe.outputs:
        reading = output.reading
        own: tuple[Cell, ...] = (
            *(output.name, output.layer, output.units, output.activation, output.precision, output.loss),
            *(output.from_logits, _text(reading.path), _text(reading.through), reading.family, reading.labels),
            *(reading.dead_from, reading.why or None),
        )
        rows.append((*own, "output", *blank, None, None, None))
        for metric in output.metrics:
            cuts = " ".join(f"{cut:g}" for cut in metric.cuts) or None
            told = (metric.name, metric.kind, str(metric.reads), cuts, metric.fits)
            rows.append((*own, "metric", *told, None, metric.why or None, metric.code or None))
        said = (one for one in probe.advice if one.output == output.name)
        rows += [(*own, "advice", *blank, str(one.level), one.what, one.code or None) for one in said]
    return Grid("", WHOLE, tuple(rows))


def _output_row(output: OutputProbe) -> tuple[Cell, ...]:
    reading = output.reading
    dead: Cell = "none up to 128" if reading.path and reading.dead_from is None else UNKNOWN
    return (
        output.name,
        output.layer or UNKNOWN,
        output.activation or UNKNOWN,
        output.precision or UNKNOWN,
        output.loss or "none",
        "not said" if output.loss and output.from_logits is None else output.from_logits,
        _text(reading.path) or UNKNOWN,
        (reading.family or "").removesuffix(" cross-entropy") or None,
        dead if reading.dead_from is None else f"{reading.dead_from:.1f}",
    )


def _metric_row(output: OutputProbe, metric: MetricReading) -> tuple[Cell, ...]:
    reads = str(metric.reads)
    if metric.cuts:
        reads += f" at {', '.join(f'{cut:g}' for cut in metric.cuts)}"
    fits = "cannot say" if metric.fits is None else metric.fits
    return output.name, metric.name, metric.kind.removeprefix("keras.metrics."), reads, fits, metric.why or None


def _said_above(advice: Advice, probe: ModelProbe) -> bool:
    """Return whether advice says no more than that a loss could not be told, which stands under the table."""
    reasons = (output.reading.why for output in probe.outputs if output.name == advice.output)
    return any(why and why in advice.what for why in reasons)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
