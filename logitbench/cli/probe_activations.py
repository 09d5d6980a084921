"""``logitbench probe activations``."""

from __future__ import annotations

import shutil
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.cli import probe_options as options
from logitbench.errors import UsageError

if TYPE_CHECKING:
    from logitbench.report.curves import Panel


def command(
    names: options.Activations = None,
    at: options.Inputs = None,
    parameter: options.Parameter = None,
    format: options.GridFormat = None,  # noqa: A002 - the option's name
    output: options.Output = None,
    plot: options.Curves = None,
) -> None:
    """Measure Keras's activations: values, derivatives, ranges, where they saturate, and where gradients die.

    Keras computes on TensorFlow, or on the backend that KERAS_BACKEND names.
    """
    from logitbench.cli.output import give, grid_form
    from logitbench.probes.activation.process import probe
    from logitbench.probes.activation.records import AT, Request, inputs, setting
    from logitbench.report import activations
    from logitbench.report.drawing import require_ending

    form = grid_form(format, output)
    if plot and (format or output):
        raise UsageError("--plot goes without --format and --output", "Draw and write in two commands.")
    if plot and plot != "-":
        require_ending(Path(plot))
    settings = tuple(map(setting, parameter or ()))
    for one, other in combinations(settings, 2):
        if (one.activation, one.parameter) == (other.activation, other.parameter):
            raise UsageError(
                f"{one.activation}.{one.parameter} is set twice, to {one.value} and {other.value}", "Set it once."
            )
    found = probe(Request(tuple(names or ()), settings, inputs(",".join(at)) if at else AT))
    if plot or form in ("json", "csv"):  # tables for people have them as notes
        sys.stderr.write("".join(f"{note}\n" for note in found.notes))
    if plot:
        _plot(activations.panels(found), plot)
    else:
        give(activations.grids(found), activations.whole(found), form, output)


def _plot(panels: list[Panel], plot: str) -> None:
    """Draw on the terminal for ``-``, else into a file."""
    from logitbench.cli.output import into_place
    from logitbench.report import curves

    if plot == "-":
        sys.stdout.write(curves.render(panels, shutil.get_terminal_size().columns))
        return
    with into_place(Path(plot)) as temporary:
        curves.write(panels, temporary)
