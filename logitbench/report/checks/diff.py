"""How a file changes."""

from __future__ import annotations

import difflib
import re


def render(path: str, before: str, after: str) -> str:
    """Return how a file changes, as a unified diff; empty where it does not."""
    old, new = (re.findall(r"[^\n]*\n|[^\n]+", one) for one in (before, after))
    lines = difflib.unified_diff(old, new, path, path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
