"""``logitbench probe loss``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from logitbench.cli import probe_options as options

if TYPE_CHECKING:
    from logitbench.probes.loss.records import LossProbe, Refused
    from logitbench.probes.loss.settings import Wanted


def command(
    backend: options.Backends = None,
    loss: options.Losses = None,
    activation: options.LastActivations = None,
    from_logits: options.FromLogits = None,
    precision: options.Precisions = None,
    topology: options.Topologies = None,
    execution: options.Executions = None,
    everything: options.All = False,
    points: options.Points = False,
    format: options.GridFormat = None,  # noqa: A002 - the option's name
    output: options.Output = None,
) -> None:
    """Measure which loss is computed for each head, and where its numbers break."""
    from logitbench.cli.output import give, grid_form
    from logitbench.probes.loss.settings import Wanted
    from logitbench.report import lossprobes

    form = grid_form(format, output)
    wanted = Wanted(
        tuple(loss or ()),
        tuple(activation or ()),
        from_logits,
        tuple(precision or ()),
        tuple(topology or ()),
        tuple(execution or ()),
        everything,
    )
    found = _found(backend or [os.environ.get("KERAS_BACKEND") or "tensorflow"], wanted)
    give(lossprobes.shown(found, points=points), lossprobes.whole(found), form, output)


def _found(backends: list[str], wanted: Wanted) -> list[LossProbe | Refused]:
    """Probe on each backend; of ``all``, what is not installed is named and left out."""
    import typer
    from rich.console import Console
    from rich.progress import track

    from logitbench.errors import UsageError
    from logitbench.probes.loss import processes

    if "all" in backends:
        backends = [name for name in processes.BACKENDS if processes.installed(name)]
        for name in processes.BACKENDS:
            if name not in backends:
                typer.echo(f"left out: {name} is not installed. Run: {processes.command(name)}", err=True)
    for name in backends:
        processes.require(name)
    settings = {name: wanted.settings(name) for name in dict.fromkeys(backends)}
    if not any(settings.values()):
        raise UsageError("nothing is left to probe", "A softmax layer goes with softmax; torch computes eagerly only.")
    answers = {name: processes.probe(name, asked) for name, asked in settings.items() if asked}
    return [
        answer
        for name, of_backend in answers.items()
        for answer in track(
            of_backend,
            name,
            total=len(settings[name]),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
    ]
