"""``logitbench probe activations`` as a user starts it."""

from __future__ import annotations

import csv
import json
import struct
from pathlib import Path

import pytest

from tests.cli.command import in_process, logitbench

PROBE = ("probe", "activations")


def test_a_file_has_what_the_table_shows_and_more(tmp_path: Path) -> None:
    done = logitbench(*PROBE, "swish", "relu", "--set", "relu.alpha=2", "--at", "-5,2", "-o", "a.csv", cwd=tmp_path)
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "swish is another name of silu.",
        "relu's alpha is named negative_slope in Keras 3: --set relu.negative_slope=2",
    ]
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["activation"] for row in rows} == {"silu", "relu"}
    assert {row["precision"] for row in rows} == {"bfloat16", "float16", "float32", "float64"}
    values = {
        float(row["x"]): float(row["number"])
        for row in rows
        if (row["activation"], row["precision"], row["measure"]) == ("relu", "float32", "value")
    }
    assert values == {-5.0: -10.0, 2.0: 2.0, -1e4: -2e4, 1e4: 1e4}


@pytest.mark.slow
def test_the_table_and_its_notes_are_on_stdout_and_json_is_json(tmp_path: Path) -> None:
    done = logitbench(*PROBE, "sigmoid", cwd=tmp_path)
    assert "0.006692851" in done.stdout
    assert "≥ 16.636" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 124
    assert done.stderr == ""
    text = logitbench(*PROBE, "softmax", "--at", "1.5,4.4,2.0", "--format", "json", cwd=tmp_path).stdout
    numbers = [one["number"] for one in json.loads(text) if (one["precision"], one["measure"]) == ("float64", "value")]
    assert numbers[:3] == pytest.approx([0.04802412, 0.87279748, 0.07917839], abs=2e-8)


@pytest.mark.slow
def test_curves_are_drawn_into_a_file_or_on_the_terminal(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("plotext")
    logitbench(*PROBE, "tanh", "--plot", "a.png", cwd=tmp_path)
    head = (tmp_path / "a.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert min(struct.unpack(">II", head[16:])) > 400
    drawn = logitbench(*PROBE, "tanh", "--plot", "-", cwd=tmp_path).stdout
    assert drawn.startswith("tanh: o value, x derivative\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "1,b"], "inputs are numbers with commas between, got '1,b'"),
        (["--set", "relu"], "a parameter is set by NAME.PARAMETER=VALUE, got 'relu'"),
        (["--format", "jsn"], "there is no format 'jsn'"),
        (["-o", "a.docx"], "there is no ending '.docx'"),
        (["--plot", "a.gif"], "a figure ends in .png, .svg or .pdf, got 'a.gif'"),
        (["--plot", "-", "--format", "csv"], "--plot goes without --format and --output"),
        (["sigmod"], "there is no activation 'sigmod' in Keras"),
    ],
)
def test_a_wrong_command_line_is_refused_with_what_came(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = in_process(*PROBE, *arguments, cwd=tmp_path, expect=2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
