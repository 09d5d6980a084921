"""``logitbench probe model``."""

from __future__ import annotations

import logging
import os

from logitbench.cli import probe_options as options


def command(
    target: options.Target,
    format: options.GridFormat = None,  # noqa: A002 - the option's name
    output: options.Output = None,
) -> None:
    """Measure what a model's heads, losses and metrics compute, and say what to change."""
    from logitbench.cli.output import give, grid_form, stdout_kept
    from logitbench.probes.loss.processes import require

    form = grid_form(format, output)
    require(os.environ.get("KERAS_BACKEND") or "tensorflow")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of what a probe does often
    with stdout_kept():  # what a user's module prints is not the answer
        from logitbench.training.backend import import_keras

        import_keras()
        from logitbench.probes.model import models, targets

        loaded = targets.load(target)
        probe = models.probe_model(loaded.model)
    from logitbench.report import heads

    shown = heads.shown(target, probe, (f"{loaded.note}.",) if loaded.note else ())
    give(shown, heads.whole(probe), form, output)
