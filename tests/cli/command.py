"""The program as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def logitbench(
    *arguments: str | Path, cwd: Path, expect: int | None = 0, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder, see that it ends as expected (None: in any way), and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "logitbench", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert expect in (done.returncode, None), (
        f"exit code {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}"
    )
    assert "Traceback" not in done.stderr
    return done
