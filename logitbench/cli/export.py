"""``logitbench export``."""

from __future__ import annotations

import typer

from logitbench.cli import options


def command(results: options.Results, output: options.ExportFile) -> None:
    """Write the epoch table: one row per run, seed, arm and epoch, in full precision."""
    from logitbench import store, tables
    from logitbench.cli.output import into_place, require_known, tell_broken
    from logitbench.compare.table import epoch_table
    from logitbench.errors import UsageError
    from logitbench.report import EXPORTS

    require_known("ending", output.suffix.lower(), EXPORTS)
    found = store.read(results)
    tell_broken(found.broken)
    if not found.trials:
        raise UsageError(
            f"there is no finished trial in {', '.join(map(str, results))}", "`logitbench run` makes some."
        )
    table = epoch_table(found.trials)
    with into_place(output) as temporary:
        tables.load(EXPORTS[output.suffix.lower()])(table, temporary)
    typer.echo(f"{len(table)} rows of {len(found.trials)} trials: {output}", err=True)
