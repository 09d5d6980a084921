"""``logitbench compare``."""

from __future__ import annotations

from logitbench.cli import options


def command(
    results: options.Results,
    metric: options.Metrics = None,
    baseline: options.Baseline = None,
    experiment: options.OfExperiment = None,
    format: options.Format = None,  # noqa: A002 - the option's name
    output: options.Output = None,
) -> None:
    """Show each run's arms side by side, epoch by epoch: which loss each really computed, what differs, and why."""
    from logitbench import tables
    from logitbench.cli.output import finished, require_known, write
    from logitbench.compare.comparison import DEFAULT_METRICS, compare
    from logitbench.report import COMPARISON_FORMATS, FORMAT_ENDINGS
    from logitbench.report.console import show_comparisons

    chosen = format or (FORMAT_ENDINGS.get(output.suffix.lower(), "table") if output else "table")
    require_known("format", chosen, COMPARISON_FORMATS)
    trials = finished(results)
    if experiment is not None:
        require_known("experiment", experiment, {trial.run.experiment for trial in trials})
        trials = [trial for trial in trials if trial.run.experiment == experiment]
    comparisons = compare(trials, metrics=tuple(metric or DEFAULT_METRICS), baseline=baseline)
    if chosen == "table" and output is None:
        show_comparisons(comparisons)
    else:
        write(tables.load(COMPARISON_FORMATS[chosen])(comparisons), output)
