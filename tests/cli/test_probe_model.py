"""``logitbench probe model`` as a user starts it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.command import logitbench
from tests.probes.model import small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a module of small models."""
    shutil.copy(small.__file__, tmp_path / "mine.py")
    return tmp_path


def test_the_table_says_what_is_computed_and_what_to_change(folder: Path) -> None:
    done = logitbench("probe", "model", "mine:build", cwd=folder)
    assert max(map(len, done.stdout.splitlines())) <= 124
    assert "a line that is no answer" not in done.stdout
    assert "a line that is no answer" in done.stderr
    for words in ("mine:build", "head", "BinaryCrossentropy", "fused", "none up to 128", "cut at 0.5"):
        assert words in done.stdout
    assert 'metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]' in done.stdout


@pytest.mark.slow
def test_a_program_reads_every_output_metric_and_advice(folder: Path) -> None:
    rows = json.loads(logitbench("probe", "model", "mine:several", "--format", "json", cwd=folder).stdout)
    outputs = {row["output"]: row for row in rows if row["about"] == "output"}
    assert {name: row["path"] for name, row in outputs.items()} == {"spam": "raw", "mood": "fused", "tags": "clipped"}
    assert outputs["tags"]["precision"] == "float16"
    assert outputs["mood"]["dead_from"] is None
    assert {(row["metric"], row["metric_fits"]) for row in rows if row["about"] == "metric"} == {
        ("accuracy", True),
        ("accuracy", False),
    }
    assert all(row["what"] for row in rows if row["about"] == "advice")
    logitbench("probe", "model", "mine:several", "-o", "found.csv", cwd=folder)
    written = list(csv.DictReader(io.StringIO((folder / "found.csv").read_text(encoding="utf-8"))))
    assert [row["path"] for row in written] == [row["path"] for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["markdown", "html"])
def test_code_keeps_its_lines_in_other_forms(folder: Path, form: str) -> None:
    if form == "html":
        pytest.importorskip("jinja2")
    text = logitbench("probe", "model", "mine:several", "--format", form, cwd=folder).stdout
    break_ = "<br>" if form == "markdown" else "\n"
    assert f"# no activation{break_}loss=".replace("#", "\\#" if form == "markdown" else "#") in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.keras"], "there is no file gone.keras"),
        (["mine:gone"], "cannot get 'gone' from module 'mine'"),
        (["mine:build", "--format", "pdf"], "there is no format 'pdf'"),
        (["mine:build", "-o", "found.pdf"], "there is no ending '.pdf'"),
    ],
)
def test_what_cannot_be_done_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    done = logitbench("probe", "model", *arguments, cwd=folder, expect=2)
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_clip_and_apply_twice(folder: Path, backend: str) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    source = "\nclip = tutorial('sigmoid', from_logits=False)\ntwice = tutorial('sigmoid')\n"
    (folder / "mine.py").write_text((folder / "mine.py").read_text(encoding="utf-8") + source, encoding="utf-8")
    for target, path in {"clip": "clipped", "twice": "double", "tutorial": "fused", "several": "clipped"}.items():
        done = logitbench(
            *("probe", "model", f"mine:{target}", "--format", "json"),
            cwd=folder,
            environment={"KERAS_BACKEND": backend},
        )
        assert json.loads(done.stdout)[0]["path"] == path


@pytest.mark.slow
def test_what_a_module_prints_or_reads_of_the_command_line_is_its_own(folder: Path) -> None:
    (folder / "noisy.py").write_text(
        "import argparse, os\n"
        "print('printed'); os.write(1, b'written')\n"
        "argparse.ArgumentParser().parse_args()\n"
        "from mine import build\n"
    )
    done = logitbench("probe", "model", "noisy:build", "--format", "json", cwd=folder)
    assert json.loads(done.stdout)
    assert "printed" in done.stderr
    assert "written" in done.stderr


@pytest.mark.slow
def test_a_module_that_chooses_another_backend_is_refused_with_the_command_for_it(folder: Path) -> None:
    (folder / "chooses.py").write_text("import os\nos.environ['KERAS_BACKEND'] = 'jax'\nfrom mine import build\n")
    done = logitbench("probe", "model", "chooses:build", cwd=folder, expect=2)
    assert "sets KERAS_BACKEND to 'jax', and Keras was started on 'tensorflow'" in done.stderr
    assert "KERAS_BACKEND=jax logitbench probe model chooses:build" in done.stderr


def test_a_backend_that_is_none_is_refused(folder: Path) -> None:
    done = logitbench("probe", "model", "mine:build", cwd=folder, expect=2, environment={"KERAS_BACKEND": "mxnet"})
    assert "there is no backend 'mxnet'" in done.stderr
