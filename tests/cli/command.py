"""The program as a user starts it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from logitbench.cli.app import main

ROOT = Path(__file__).parents[2]
PLAIN = {"NO_COLOR": "1", "COLUMNS": "120"}
"""Environment variables that make the output the same on every terminal."""


def logitbench(
    *arguments: str | Path, cwd: Path, expect: int | None = 0, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder, see that it ends as expected (None: in any way), and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "logitbench", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **PLAIN, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert expect in (done.returncode, None), (
        f"exit code {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}"
    )
    assert "Traceback" not in done.stderr
    return done


def in_process(
    *arguments: str | Path, cwd: Path, expect: int | None = 0, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Do what ``logitbench`` does, without the time that a process needs to start: for commands that do not train."""
    command = ["logitbench", *map(str, arguments)]
    stdout, stderr = io.StringIO(), io.StringIO()
    code: int | str | None = 0
    with (
        contextlib.chdir(cwd),
        patch.object(sys, "argv", command),
        patch.dict(os.environ, PLAIN | (environment or {})),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    done = subprocess.CompletedProcess(command, int(code or 0), stdout.getvalue(), stderr.getvalue())
    assert expect in (done.returncode, None), f"exit code {code}, expected {expect}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done
