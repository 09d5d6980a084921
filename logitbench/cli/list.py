"""``logitbench list``."""

from __future__ import annotations

import sys

from logitbench.cli import options

PLAIN_WIDTH = 120
"""Columns where there is no terminal to ask."""


def command(paths: options.Paths = False) -> None:
    """List the shipped experiments with what each asks, and the arms."""
    if paths:
        _print_paths()
    else:
        _print_tables()


def _print_paths() -> None:
    """Print a line for each experiment, name and file with a tab between, for a pipe to take apart."""
    from logitbench.catalogue import shipped

    for name, path in shipped().items():
        sys.stdout.write(f"{name}\t{path}\n")


def _print_tables() -> None:
    import tomllib

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from logitbench.catalogue import shipped
    from logitbench.heads import ARMS

    experiments = Table("experiment", "asks", box=None, header_style="bold", pad_edge=False)
    for name, path in shipped().items():
        experiments.add_row(name, Text(tomllib.loads(path.read_text(encoding="utf-8"))["asks"]))
    arms = Table("arm", "head", box=None, header_style="bold", pad_edge=False)
    for arm in ARMS.values():
        arms.add_row(arm.name, arm.about)
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    console.print(experiments)
    console.print()
    console.print(arms)
