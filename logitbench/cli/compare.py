"""``logitbench compare``."""

from __future__ import annotations

from logitbench.cli import options


def command(
    results: options.Results,
    metric: options.Metrics = None,
    baseline: options.Baseline = None,
    experiment: options.OfExperiment = None,
    format: options.Format = "table",  # noqa: A002 - the option's name
    output: options.Output = None,
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
