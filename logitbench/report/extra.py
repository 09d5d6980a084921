"""The packages that pictures need, which a plain installation does not have."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from logitbench.errors import UsageError


def needed(what: str, package: str, module: str) -> Any:
    """Import a module of the extra ``report``.

    Args:
        what: What needs it, to begin the message with.
        package: Its name where packages are installed from.
        module: Its name in Python.

    Raises:
        UsageError: It is not installed, or Python was started in a way in which it does not work.
    """
    if module == "altair" and sys.flags.optimize > 1:
        raise UsageError(
            f"{what} needs docstrings, which python -OO drops: the package altair reads its own",
            "Run Python without -OO; -O or PYTHONOPTIMIZE=1 works.",
        )
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"{what} needs the package {package}, which is not installed", "Run: pip install 'logitbench[report]'"
        ) from error
