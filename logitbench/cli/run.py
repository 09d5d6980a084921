"""``logitbench run``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import typer

from logitbench.cli import backend, options, signals
from logitbench.errors import UsageError


def command(
    context: typer.Context,
    experiment: options.Experiment = "language-family",
    epochs: options.Epochs = None,
    seeds: options.Seeds = None,
    most_seeds: options.MostSeeds = None,
    arms: options.Arms = None,
    results: options.ResultsFolder = Path("results"),
    data: options.Data = None,
    batch_size: options.BatchSize = None,
    precision: options.Precision = None,
    engine: options.Engine = None,
    deterministic: options.Deterministic = None,
    setting: options.Setting = None,
    workers: options.Workers = None,
    trial_timeout: options.TrialTimeout = None,
    name: options.RunName = None,
    resume: options.Resume = False,
    needed: options.Needed = False,
    quiet: options.Quiet = False,
) -> None:
    """Train every arm of an experiment as true pairs, seed by seed, and show them side by side."""
    from logitbench import runner, spec
    from logitbench.cli.display import display
    from logitbench.cli.summary import conclude, interrupted
    from logitbench.data.cache import with_path

    backend.require_tensorflow()
    if resume and needed:
        raise UsageError("--resume and --needed exclude each other", "--resume finishes a run, --needed begins one.")
    numbers = {"training.epochs": epochs, "training.batch_size": batch_size, "pairs.seeds": seeds}
    flags = {
        "training.precision": precision,
        "training.engine": engine,
        "training.deterministic": deterministic,
        "pairs.arms": re.split(r"[,\s]+", ",".join(arms).strip()) if arms else None,
    }
    settings = [f"{key}={value}" for key, value in numbers.items() if value is not None] + (setting or [])
    overrides = {key: value for key, value in flags.items() if value is not None}
    for key, value in map(spec.parse_setting, settings):
        if key in overrides:
            raise UsageError(f"{key} is set twice, to {overrides[key]!r} and {value!r}", "Set it once.")
        overrides[key] = value
    chosen = spec.read(experiment, overrides)
    if context.args:
        raise _too_many(experiment, context.args)
    if data is not None:
        chosen = chosen.model_copy(update={"data": with_path(chosen.data, data)})
    if experiment == spec.OWN_FILE:
        chosen = spec.named_after_data(chosen)
    if needed and chosen.pairs.seeds == spec.AUTO:
        raise UsageError("--needed and --seeds auto exclude each other", "Give a number of seeds with --needed.")
    if most_seeds is not None and chosen.pairs.seeds != spec.AUTO:
        raise UsageError("--most-seeds goes with --seeds auto", "Leave it out, or add --seeds auto.")
    plan = runner.Plan(name, resume, needed, workers, trial_timeout, most_seeds)
    signals.end_as_ctrl_c()
    listener = None
    try:
        with display(quiet) as listener:
            outcome = runner.run(chosen, results, listener, plan)
        conclude(outcome, debug=context.obj["debug"])
    except KeyboardInterrupt as interrupt:
        interrupted(listener.folder if listener else None, signals.exit_code(interrupt))


def _too_many(experiment: str, others: Sequence[str]) -> UsageError:
    """Return the error for arguments after the experiment; the first may be its data."""
    from logitbench.spec import DATA_ENDINGS

    path = Path(others[0])
    if len(others) == 1 and (path.suffix.lower() in DATA_ENDINGS or path.exists()):
        hint = f"To train on {path}: logitbench run {experiment} --data {shlex.quote(str(path))}"
    else:
        hint = "Run them one after the other."
    return UsageError(f"run takes one experiment, got {' and '.join(map(repr, (experiment, *others)))}", hint)
