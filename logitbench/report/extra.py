"""The packages that pictures need, which a plain installation does not have."""

from __future__ import annotations

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
        UsageError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"{what} needs the package {package}, which is not installed", "Run: pip install 'logitbench[report]'"
        ) from error
