"""``logitbench list``."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from logitbench.cli import options


def command(paths: options.Paths = False) -> None:
    """List the shipped experiments with what each asks, and the arms."""
    import tomllib

    from logitbench import spec
    from logitbench.heads import ARMS

    experiments = Table("experiment", "file" if paths else "asks", box=None, header_style="bold", pad_edge=False)
    for name, path in spec.shipped().items():
        about = str(path) if paths else tomllib.loads(path.read_text(encoding="utf-8"))["asks"]
        experiments.add_row(name, Text(about, overflow="fold"))
    arms = Table("arm", "head", box=None, header_style="bold", pad_edge=False)
    for arm in ARMS.values():
        arms.add_row(arm.name, arm.about)
    console = Console()
    console.print(experiments)
    console.print()
    console.print(arms)
