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
    from logitbench import store, tables
    from logitbench.cli.output import require_known, tell_broken, write
    from logitbench.compare.comparison import DEFAULT_METRICS, compare
    from logitbench.errors import UsageError
    from logitbench.report import COMPARISON_FORMATS, FORMAT_ENDINGS
    from logitbench.report.console import show_comparisons

    chosen = format or (FORMAT_ENDINGS.get(output.suffix.lower(), "table") if output else "table")
    require_known("format", chosen, COMPARISON_FORMATS)
    found = store.read(results)
    tell_broken(found.broken)
    if not found.trials:
        raise UsageError(
            f"there is no finished trial in {', '.join(map(str, results))}", "`logitbench run` makes some."
        )
    if experiment is not None:
        require_known("experiment", experiment, {trial.run.experiment for trial in found.trials})
    trials = [trial for trial in found.trials if experiment in (None, trial.run.experiment)]
    comparisons = compare(trials, metrics=tuple(metric or DEFAULT_METRICS), baseline=baseline)
    if chosen == "table" and output is None:
        show_comparisons(comparisons)
    else:
        write(tables.load(COMPARISON_FORMATS[chosen])(comparisons), output)
