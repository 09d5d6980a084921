from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from logitbench.probes.loss.processes import BACKENDS
from tests.cli.command import in_process, logitbench
from tests.test_imports import LEARNING, imported

ONE = ("probe", "loss", "--loss", "binary", "--activation", "sigmoid", "--no-from-logits")


@pytest.mark.slow
def test_the_default_table_shows_what_people_write_and_fits_a_terminal(tmp_path: Path) -> None:
    said = logitbench("probe", "loss", cwd=tmp_path).stdout
    assert "Which loss is computed: keras " in said
    assert "tf.nn.sigmoid_cross_entropy_with_logits" in said
    assert "Keras warns of: binary of sigmoid, from_logits=True;" in said
    assert max(map(len, said.splitlines())) <= 124


@pytest.mark.slow
def test_backends_stand_side_by_side_and_rows_that_differ_are_marked(tmp_path: Path) -> None:
    done = logitbench("probe", "loss", "--loss", "binary", "--backend", "all", cwd=tmp_path)
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(" binary")]
    by_head = {tuple(row[1:3]): row for row in rows}
    assert "DIFFERS" in by_head["sigmoid", "yes"]
    assert "DIFFERS" in by_head["sigmoid", "no"]
    assert by_head["none", "yes"][3:] == ["fused", "fused", "fused"]
    assert "2 of 4 change their meaning with KERAS_BACKEND" in done.stdout


@pytest.mark.slow
def test_csv_has_every_setting_and_logit_in_full_precision(tmp_path: Path) -> None:
    logitbench(*ONE, "--backend", "tensorflow", "--backend", "torch", "-o", "loss.csv", cwd=tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "loss.csv").read_text())))
    assert {(row["backend"], row["path"]) for row in rows} == {("tensorflow", "fused"), ("torch", "clipped")}
    assert len(rows) == 2 * 2 * 15
    (far,) = (row for row in rows if (row["backend"], row["label"], row["logit"]) == ("torch", "wrong", "100.0"))
    assert (float(far["exact"]), far["gradient"]) == (100.0, "0.0")


@pytest.mark.slow
def test_json_names_what_json_has_no_number_for(tmp_path: Path) -> None:
    said = logitbench(*ONE, "--topology", "by-hand", "--format", "json", cwd=tmp_path).stdout
    rows = json.loads(said)
    assert "NaN" in {row["gradient"] for row in rows}
    assert {row["topology"] for row in rows} == {"by-hand"}


@pytest.mark.slow
def test_points_show_every_logit_beside_its_exact_value(tmp_path: Path) -> None:
    said = logitbench(*ONE, "--points", cwd=tmp_path).stdout
    assert "ULPs of float32; exact values with mpmath, to 50 digits." in said
    assert sum(line.startswith(" wrong ") for line in said.splitlines()) == 15


@pytest.mark.slow
def test_filters_narrow_every_dimension(tmp_path: Path) -> None:
    said = logitbench(
        *ONE,
        *("--topology", "reshape", "--topology", "direct", "--precision", "mixed_bfloat16", "--execution", "eager"),
        *("--format", "json"),
        cwd=tmp_path,
    ).stdout
    found = {(row["topology"], row["precision"], row["execution"]) for row in json.loads(said)}
    assert found == {("reshape", "mixed_bfloat16", "eager"), ("direct", "mixed_bfloat16", "eager")}


@pytest.mark.parametrize(
    ("arguments", "message", "remedy"),
    [
        (("--loss", "binari"), "there is no loss 'binari'", "Did you mean 'binary'?"),
        (("--topology", "x"), "there is no topology 'x'", "Known: activation, by-hand,"),
        (("--backend", "jaxx"), "there is no backend 'jaxx'", "Did you mean 'jax'?"),
        (("--backend", "torch", "--execution", "graph"), "nothing is left to probe", "torch computes eagerly only"),
        (("--topology", "softmax", "--activation", "sigmoid"), "nothing is left to probe", "A softmax layer"),
        (("--format", "latex"), "there is no format 'latex'", "Known: csv, html, json"),
    ],
)
def test_what_is_not_there_is_refused_with_a_remedy(
    tmp_path: Path, arguments: tuple[str, ...], message: str, remedy: str
) -> None:
    done = in_process("probe", "loss", *arguments, cwd=tmp_path, expect=2)
    assert message in done.stderr
    assert remedy in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
def test_a_backend_that_is_not_installed_is_named_with_what_installs_it(tmp_path: Path) -> None:
    """Of a Python that sees no packages but those of logitbench's process: torch is hidden by a finder."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'torch' else real(name, *rest)\n"
    )
    hidden = {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"}
    done = logitbench(*ONE, "--backend", "torch", cwd=tmp_path, expect=2, environment=hidden)
    assert "the backend torch is not installed" in done.stderr
    assert "pip install 'logitbench[torch]'" in done.stderr
    rest = logitbench(*ONE, "--backend", "all", cwd=tmp_path, environment=hidden)
    assert "left out: torch is not installed. Run: pip install 'logitbench[torch]'" in rest.stderr
    assert [name in rest.stdout for name in BACKENDS] == [True, True, False]


def test_help_needs_no_keras() -> None:
    for name in ("loss", "model", "sweep", "activations", "sampling"):
        assert not imported("-m", "logitbench", "probe", name, "--help") & LEARNING
