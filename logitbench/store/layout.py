"""Names in a results folder."""

from __future__ import annotations

import re

from logitbench.errors import UsageError
from logitbench.spec import NAME_PATTERN

RUN_FILE, TRIAL_FILE, EPOCHS_FILE = "run.json", "trial.json", "epochs.jsonl"

ATTEMPTS = ".attempts"
"""Where trials are written; no reader looks there."""

CLAIMS = ".claims"
"""Which process trains which seed."""

FAILED = "failed"
"""Where it is recorded why a trial is not to be had."""

BROKEN = "broken"
"""Where trials are moved that cannot be trusted."""


def require_name(name: str) -> None:
    """Refuse a name that may not become a folder.

    Raises:
        UsageError: It has characters that do not belong in a name, or too many.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise UsageError(
            f"{name!r} cannot be the name of a run",
            "Use letters, digits, '_', '.' and '-', beginning with a letter or digit, 255 at most.",
        )


def trial_name(seed: int) -> str:
    """Return the name of a trial's folder."""
    return f"seed-{seed:04d}"
