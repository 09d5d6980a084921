"""``logitbench probe sweep``."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from logitbench.cli import probe_options as options
from logitbench.errors import UsageError

TABLES = ("json", "csv")


def command(
    loss: options.SweptLoss = "binary",
    activation: options.SweptActivation = "sigmoid",
    from_logits: options.SweptFromLogits = False,
    precision: options.Precisions = None,
    topology: options.SweptTopology = "direct",
    label: options.SweptLabel = 0,
    low: options.SweepFrom = -100.0,
    high: options.SweepTo = 100.0,
    points: options.SweepPoints = 100_000,
    backend: options.SweptBackend = None,
    plot: options.Curves = None,
    format: options.TableFormat = None,  # noqa: A002 - the option's name
    output: options.Output = None,
) -> None:
    """Draw a loss, its gradient and its relative error against the logit, in each precision."""
    from logitbench.cli.output import form_of, require_known, write
    from logitbench.probes.loss import processes, settings, sweep_records
    from logitbench.report import curves, drawing, grids, sweeps

    if plot and (format or output):
        raise UsageError("--plot goes without --format and --output", "Draw and write in two commands.")
    if plot and plot != "-":
        drawing.require_ending(Path(plot))
    form = format or (form_of(output, {f".{name}": name for name in TABLES}) if output else None)
    if form:
        require_known("format", form, TABLES)
    named = backend or os.environ.get("KERAS_BACKEND") or "tensorflow"
    processes.require(named)
    policies = tuple(precision or settings.POLICIES[:3])
    chosen = settings.Wanted((loss,), (activation,), from_logits, policies, (topology,)).settings(named)
    if not chosen:
        raise UsageError("a Softmax layer goes with softmax", "Add --activation softmax.")
    wanted = sweep_records.Wanted(chosen[0], policies, label, low, high, points)
    os.environ["KERAS_BACKEND"] = named
    from logitbench.keras_settings import DEFAULTS
    from logitbench.training.backend import import_keras

    import_keras()
    DEFAULTS.apply()
    from logitbench.probes.loss.sweep import sweep

    found = sweep(wanted)
    if form:
        write(grids.render((), sweeps.whole(found), form), output)
    elif plot and plot != "-":
        from logitbench.cli.output import into_place

        with into_place(Path(plot)) as temporary:
            curves.write(sweeps.panels(wanted, found), temporary, sweeps.title(wanted))
    else:
        sys.stdout.write(f"{sweeps.title(wanted)}\n\n")
        sys.stdout.write(curves.render(sweeps.panels(wanted, found), shutil.get_terminal_size().columns))
