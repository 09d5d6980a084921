"""The options of the commands, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logitbench.cli.output import at_least_one, positive
from logitbench.errors import UsageError


def removed_allow_mixed(used: bool) -> None:
    """Say what replaced ``--allow-mixed``, an option of 0.1.0.

    Raises:
        UsageError: It is used.
    """
    if used:
        raise UsageError("there is no --allow-mixed any more", "Leave it out: runs that differ always stand apart.")


Results = Annotated[
    list[Path], typer.Argument(metavar="RESULTS...", help="Folders of results, of experiments or of single runs.")
]

Experiment = Annotated[
    str,
    typer.Argument(metavar="EXPERIMENT", help="A shipped experiment's name (see `logitbench list`) or a TOML file."),
]
# Numbers are taken as text: the experiment validates them, and its messages name what came.
Epochs = Annotated[str | None, typer.Option("--epochs", metavar="N", help="Epochs of every arm.")]
Seeds = Annotated[
    str | None,
    typer.Option(
        "--seeds", metavar="N", help="Run seeds 0 to N-1; auto adds seeds (8, 16, 32, 64) until there is a verdict."
    ),
]
MostSeeds = Annotated[
    int | None,
    typer.Option("--most-seeds", parser=at_least_one, metavar="N", help="Where --seeds auto stops [default: 64]."),
]
Arms = Annotated[
    list[str] | None,
    typer.Option("--arms", metavar="ARM,...", help="Some of logits, probs, probs-clipped, double, raw."),
]
ResultsFolder = Annotated[Path, typer.Option("--results", metavar="DIR", help="Folder of results.")]
Data = Annotated[
    str | None, typer.Option("--data", metavar="PATH", help="File or folder of the data; csv takes its name from it.")
]
BatchSize = Annotated[str | None, typer.Option("--batch-size", metavar="N", help="Examples a step.")]
Precision = Annotated[
    str | None, typer.Option("--precision", metavar="POLICY", help="float32, mixed_float16 or mixed_bfloat16.")
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine", metavar="ENGINE", help="lockstep steps all arms on each batch; fit calls model.fit for each."
    ),
]
Deterministic = Annotated[
    bool | None, typer.Option("--deterministic/--no-deterministic", help="The same bits every time [default].")
]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Any field of the experiment; repeat it for more."),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", parser=at_least_one, metavar="N", help="Trials at a time [default: one a processor]."),
]
RunName = Annotated[str | None, typer.Option("--name", metavar="RUN_ID", help="Name of the run [default: the time].")]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Resume the run that this command began (the newest, or that of --name), or begin it if there is none.",
    ),
]
Needed = Annotated[bool, typer.Option("--needed", help="Run only seeds that no finished trial has.")]
TrialTimeout = Annotated[
    float | None,
    typer.Option(
        "--trial-timeout",
        parser=positive,
        metavar="SECONDS",
        help="Give up a trial that takes longer; it is tried once more [default: never].",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]

Metrics = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        metavar="METRIC",
        help="loss, accuracy, val_loss, val_accuracy, matched_accuracy, "
        "val_matched_accuracy, val_nll, saturated_fraction or dead_fraction; repeat it for more than one.",
    ),
]
Baseline = Annotated[
    str | None, typer.Option("--baseline", metavar="ARM", help="The arm others are held against [default: logits].")
]
OfExperiment = Annotated[str | None, typer.Option("--experiment", metavar="NAME", help="Only runs of this experiment.")]
On = Annotated[
    str, typer.Option("--on", metavar="METRIC", help="The metric that verdicts are about, declared beforehand.")
]
At = Annotated[
    str,
    typer.Option("--at", metavar="EPOCH", help="Its epoch: last, or best:METRIC, where that was best in each trial."),
]
Margin = Annotated[
    float | None,
    typer.Option(
        "--margin",
        parser=positive,
        metavar="SIZE",
        help="What mean difference counts as none [default: 0.005 of an accuracy, 0.01 of a loss].",
    ),
]
Against = Annotated[
    list[Path] | None,
    typer.Option(
        "--against",
        metavar="RESULTS",
        help="Hold each arm against itself in other results: another version, another machine.",
    ),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit 2 where runs of one experiment differ in settings, data, versions or device."),
]
AllowMixed = Annotated[bool, typer.Option("--allow-mixed", hidden=True, callback=removed_allow_mixed)]
OnlyDifferent = Annotated[bool, typer.Option("--only-different", help="Leave out arms that are identical.")]
Sort = Annotated[str, typer.Option("--sort", metavar="BY", help="experiment, difference or p.")]
GroupBy = Annotated[
    str,
    typer.Option("--group-by", metavar="BY", help="What is put together over experiments: arm or precision."),
]
Plot = Annotated[
    str | None,
    typer.Option(
        "--plot", metavar="FILE", help="Draw the paired differences: .png, .svg or .pdf; or - for means, as text."
    ),
]
FailOn = Annotated[
    str | None,
    typer.Option("--fail-on", metavar="VERDICT", help="Exit 1 on different, worse or not-equivalent: for CI."),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="table, json, csv, markdown, latex or html [default: by the file's ending].",
    ),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead.")]
ExportFile = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="A file ending in .csv, .json or .parquet.")
]
ReportFile = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The page to write.")]
Repair = Annotated[
    bool,
    typer.Option("--repair", help="Move aside what is broken or left over, and cut off torn lines. Delete nothing."),
]
OptionalResults = Annotated[
    list[Path] | None,
    typer.Argument(metavar="RESULTS", help="Folders of results, of experiments or of runs [default: results]."),
]
Paths = Annotated[bool, typer.Option("--paths", help="Show each experiment's file instead of what it asks.")]
