"""``logitbench compare``."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import typer

from logitbench.cli import options
from logitbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logitbench.compare.comparison import Comparison


def command(
    results: options.Results,
    metric: options.Metrics = None,
    baseline: options.Baseline = None,
    experiment: options.OfExperiment = None,
    on: options.On = "val_nll",
    at: options.At = "last",
    margin: options.Margin = None,
    against: options.Against = None,
    strict: options.Strict = False,
    allow_mixed: options.AllowMixed = False,
    only_different: options.OnlyDifferent = False,
    sort: options.Sort = "experiment",
    group_by: options.GroupBy = "arm",
    format: options.Format = None,  # noqa: A002 - the option's name
    output: options.Output = None,
    plot: options.Plot = None,
    fail_on: options.FailOn = None,
) -> None:
    """Hold each experiment's arms against each other, seed by seed: what differs, by how much, and why."""
    del allow_mixed  # the option's callback refuses it
    from logitbench import tables
    from logitbench.cli.comparing import comparisons
    from logitbench.cli.output import form_of, require_known, write
    from logitbench.compare import overview
    from logitbench.compare.declared import Declared
    from logitbench.report import COMPARISON_FORMATS, FORMAT_ENDINGS
    from logitbench.report.console import show_comparisons

    chosen = format or (form_of(output, FORMAT_ENDINGS) if output else "table")
    require_known("format", chosen, COMPARISON_FORMATS)
    require_known("order", sort, overview.ORDERS)
    require_known("grouping", group_by, overview.GROUPS)
    if fail_on is not None:
        require_known("verdict to fail on", fail_on, overview.ALARMS)
    declared = Declared(on, at, margin)
    if plot and (format or output):
        raise UsageError("--plot goes without --format and --output", "Draw and write in two commands.")
    found = comparisons(
        results,
        experiment=experiment,
        metrics=metric,
        baseline=baseline,
        declared=declared,
        against=against,
        strict=strict,
    )
    groups = overview.groups(found, group_by)
    if group_by != "arm" and not groups:
        sys.stderr.write(
            f"nothing to put together by {group_by}: that takes the same arms twice, with 6 seeds or more, not all "
            "identical\n"
        )
    shown = sorted(overview.only_different(found) if only_different else found, key=overview.ORDERS[sort])
    if found and not shown:
        sys.stderr.write("all arms are identical: --only-different leaves nothing\n")
    if plot:
        if shown:
            _plot(shown, plot)
    elif chosen == "table" and output is None:
        show_comparisons(shown, groups)
    else:
        write(tables.load(COMPARISON_FORMATS[chosen])(shown, groups), output)
    if fail_on is not None:
        _fail(found, fail_on)


def _plot(comparisons: Sequence[Comparison], plot: str) -> None:
    """Draw on the terminal for ``-``, else into a file."""
    from pathlib import Path

    from logitbench.cli.output import into_place
    from logitbench.report.plot import write_plot
    from logitbench.report.terminal_plot import render

    if plot == "-":
        sys.stdout.write(render(comparisons, shutil.get_terminal_size().columns))
        return
    with into_place(Path(plot)) as temporary:
        write_plot(comparisons, temporary)


def _fail(comparisons: Sequence[Comparison], on: str) -> None:
    """Exit 1 if a pair of arms has a verdict that the caller asked to fail on, and name it."""
    from logitbench.compare.overview import ALARMS, UNDECIDED
    from logitbench.report.plain import printable

    failed = False
    for one in comparisons:
        for pair in one.pairs:
            alarm = ALARMS[on](pair)
            failed |= alarm
            if alarm or pair.verdict in UNDECIDED:
                what = f"{one.name}: {pair.arm}, {pair.baseline}: {pair.verdict}"
                passes = "" if alarm else ", so nothing was decided, and it passes"
                sys.stderr.write(printable(f"--fail-on {on}: {what}{passes}\n"))
    if failed:
        raise typer.Exit(1)
