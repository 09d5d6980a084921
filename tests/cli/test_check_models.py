"""``logitbench check`` on saved models, which are read, and on models of modules, which are measured."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.checks.saved.written import written
from tests.cli.command import logitbench
from tests.probes.model import small
from tests.test_imports import LEARNING, imported

HEAD = {"name": "head", "units": 1, "activation": "linear", "dtype": "float32"}
DENSE = {"module": "keras.layers", "class_name": "Dense", "config": HEAD, "registered_name": None}
STACK = {"name": "sequential", "layers": [DENSE]}
MODEL = {
    "module": "keras",
    "class_name": "Sequential",
    "config": STACK,
    "registered_name": None,
    "compile_config": {"loss": "binary_crossentropy", "metrics": ["accuracy"]},
}
SHOWN = """a.keras: output 'head': LB101 BinaryCrossentropy has from_logits=False, and the linear head gives no \
probabilities: its outputs are clipped to 0 and 1, and where they are clipped nothing is learned
    head: layer 'head'
    use: loss=keras.losses.BinaryCrossentropy(from_logits=True)
         or activation="sigmoid" in the head
"""
OF_TUTORIAL = """mine:build: output 'output': LB201 The metric 'accuracy' does not fit the head: it cuts at 0.5, and \
the head gives logits: 0.5 on a logit is p = 0.62 (measured on TensorFlow: the loss path is fused)
    use: metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a saved model and a module of small models."""
    written(tmp_path / "a.keras", MODEL)
    shutil.copy(small.__file__, tmp_path / "mine.py")
    return tmp_path


def test_a_saved_model_is_read_without_a_learning_library(folder: Path) -> None:
    done = logitbench("check", "a.keras", cwd=folder, expect=1)
    assert (done.stdout, done.stderr) == (SHOWN, "1 finding in 1 file\n")
    assert imported("-m", "logitbench", "check", str(folder / "a.keras"), "--exit-zero") & LEARNING == set()


def test_a_saved_model_is_looked_at_where_it_is_named_and_not_in_a_folder(folder: Path) -> None:
    (folder / "mine.py").unlink()
    said = "no .py or .ipynb that git does not ignore: .\nnothing found in 0 files\n"
    assert logitbench("check", cwd=folder).stderr == said
    assert logitbench("check", ".", "a.keras", cwd=folder, expect=1).stdout == SHOWN


def test_a_saved_model_in_json_has_its_part_for_a_place(folder: Path) -> None:
    said = json.loads(logitbench("check", "a.keras", "--format", "json", cwd=folder, expect=1).stdout)
    (finding,) = said["findings"]
    assert (finding["part"], finding["line"], finding["head"]["source"]) == ("output 'head'", 1, "layer 'head'")
    assert (said["files"], said["models"]) == (1, 0)


def test_a_saved_model_that_is_refused_is_named_and_the_others_are_checked(folder: Path) -> None:
    (folder / "torn.keras").write_bytes(b"torn")
    done = logitbench("check", "torn.keras", "a.keras", cwd=folder, expect=2)
    assert done.stdout == SHOWN
    assert "left out: torn.keras cannot be checked: a .keras file is a zip archive, and this is none" in done.stderr


def test_a_model_of_a_module_is_measured_and_its_prints_are_no_answer(folder: Path) -> None:
    done = logitbench("check", "mine:build", "a.keras", "mine:gone", cwd=folder, expect=2)
    assert done.stdout == SHOWN + OF_TUTORIAL
    assert "a line that is no answer" in done.stderr
    assert "left out: mine:gone cannot be checked: cannot get 'gone' from module 'mine'" in done.stderr
    assert done.stderr.endswith("2 findings in 1 file and 1 model, 1 left out\n")


@pytest.mark.slow
def test_what_a_module_does_to_its_process_is_its_own(folder: Path) -> None:
    (folder / "rude.py").write_text(
        "import atexit, os, sys\n"
        "print('printed'); os.write(1, b'written')\n"
        "atexit.register(print, 'printed late')\n"
        "assert sys.argv == ['rude'], sys.argv\n"
        "from mine import build\n"
        "def leave(): os._exit(7)\n"
        "def fail(): raise RuntimeError('no model today')\n"
    )
    done = logitbench("check", "rude:build", "--format", "json", "--show-unknown", cwd=folder, expect=1)
    assert [one["code"] for one in json.loads(done.stdout)["findings"]] == ["LB201"]
    for words in ("printed", "written", "printed late"):
        assert words in done.stderr
    done = logitbench("check", "rude:leave", "rude:fail", cwd=folder, expect=2)
    assert "rude:leave cannot be checked: its process ended with exit code 7 before" in done.stderr
    assert "rude:fail raised RuntimeError: no model today" in done.stderr


@pytest.mark.slow
def test_a_program_reads_every_output_and_what_could_not_be_told(folder: Path) -> None:
    (folder / "more.py").write_text("from mine import *\ndef odd(): return classes(None, other, units=1)\n")
    arguments = ("mine:several", "more:odd", "--format", "json", "--show-unknown")
    found = json.loads(logitbench("check", *arguments, cwd=folder, expect=1).stdout)["findings"]
    assert {(one["path"], one["part"], one["code"]) for one in found} == {
        ("mine:several", "output 'spam'", "LB101"),
        ("mine:several", "output 'spam'", "LB201"),
        ("mine:several", "output 'tags'", "LB301"),
        ("more:odd", "output 'head'", "LB000"),
    }


@pytest.mark.slow
def test_the_backend_that_is_asked_for_is_measured_on(folder: Path) -> None:
    if find_spec("jax") is None:
        pytest.skip("jax is not installed")
    source = "\nimport os\ndef twice(): return tutorial('sigmoid')\n"
    (folder / "mine.py").write_text((folder / "mine.py").read_text(encoding="utf-8") + source, encoding="utf-8")
    done = logitbench("check", "mine:twice", "--backend", "jax", cwd=folder, expect=1)
    assert "mine:twice: output 'output': LB102 The sigmoid is applied twice" in done.stdout
    assert "(measured on JAX: the loss path is double)" in done.stdout
    (folder / "chooses.py").write_text("import os\nos.environ['KERAS_BACKEND'] = 'jax'\nfrom mine import build\n")
    done = logitbench("check", "chooses:build", cwd=folder, expect=2)
    assert "Set it on the command line: logitbench check --backend jax chooses:build" in done.stderr


def test_what_only_looks_like_a_module_is_refused_as_a_file(folder: Path) -> None:
    done = logitbench("check", "no/such:thing", cwd=folder, expect=2)
    assert "there is no file or folder no/such:thing" in done.stderr
    assert "module:function" in done.stderr
