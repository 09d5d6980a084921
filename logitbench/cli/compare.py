"""``logitbench compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    results: Annotated[
        list[Path], typer.Argument(metavar="RESULTS...", help="Folders of results, of experiments or of single runs.")
    ],
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="METRIC", help="A metric to show; repeat it for more than one."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", metavar="ARM", help="The arm others are held against [default: logits]."),
    ] = None,
    experiment: Annotated[
        str | None, typer.Option("--experiment", metavar="NAME", help="Only runs of this experiment.")
    ] = None,
    format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json, csv or markdown.")] = "table",  # noqa: A002
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead.")
    ] = None,
) -> None:
    """Show each run's arms side by side, epoch by epoch: which loss each really computed, what differs, and why."""
    from logitbench import store, tables
    from logitbench.cli.output import require_known, tell_broken, write
    from logitbench.compare.comparison import DEFAULT_METRICS, compare
    from logitbench.errors import UsageError
    from logitbench.report import COMPARISON_FORMATS

    require_known("format", format, COMPARISON_FORMATS)
    found = store.read(results)
    tell_broken(found.broken)
    trials = [trial for trial in found.trials if experiment in (None, trial.run.experiment)]
    if not trials:
        what = f"finished trial of {experiment!r}" if experiment else "finished trial"
        raise UsageError(f"there is no {what} in {', '.join(map(str, results))}", "`logitbench run` makes some.")
    comparisons = compare(trials, metrics=tuple(metric or DEFAULT_METRICS), baseline=baseline)
    if format == "table" and output is None:
        from logitbench.report.console import print_comparisons, stdout

        print_comparisons(comparisons, stdout())
    else:
        write(tables.load(COMPARISON_FORMATS[format])(comparisons), output)
