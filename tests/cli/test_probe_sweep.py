from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import in_process, logitbench

SWEEP = ("probe", "sweep", "--points", "401")


def table(text: str) -> dict[str, np.ndarray]:
    """Columns of floats by precision and name."""
    rows = list(csv.DictReader(io.StringIO(text)))
    return {
        f"{precision} {name}": np.array([float(row[name]) for row in rows if row["precision"] == precision])
        for precision in dict.fromkeys(row["precision"] for row in rows)
        for name in list(rows[0])[1:]
    }


@pytest.mark.slow
def test_a_sweep_is_drawn_in_the_terminal(tmp_path: Path) -> None:
    said = logitbench(*SWEEP, cwd=tmp_path).stdout
    assert said.startswith("binary of sigmoid, from_logits=False, label 0\n")
    assert "Loss: o exact, x float32, + mixed_float16, * mixed_bfloat16" in said
    assert "log10 of Relative error of the loss" in said


def test_a_sweep_as_csv_has_the_clip_at_its_logit_in_each_precision(tmp_path: Path) -> None:
    found = table(logitbench(*SWEEP, "--topology", "reshape", "--format", "csv", cwd=tmp_path).stdout)
    logits = found["float32 logit"]
    assert (len(logits), logits[0], logits[-1]) == (401, -100.0, 100.0)
    assert found["float32 exact"] == pytest.approx(np.logaddexp(0, logits))
    for precision, dead in (("float32", 17.0), ("mixed_float16", 9.0), ("mixed_bfloat16", 7.0)):
        gradient = found[f"{precision} gradient"]
        assert np.all(gradient[logits >= dead] == 0)
        assert np.all(gradient[(logits > -5) & (logits < 5)] != 0)
        assert found[f"{precision} loss"].max() == pytest.approx(15.9424, abs=1e-3)
    near = np.abs(logits) < 5
    assert found["float32 gradient"][near] == pytest.approx(found["float32 exact_gradient"][near], rel=1e-4)


@pytest.mark.slow
def test_the_label_range_and_loss_are_those_that_are_given(tmp_path: Path) -> None:
    found = table(
        logitbench(
            *("probe", "sweep", "--loss", "sparse", "--activation", "none", "--from-logits", "--label", "1"),
            *("--from", "-4", "--to", "4", "--points", "9", "--precision", "float64", "--format", "csv"),
            cwd=tmp_path,
        ).stdout
    )
    z = np.arange(-4.0, 5.0)
    assert found["float64 logit"].tolist() == z.tolist()
    # Keras computes its losses in float32 under every policy.
    assert found["float64 loss"] == pytest.approx(np.log(np.exp(z) + 2) - z, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_sweep_is_drawn_into_a_file(tmp_path: Path, ending: str) -> None:
    logitbench(*SWEEP, "--plot", f"sweep.{ending}", cwd=tmp_path)
    start = (tmp_path / f"sweep.{ending}").read_bytes()[:60]
    assert start.startswith(b"\x89PNG" if ending == "png" else b"<?xml")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_is_swept(tmp_path: Path, backend: str) -> None:
    found = table(logitbench(*SWEEP, "--backend", backend, "--format", "csv", cwd=tmp_path).stdout)
    assert found["float32 loss"].max() == pytest.approx(15.9424, abs=1e-3)  # clipped, where TensorFlow's is fused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "3", "--to", "3"), "logits should go from a lower to a higher one, got 3 to 3"),
        (("--points", "1"), "a curve has at least 2 points, got 1"),
        (("--label", "2"), "the label should be 0 or 1, got 2"),
        (("--precision", "float8"), "there is no precision 'float8'"),
        (("--topology", "softmax"), "a Softmax layer goes with softmax"),
        (("--plot", "a.gif"), "a figure ends in .png, .svg or .pdf"),
        (("-o", "a.md"), "there is no ending '.md'"),
        (("--plot", "a.png", "--format", "csv"), "--plot goes without --format and --output"),
    ],
)
def test_what_cannot_be_swept_is_refused(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in in_process("probe", "sweep", *arguments, cwd=tmp_path, expect=2).stderr
