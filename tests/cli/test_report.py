from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.command import in_process, logitbench
from tests.handmade import ASSETS
from tests.test_imports import LEARNING, imported

pytest.importorskip("altair")


def test_a_page_is_written_and_said_to_be_on_stderr(tmp_path: Path) -> None:
    done = logitbench("report", ASSETS, cwd=tmp_path)
    assert done.stdout == ""
    assert done.stderr == "2 experiments of 5 trials, 1.0 MB: report.html\n"
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_experiment_metric_and_baseline_are_chosen(tmp_path: Path) -> None:
    options = ("--experiment", "breast-cancer-raw", "--metric", "loss", "--baseline", "probs", "-o", "a.html")
    done = in_process("report", ASSETS, *options, cwd=tmp_path)
    assert done.stderr.startswith("1 experiment of 3 trials, ")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "Minus probs, paired by seed" in page
    assert "language-family" not in page
    assert "differences of loss" in page
    assert "differences of val_loss" not in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metric", "los"], "there is no metric 'los'"),
        (["--baseline", "raw"], "the baseline 'raw' is not an arm"),
        (["--experiment", "nothing"], "there is no experiment 'nothing'"),
        (["-o", "no/such/folder.html"], "cannot write no/such/folder.html"),
    ],
    ids=lambda value: value[1] if isinstance(value, list) else "",
)
def test_a_wrong_choice_is_named_and_nothing_is_written(tmp_path: Path, options: list[str], message: str) -> None:
    assert message in in_process("report", ASSETS, *options, cwd=tmp_path, expect=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_no_learning_library_is_imported(tmp_path: Path) -> None:
    found = imported("-m", "logitbench", "report", str(ASSETS), "-o", str(tmp_path / "report.html"))
    assert "altair" in found
    assert found & LEARNING == set()


def test_help_imports_nothing_of_charts() -> None:
    assert imported("-m", "logitbench", "report", "--help") & {"altair", "jinja2", "vl_convert", "numpy"} == set()


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "altair.py").write_text("raise ImportError('not here')\n")
    path = {"PYTHONPATH": ":".join([str(tmp_path), *filter(None, sys.path)])}
    done = logitbench("report", ASSETS, cwd=tmp_path, expect=2, environment=path)
    assert "The report page needs the package altair, which is not installed" in done.stderr
    assert "Run: pip install 'logitbench[report]'" in done.stderr
