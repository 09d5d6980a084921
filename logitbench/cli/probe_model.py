"""``logitbench probe model``."""

from __future__ import annotations

from logitbench.cli import probe_options as options


def command(
    target: options.Target,
    format: options.GridFormat = None,  # noqa: A002 - the option's name
    output: options.Output = None,
) -> None:
    """Measure what a model's heads, losses and metrics compute, and say what to change."""
    from logitbench.cli.measuring import measured
    from logitbench.cli.output import give, grid_form, stdout_kept

    form = grid_form(format, output)
    with stdout_kept():  # what a user's module prints is not the answer
        probe, note = measured(target)
    from logitbench.report import heads

    shown = heads.shown(target, probe, (f"{note}.",) if note else ())
    give(shown, heads.whole(probe), form, output)
