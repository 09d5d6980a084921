"""``logitbench report``."""

from __future__ import annotations

from pathlib import Path

import typer

from logitbench.cli import options


def command(
    results: options.Results,
    output: options.ReportFile = Path("report.html"),
    metric: options.Metrics = None,
    baseline: options.Baseline = None,
    experiment: options.OfExperiment = None,
) -> None:
    """Write a page with verdicts, their reasons, charts and tables: one file that fetches nothing."""
    from logitbench.cli.output import finished, require_known, write
    from logitbench.compare.comparing import DEFAULT_METRICS, compare
    from logitbench.report.html import render_comparisons

    trials = finished(results)
    if experiment is not None:
        require_known("experiment", experiment, {trial.run.experiment for trial in trials})
        trials = [trial for trial in trials if trial.run.experiment == experiment]
    comparisons = compare(trials, metrics=tuple(metric or (*DEFAULT_METRICS, "dead_fraction")), baseline=baseline)
    page = render_comparisons(comparisons)
    write(page, output)
    experiments = f"{len(comparisons)} experiment{'s' if len(comparisons) > 1 else ''}"
    typer.echo(f"{experiments} of {len(trials)} trials, {len(page.encode()) / 1e6:.1f} MB: {output}", err=True)
