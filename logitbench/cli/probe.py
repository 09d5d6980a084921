"""``logitbench probe``: a group of commands, one file each."""

from __future__ import annotations

import os

from logitbench.cli import probe_activations, probe_loss, probe_model, probe_sampling, probe_sweep
from logitbench.cli.commands import Commands

app = Commands(
    help="Measure what heads, losses and activations really compute: the installed Keras, any backend, any model.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _quiet() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow tells of the machine on stderr


app.add(
    "loss",
    probe_loss.command,
    short_help="Which loss is computed, and where its numbers break.",
    epilog="Example: logitbench probe loss --backend all --loss binary",
)
app.add(
    "model",
    probe_model.command,
    short_help="What a model's heads, losses and metrics compute, and what to change.",
    epilog="Example: logitbench probe model my_module:build_model",
)
app.add(
    "sweep",
    probe_sweep.command,
    short_help="A loss, its gradient and its error over a fine grid of logits.",
    epilog="Example: logitbench probe sweep --topology reshape --plot sweep.png",
)
app.add(
    "activations",
    probe_activations.command,
    short_help="What activations compute, where they saturate and where their gradients die.",
    epilog="Example: logitbench probe activations sigmoid relu --set relu.negative_slope=2 --at -5,-3,-1,1,3,5",
)
app.add(
    "sampling",
    probe_sampling.command,
    short_help="What a head means for choosing a token.",
    epilog="Example: logitbench probe sampling --experiment next-character --temperature 0.1",
)
