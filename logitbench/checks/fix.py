"""What a rule would have changed in a program to put it right."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class SetKeyword:
    """Set a keyword of a call, or take it out.

    Args:
        node: The call.
        name: Of the keyword.
        value: Python; None takes it out.
        slot: Where it may stand among the arguments without its name.
    """

    node: ast.Call
    name: str
    value: str | None
    slot: int | None = None


@dataclass(frozen=True)
class PutInstance:
    """Put an instance of one of Keras's classes where a text or a function asks for it.

    Args:
        node: The text, or the function's name.
        group: The module of the class: ``losses`` or ``metrics``.
        kind: The class.
        arguments: Python.
    """

    node: ast.expr
    group: str
    kind: str
    arguments: str


@dataclass(frozen=True)
class PutNumber:
    """Put another number in a number's place.

    Args:
        node: The number.
        value: Python.
    """

    node: ast.Constant
    value: str


Edit = SetKeyword | PutInstance | PutNumber


@dataclass(frozen=True)
class Fix:
    """A change that puts a problem right.

    Args:
        edit: The change.
        safe: Whether it is the one right answer; else it is a choice of what was meant.
    """

    edit: Edit
    safe: bool = False
