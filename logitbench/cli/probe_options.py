"""The options of the probes, each declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from logitbench.cli.options import Output as Output

Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="A compiled model: module:object, module:function (called without arguments), or a .keras file, "
        "which is read and never run.",
    ),
]
Activations = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAMES", help="Activations of Keras [default: those of --set, or else all]."),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--at",
        metavar="X,...",
        help="Inputs to show; softmax and its kind take them as one row [default: -5,-3,-1,1,3,5].",
    ),
]
Parameter = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME.PARAM=VALUE", help="A parameter, as relu.negative_slope=2; repeat it for more."
    ),
]
GridFormat = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="table, json, csv, markdown or html [default: by the file's ending]."
    ),
]
Backends = Annotated[
    list[str] | None,
    typer.Option(
        "--backend",
        metavar="NAME",
        help="tensorflow, jax, torch or all; repeat it for more [default: KERAS_BACKEND, or tensorflow].",
    ),
]
Losses = Annotated[
    list[str] | None,
    typer.Option(
        "--loss",
        metavar="NAME",
        help="binary, categorical, sparse, binary-focal or categorical-focal. This and the next five can be repeated; "
        "what is said of none of them is as people write it.",
    ),
]
LastActivations = Annotated[
    list[str] | None, typer.Option("--activation", metavar="NAME", help="none, sigmoid or softmax.")
]
FromLogits = Annotated[
    bool | None, typer.Option("--from-logits/--no-from-logits", help="What the loss is told [default: both].")
]
Precisions = Annotated[
    list[str] | None,
    typer.Option(
        "--precision",
        metavar="POLICY",
        help="float32, mixed_float16, mixed_bfloat16, float64; or float16, bfloat16: all of Keras, losses too.",
    ),
]
Topologies = Annotated[
    list[str] | None,
    typer.Option(
        "--topology",
        metavar="NAME",
        help="How the model ends: direct, reshape, flatten, float32, by-hand ...; a wrong name is answered with all.",
    ),
]
Executions = Annotated[
    list[str] | None,
    typer.Option("--execution", metavar="NAME", help="eager, graph or jit [default: as in training]."),
]
All = Annotated[
    bool,
    typer.Option("--all", help="All combinations of what nothing is said of: thousands, some half an hour a backend."),
]
Points = Annotated[bool, typer.Option("--points", help="Show loss and gradient at each logit, beside exact ones.")]
SweptLoss = Annotated[
    str,
    typer.Option("--loss", metavar="NAME", help="binary, categorical, sparse, binary-focal or categorical-focal."),
]
SweptActivation = Annotated[str, typer.Option("--activation", metavar="NAME", help="none, sigmoid or softmax.")]
SweptFromLogits = Annotated[bool, typer.Option("--from-logits/--no-from-logits", help="What the loss is told.")]
SweptTopology = Annotated[
    str,
    typer.Option(
        "--topology",
        metavar="NAME",
        help="How the model ends: direct, reshape, flatten, float32, by-hand ...; a wrong name is answered with all.",
    ),
]
SweptLabel = Annotated[
    int, typer.Option("--label", metavar="0|1", help="0: the logit speaks for the wrong class where it is above 0.")
]
SweepFrom = Annotated[float, typer.Option("--from", metavar="Z", help="The first logit.")]
SweepTo = Annotated[float, typer.Option("--to", metavar="Z", help="The last logit.")]
SweepPoints = Annotated[int, typer.Option("--points", metavar="N", help="How many logits.")]
SweptBackend = Annotated[
    str | None,
    typer.Option("--backend", metavar="NAME", help="tensorflow, jax or torch [default: KERAS_BACKEND, or tensorflow]."),
]
TableFormat = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help="json or csv [default: by the file's ending].")
]
Vocabulary = Annotated[
    int | None, typer.Option("--vocabulary", metavar="N", help="Tokens of a Zipf law [default: 32000].")
]
LogitsOf = Annotated[
    str | None,
    typer.Option(
        "--experiment",
        metavar="NAME",
        help="Train this experiment, next-character for one, and take its logits of 32 validation examples.",
    ),
]
TopK = Annotated[
    int | None,
    typer.Option("--top-k", metavar="K", help="Keep the K likeliest [default: 50, or half of fewer than 100]."),
]
TopP = Annotated[float, typer.Option("--top-p", metavar="P", help="Keep the fewest likeliest that reach the mass P.")]
Temperature = Annotated[float, typer.Option("--temperature", metavar="T", help="Divide logits by T.")]
Draws = Annotated[int, typer.Option("--draws", metavar="N", help="Random numbers for each example.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of the random numbers, and of the training.")]
Curves = Annotated[
    str | None,
    typer.Option("--plot", metavar="FILE", help="Draw the curves: .png, .svg or .pdf, or - for the terminal."),
]
