"""The program where Python or the system lacks something that it usually has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import logitbench
from tests.cli.test_streams import shell
from tests.handmade import ASSETS

WITHOUT_DOCSTRINGS = {"PYTHONOPTIMIZE": "2"}


@pytest.mark.parametrize(
    "command", ["check --explain LB101", "check --explain LB301", "compare --help", "probe loss -h"]
)
def test_pages_and_help_are_the_same_without_docstrings(tmp_path: Path, command: str) -> None:
    usual = logitbench(*command.split(), cwd=tmp_path)
    stripped = logitbench(*command.split(), cwd=tmp_path, environment=WITHOUT_DOCSTRINGS)
    assert stripped.stdout == usual.stdout
    assert len(usual.stdout.splitlines()) > 10


def test_a_report_without_docstrings_is_refused_with_the_reason(tmp_path: Path) -> None:
    done = logitbench("report", ASSETS, cwd=tmp_path, environment=WITHOUT_DOCSTRINGS, expect=2)
    assert "needs docstrings, which python -OO drops" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (f"doctor '{ASSETS}'", 0, "trains on: nothing, TensorFlow cannot be imported: [Errno 2] No usable temporary"),
        ("run breast-cancer", 2, "error: cannot write to a temporary folder: No usable temporary directory found"),
        (f"compare '{ASSETS}' -o new.csv", 2, "error: cannot write new.csv: File too large"),
        ("list >list.txt", 74, "error: cannot write to standard output: File too large"),
    ],
)
def test_a_limit_on_the_size_of_files_is_named(tmp_path: Path, command: str, code: int, told: str) -> None:
    done: subprocess.CompletedProcess[str] = shell(
        f"ulimit -f 0; LOGITBENCH_CACHE='{os.environ['LOGITBENCH_CACHE']}' logitbench {command}", tmp_path
    )
    assert done.returncode == code
    assert told in done.stdout + done.stderr
    assert "fault of logitbench" not in done.stderr


@pytest.mark.parametrize(
    ("package", "command"), [("scipy", "compare"), ("pandas", "export -o epochs.csv"), ("pydantic", "compare")]
)
def test_a_package_that_is_missing_is_named_with_what_to_install(tmp_path: Path, package: str, command: str) -> None:
    (tmp_path / f"{package}.py").write_text(f"raise ModuleNotFoundError('none', name={package!r})\n")
    done = logitbench(
        *command.split(), ASSETS, cwd=tmp_path, environment={"PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}, expect=2
    )
    assert done.stderr == (
        f"error: the Python package {package} is not installed\n"
        "Run: pip install logitbench, which installs every package that its commands need.\n"
    )
