"""``logitbench export``."""

from __future__ import annotations

import typer

from logitbench.cli import options


def command(results: options.Results, output: options.ExportFile) -> None:
    """Write the epoch table: one row per run, seed, arm and epoch, in full precision."""
    from logitbench import tables
    from logitbench.cli.output import finished, into_place, is_special, require_known
    from logitbench.compare.table import epoch_table
    from logitbench.report import EXPORTS

    ending = output.suffix.lower()
    if ending not in EXPORTS and is_special(output):
        ending = ".csv"
    require_known("ending", ending, EXPORTS)
    trials = finished(results)
    table = epoch_table(trials)
    with into_place(output) as temporary:
        tables.load(EXPORTS[ending])(table, temporary)
    typer.echo(f"{len(table)} rows of {len(trials)} trials: {output}", err=True)
