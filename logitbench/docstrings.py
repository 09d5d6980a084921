"""Docstrings that users read: the help of commands and the pages of rules."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any


def docstring(of: ModuleType | Callable[..., Any]) -> str:
    """Return the docstring of a module or a function; ``python -OO`` drops it, and it is read from the source."""
    if found := inspect.getdoc(of):
        return found
    module = ast.parse(textwrap.dedent(inspect.getsource(of)))
    definition = module if isinstance(of, ModuleType) else module.body[0]
    return ast.get_docstring(definition) or ""  # type: ignore[arg-type]
