"""A group of commands in which no option is ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand

from logitbench.docstrings import docstring
from logitbench.errors import UsageError


class Commands(typer.Typer):
    """A group of commands, each with its function's docstring as its help."""

    def add(self, name: str, function: Callable[..., None], **settings: Any) -> None:
        """Add a command; ``settings`` are those of ``typer.Typer.command``."""
        self.command(name, cls=_Command, help=docstring(function), **settings)(function)


class _Command(TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, and refuse an option that takes one value and is given two: click takes the last in silence."""
        if not ctx.resilient_parsing:
            given: list[Any] = self.make_parser(ctx).parse_args(args=list(args))[2]
            for option in given:
                takes_one = option.param_type_name == "option" and not (option.multiple or option.count)
                if takes_one and given.count(option) > 1 and not (option.is_flag and not option.secondary_opts):
                    raise UsageError(f"{option.opts[0]} is given {given.count(option)} times", "Give it once.")
        return super().parse_args(ctx, args)
