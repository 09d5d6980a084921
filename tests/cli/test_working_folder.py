"""No file of the working folder runs, but for a module that the command names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import logitbench

SCRIPT = Path(sys.executable).with_name("logitbench")

PACKAGES = (
    "click h5py jax keras matplotlib numpy optree pandas pydantic rich scipy shellingham sklearn tensorboard "
    "tensorflow torch typer"
)

LOADED_BY_PYTHON_M = {
    "collections", "contextlib", "functools", "importlib", "keyword", "operator", "reprlib", "types", "warnings",
}  # fmt: skip
"""``python -m`` itself imports these, from the working folder, before any line of the program runs."""

TRUNK = """
import keras
import helper_of_mine
def trunk(input_shape, num_classes):
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(helper_of_mine.UNITS, "relu")])
"""


def booby_trapped(folder: Path, *, without: set[str] = frozenset()) -> Path:  # type: ignore[assignment]
    """Fill a folder with files named as modules; return the file in which each that runs would leave its name."""
    ran = folder / "ran"
    standard = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    for name in (standard | {*PACKAGES.split(), "sitecustomize", "usercustomize"}) - without:
        (folder / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write(__name__ + ' ')\n")
    return ran


@pytest.mark.parametrize(
    "arguments",
    [
        ["--engine", "lockstep"],
        pytest.param(["--engine", "fit"], marks=pytest.mark.slow),
        pytest.param(["--engine", "fit", "--set", "model.name=mine:trunk"], marks=pytest.mark.slow),
        ["--engine", "lockstep", "--set", "model.name=mine:trunk"],
    ],
    ids=" ".join,
)
def test_a_run_imports_nothing_of_the_working_folder_but_the_users_model(tmp_path: Path, arguments: list[str]) -> None:
    own_model = "mine:trunk" in arguments[-1]
    ran = booby_trapped(tmp_path, without={"jax", "tensorboard", "torch", "matplotlib"} if own_model else set())
    (tmp_path / "mine.py").write_text(TRUNK)
    (tmp_path / "helper_of_mine.py").write_text("UNITS = 3\n")

    run = [str(SCRIPT), "run", "breast-cancer", "--arms", "logits", "--epochs", "1", "--seeds", "1", *arguments]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=280)

    assert done.returncode == 0, done.stdout + done.stderr
    assert not ran.exists(), ran.read_text()


def test_python_m_imports_nothing_of_the_working_folder_once_python_has_started(tmp_path: Path) -> None:
    ran = booby_trapped(tmp_path, without=LOADED_BY_PYTHON_M)

    logitbench("list", cwd=tmp_path)
    logitbench("doctor", cwd=tmp_path)
    logitbench("compare", "results", cwd=tmp_path, expect=2)

    assert not ran.exists(), ran.read_text()


def test_a_path_that_the_user_sets_is_searched_for_the_users_model(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library/mine.py").write_text(TRUNK)
    (tmp_path / "library/helper_of_mine.py").write_text("UNITS = 3\n")
    path = os.pathsep.join(filter(None, ["library", os.environ.get("PYTHONPATH")]))

    run = (
        "run",
        "breast-cancer",
        "--arms",
        "logits",
        "--epochs",
        "1",
        "--seeds",
        "1",
        "--set",
        "model.name=mine:trunk",
    )
    logitbench(*run, cwd=tmp_path, environment={"PYTHONPATH": path})
