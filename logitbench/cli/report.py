"""``logitbench report``."""

from __future__ import annotations

from pathlib import Path

import typer

from logitbench.cli import options
from logitbench.errors import UsageError


def command(
    results: options.Results,
    output: options.ReportFile = Path("report.html"),
    metric: options.Metrics = None,
    baseline: options.Baseline = None,
    experiment: options.OfExperiment = None,
    on: options.On = "val_nll",
    at: options.At = "last",
    margin: options.Margin = None,
    against: options.Against = None,
    strict: options.Strict = False,
    allow_mixed: options.AllowMixed = False,
) -> None:
    """Write a page with verdicts, their reasons, charts and tables: one file that fetches nothing."""
    del allow_mixed  # the option's callback refuses it
    from logitbench.cli.comparing import comparisons
    from logitbench.cli.output import is_special, write
    from logitbench.compare.declared import Declared
    from logitbench.compare.overview import groups
    from logitbench.report.html import render_comparisons

    if output.suffix.lower() not in {".html", ".htm"} and not is_special(output):
        raise UsageError(
            f"report writes HTML, and {output} does not end in .html",
            "Name the file .html; `logitbench compare -o` writes .txt, .json, .csv, .md and .tex.",
        )
    found = comparisons(
        results,
        experiment=experiment,
        metrics=metric,
        baseline=baseline,
        declared=Declared(on, at, margin),
        against=against,
        strict=strict,
    )
    page = render_comparisons(found, groups(found))
    write(page, output)
    names = {one.run.experiment for one in found}
    experiments = f"{len(names)} experiment{'s' if len(names) > 1 else ''}"
    if len(found) > len(names):
        experiments += f" in {len(found)} groups of runs"
    trials = sum(len(one.seeds) for one in found)
    typer.echo(f"{experiments} of {trials} trials, {len(page.encode()) / 1e6:.1f} MB: {output}", err=True)
