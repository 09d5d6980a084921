"""Tables of choices hold ``module:object`` strings, so that help can list them without importing one."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def load(target: str) -> Any:
    """Import what ``module:object`` names."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
