"""``logitbench run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def command(
    context: typer.Context,
    experiment: Annotated[
        str, typer.Argument(help="A shipped experiment's name (see `logitbench list`) or a TOML file.")
    ] = "language-family",
    epochs: Annotated[int | None, typer.Option("--epochs", help="Epochs of every arm.")] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", metavar="N", help="Run seeds 0 to N-1.")] = None,
    arms: Annotated[
        str | None,
        typer.Option("--arms", help="Arms, with commas: logits,probs,probs-clipped,double,raw."),
    ] = None,
    results: Annotated[Path, typer.Option("--results", metavar="DIR", help="Folder of results.")] = Path("results"),
    data: Annotated[str | None, typer.Option("--data", metavar="PATH", help="File or folder of the data.")] = None,
    batch_size: Annotated[int | None, typer.Option("--batch-size", help="Examples a step.")] = None,
    precision: Annotated[
        str | None, typer.Option("--precision", help="float32, mixed_float16 or mixed_bfloat16.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", help="lockstep steps all arms on each batch; fit calls model.fit for each."),
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
        typer.Option("--workers", min=1, metavar="N", help="Trials at a time [default: one a processor]."),
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

    flags: dict[str, Any] = {
        "training.epochs": epochs,
        "training.batch_size": batch_size,
        "training.precision": precision,
        "training.engine": engine,
        "training.deterministic": deterministic,
        "pairs.seeds": seeds,
        "pairs.arms": [arm.strip() for arm in arms.split(",")] if arms is not None else None,
    }
    overrides = {key: value for key, value in flags.items() if value is not None}
    overrides |= dict(spec.parse_setting(text) for text in setting or [])
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
