"""``logitbench probe sampling``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import typer

from logitbench.cli import probe_options as options
from logitbench.errors import UsageError

if TYPE_CHECKING:
    from logitbench.probes.sampling.records import Head

VOCABULARY, TOP_K, CONTEXTS = 32_000, 50, 32


def command(
    vocabulary: options.Vocabulary = None,
    experiment: options.LogitsOf = None,
    top_k: options.TopK = None,
    top_p: options.TopP = 0.9,
    temperature: options.Temperature = 0.7,
    draws: options.Draws = 20_000,
    seed: options.Seed = 0,
    format: options.GridFormat = None,  # noqa: A002 - the option's name
    output: options.Output = None,
) -> None:
    """Hold ways to choose a token, each by itself, against what they choose from float64 logits.

    From logits: filtered or tempered, then softmax. From probabilities: softmax first. In float64, float32, float16 and
    bfloat16, every operation rounded; equal values stand in the order of the vocabulary.
    """
    from logitbench.cli.output import give, grid_form
    from logitbench.probes.sampling import sampling
    from logitbench.probes.sampling.chances import Knobs
    from logitbench.report import sampling as report

    form = grid_form(format, output)
    if experiment is not None and vocabulary is not None:
        raise UsageError("--vocabulary goes without --experiment, which has its own", "Leave one of them out.")
    if experiment is None:
        head = sampling.zipf(VOCABULARY if vocabulary is None else vocabulary, seed)
    else:
        head = _of(experiment, seed)
    knobs = Knobs(temperature, min(TOP_K, len(head.names) // 2) if top_k is None else top_k, top_p)
    found = sampling.probe(head, knobs, draws, seed)
    give(report.grids(found), report.whole(found), form, output)


def _of(experiment: str, seed: int) -> Head:
    """Return the head of an experiment's first seed; its logits are there once it is trained, which takes seconds."""
    from logitbench import spec, trial
    from logitbench.cli import backend
    from logitbench.data.cache import obtain
    from logitbench.heads import Activation
    from logitbench.probes.sampling.records import Head

    backend.require_tensorflow()
    read = spec.read(experiment, {"pairs.arms": ["logits"]})
    data = obtain(read.data, partial(typer.echo, err=True))
    if trial.task_of(read.head, len(data.classes)).activation is Activation.SIGMOID:
        raise UsageError(f"{experiment!r} has a sigmoid, and no tokens to choose from", "Take next-character.")
    return Head(
        f"{read.name}, trained with seed {seed}",
        data.classes,
        lambda: trial.validation_logits(read, seed, data.folder, CONTEXTS),
    )
