"""The options of ``logitbench check``, each declared once."""

from __future__ import annotations

from typing import Annotated

import typer

from logitbench.cli.output import at_least_one

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET...",
        help="Files (.py, .ipynb, .keras), folders (their .py and .ipynb without what git ignores), "
        "module:object or module:function, or - for stdin [default: .].",
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="text, json, sarif, github or junit [default: by the file's ending: .txt, .json, .sarif or .xml].",
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="CODE,...", help="These rules only: LB101, or LB1 for all that begin so."),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="CODE,...", help="All rules but these.")]
Severity = Annotated[
    str | None,
    typer.Option(
        "--severity", metavar="LEVEL", help="The least that is reported: error, warning or note [default: warning]."
    ),
]
Backend = Annotated[
    str | None,
    typer.Option(
        "--backend",
        metavar="BACKEND",
        help="The Keras backend that the code runs on: tensorflow, jax or torch [default: tensorflow].",
    ),
]
Fix = Annotated[
    bool, typer.Option("--fix", help="Fix what has one right answer. A program from stdin is written to stdout.")
]
UnsafeFixes = Annotated[
    bool,
    typer.Option("--unsafe-fixes", help="With --fix or --diff: also fix by a guess at what was meant (from_logits)."),
]
Diff = Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and write nothing.")]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit 0 though there are findings.")]
ShowUnknown = Annotated[bool, typer.Option("--show-unknown", help="Report losses whose head could not be told, too.")]
Explain = Annotated[str | None, typer.Option("--explain", metavar="CODE", help="Print a rule's page and stop.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        parser=at_least_one,
        metavar="N",
        help="Processes that check files [default: one a processor; 1 for fewer than 400 files].",
    ),
]
Statistics = Annotated[bool, typer.Option("--statistics", help="Print how many findings each rule has, not each one.")]
