"""``logitbench run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from logitbench.cli.output import at_least_one


def command(
    context: typer.Context,
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="[EXPERIMENT]", help="A shipped experiment's name (see `logitbench list`) or a TOML file."
        ),
    ] = "language-family",
    # Numbers are taken as text: the experiment validates them, and its messages name what came.
    epochs: Annotated[str | None, typer.Option("--epochs", metavar="N", help="Epochs of every arm.")] = None,
    seeds: Annotated[str | None, typer.Option("--seeds", metavar="N", help="Run seeds 0 to N-1.")] = None,
    arms: Annotated[
        str | None,
        typer.Option("--arms", metavar="ARM,...", help="Some of logits, probs, probs-clipped, double, raw."),
    ] = None,
    results: Annotated[Path, typer.Option("--results", metavar="DIR", help="Folder of results.")] = Path("results"),
    data: Annotated[str | None, typer.Option("--data", metavar="PATH", help="File or folder of the data.")] = None,
    batch_size: Annotated[str | None, typer.Option("--batch-size", metavar="N", help="Examples a step.")] = None,
    precision: Annotated[
        str | None, typer.Option("--precision", metavar="POLICY", help="float32, mixed_float16 or mixed_bfloat16.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine", metavar="ENGINE", help="lockstep steps all arms on each batch; fit calls model.fit for each."
        ),
    ] = None,
    deterministic: Annotated[
        bool | None,
        typer.Option("--deterministic/--no-deterministic", help="The same bits every time [default]."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Any field of the experiment; repeat it for more."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", parser=at_least_one, metavar="N", help="Trials at a time [default: one a processor]."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="RUN_ID", help="Name of the run [default: the time].")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Train every arm of an experiment as true pairs, seed by seed, and show them side by side."""
    from logitbench import runner, spec
    from logitbench.cli.display import display
    from logitbench.cli.summary import conclude, interrupted
    from logitbench.data.cache import with_path

    numbers = {"training.epochs": epochs, "training.batch_size": batch_size, "pairs.seeds": seeds}
    flags: dict[str, Any] = {
        "training.precision": precision,
        "training.engine": engine,
        "training.deterministic": deterministic,
        "pairs.arms": [arm.strip() for arm in arms.split(",")] if arms is not None else None,
    }
    overrides = {key: value for key, value in flags.items() if value is not None}
    settings = [f"{key}={value}" for key, value in numbers.items() if value is not None]
    overrides |= dict(spec.parse_setting(text) for text in [*settings, *(setting or [])])
    chosen = spec.read(experiment, overrides)
    if data is not None:
        chosen = chosen.model_copy(update={"data": with_path(chosen.data, data)})
    listener = None
    try:
        with display(quiet) as listener:
            outcome = runner.run(chosen, results, listener, run_id=name, workers=workers)
    except KeyboardInterrupt:
        interrupted(listener.folder if listener else None)
    conclude(outcome, debug=context.obj["debug"])
