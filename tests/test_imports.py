"""Which packages a command imports, as a fresh interpreter tells it: seconds depend on the machine, this does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.handmade import ASSETS

LEARNING = {"tensorflow", "keras"}
SLOW = LEARNING | {"pandas", "numpy", "scipy", "sklearn", "pyarrow"}


def imported(*command: str, environment: dict[str, str] | None = None) -> set[str]:
    """Run Python with ``-X importtime``, expect exit code 0, and return the packages it imported."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        capture_output=True,
        text=True,
        check=False,
        env={key: value for key, value in os.environ.items() if not key.startswith("COV")} | (environment or {}),
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {module.strip().partition(".")[0] for _, _, module in lines}


def test_the_interpreter_tells_what_is_imported() -> None:
    assert "numpy" in imported("-c", "import numpy.linalg")
    assert "numpy" not in imported("-c", "import json")


@pytest.mark.parametrize("module", ["logitbench", "logitbench.cli.app", "logitbench.spec", "logitbench.runner"])
def test_importing_the_program_does_not_import_a_learning_library(module: str) -> None:
    assert imported("-c", f"import {module}") & LEARNING == set()


@pytest.mark.parametrize(
    "module", ["logitbench", "logitbench.cli.app", "logitbench.spec", "logitbench.heads", "logitbench.catalogue"]
)
def test_importing_what_help_needs_imports_nothing_slow(module: str) -> None:
    assert imported("-c", f"import {module}") & SLOW == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["list"],
        ["list", "--paths"],
        *([name, "--help"] for name in ("run", "compare", "export", "probe")),
        ["probe", "model", "--help"],
    ],
    ids=" ".join,
)
def test_help_and_list_import_nothing_slow(arguments: list[str]) -> None:
    found = imported("-m", "logitbench", *arguments)
    assert "typer" in found
    assert found & SLOW == set()


def test_the_python_interface_is_there_and_imports_nothing_until_it_is_used() -> None:
    names = {"HeadCheck", "HeadMismatchError", "loss_path", "probe_model"}
    assert imported("-c", f"import logitbench; assert {names} <= set(dir(logitbench))") & SLOW == set()
    assert "keras" in imported("-c", "import logitbench; logitbench.HeadCheck; logitbench.loss_path")
    assert imported("-c", "import logitbench; assert not hasattr(logitbench, 'no_such_thing')") & SLOW == set()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_draws_no_table_and_validates_nothing(option: str) -> None:
    assert imported("-m", "logitbench", option) & {"pydantic", "rich"} == set()


@pytest.mark.parametrize("arguments", [["list"], ["list", "--paths"]], ids=" ".join)
def test_the_list_is_made_without_validation(arguments: list[str]) -> None:
    found = imported("-m", "logitbench", *arguments)
    assert ("rich" in found) is ("--paths" not in arguments)
    assert found & (SLOW | {"pydantic"}) == set()


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex", "html"])
def test_compare_does_not_import_a_learning_library(form: str) -> None:
    found = imported("-m", "logitbench", "compare", str(ASSETS), "--format", form)
    assert "numpy" in found
    assert found & (LEARNING | {"pandas", "sklearn"}) == set()


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_export_does_not_import_a_learning_library(tmp_path: Path, ending: str) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    found = imported("-m", "logitbench", "export", str(ASSETS), "-o", str(tmp_path / f"epochs.{ending}"))
    assert "pandas" in found
    assert found & LEARNING == set()


def test_doctor_leaves_learning_libraries_to_a_process_of_their_own(no_tensorflow: dict[str, str]) -> None:
    found = imported("-m", "logitbench", "doctor", str(ASSETS), environment=no_tensorflow)
    assert found & (LEARNING | {"pandas", "sklearn"}) == set()
