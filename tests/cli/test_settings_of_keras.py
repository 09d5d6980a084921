"""What a settings file of Keras, and environment variables of TensorFlow, do to a run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.command import in_process, logitbench

PLAIN = ["run", "language-family", "--arms", "logits,probs-clipped", "--epochs", "1", "--seeds", "1", "--quiet"]

MODEL = """
import keras

def trunk(input_shape, num_classes, vocabulary_size):
    return keras.Sequential([
        keras.Input(input_shape, dtype="int32"),
        keras.layers.Embedding(vocabulary_size, 4),
        keras.layers.GlobalAveragePooling1D(),
    ])
"""


def figures(folder: Path) -> list[dict[str, str]]:
    in_process("export", "results", "-o", "epochs.csv", cwd=folder)
    with (folder / "epochs.csv").open() as file:
        return [
            {key: value for key, value in row.items() if key not in ("run_id", "seconds")}
            for row in csv.DictReader(file)
        ]


def environment_of(folder: Path) -> dict[str, object]:
    (run,) = folder.glob("results/*/*/run.json")
    found: dict[str, object] = json.loads(run.read_text())["environment"]
    return found


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """An environment in which Keras has a settings file with other values than its defaults."""
    home = tmp_path / "keras-home"
    home.mkdir()
    (home / "keras.json").write_text(json.dumps({"epsilon": 0.01, "image_data_format": "channels_first"}))
    return {"KERAS_HOME": str(home), "KERAS_MAX_STEPS_PER_EPOCH": "1"}


def test_a_shipped_experiment_gives_the_same_figures_whatever_keras_json_says(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.mkdir()
    other.mkdir()
    logitbench(*PLAIN, cwd=plain, environment={"KERAS_HOME": str(tmp_path / "none")})

    said = logitbench(*[word for word in PLAIN if word != "--quiet"], cwd=other, environment=settings).stderr

    assert "sets epsilon = 0.01, image_data_format = 'channels_first'" in said
    assert figures(plain) == figures(other)
    assert environment_of(other)["keras_epsilon"] == 1e-7


def test_a_users_model_keeps_its_settings_which_are_recorded_and_never_mixed(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    (tmp_path / "mine.py").write_text(MODEL)
    mine = ["run", "language-family", "--set", "model.name=mine:trunk", "--epochs", "1", "--seeds", "1", "--name", "a"]

    said = logitbench(*mine, cwd=tmp_path, environment=settings).stderr

    recorded = environment_of(tmp_path)
    assert "this run uses it" in said
    assert (recorded["keras_epsilon"], recorded["keras_image_data_format"]) == (0.01, "channels_first")
    refused = logitbench(
        *mine, "--resume", cwd=tmp_path, expect=2, environment={"KERAS_HOME": str(tmp_path / "none")}
    ).stderr
    assert "keras_epsilon was 0.01 and is 1e-07" in refused
    flagged = logitbench(
        *mine,
        "--resume",
        cwd=tmp_path,
        expect=2,
        environment=settings | {"XLA_FLAGS": "--xla_cpu_enable_fast_math=true"},
    ).stderr
    assert "flags was '' and is 'XLA_FLAGS=--xla_cpu_enable_fast_math=true'" in flagged


def test_a_probe_gives_the_same_figures_whatever_keras_json_says(tmp_path: Path, settings: dict[str, str]) -> None:
    clipped = [
        "probe",
        "loss",
        "--loss",
        "binary",
        "--activation",
        "sigmoid",
        "--no-from-logits",
        "--topology",
        "reshape",
    ]
    plain, other = (
        logitbench(*clipped, "--backend", "tensorflow", "--format", "csv", cwd=tmp_path, environment=home).stdout
        for home in ({"KERAS_HOME": str(tmp_path / "none")}, settings)
    )
    assert "clipped" in plain
    assert plain == other


def test_a_settings_file_that_keras_refuses_is_named_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text('{"epsilon": 1}')
    said = logitbench(*PLAIN, cwd=tmp_path, expect=2, environment={"KERAS_HOME": str(tmp_path)}).stderr
    assert "epsilon in" in said
    assert "should be a number with a decimal point" in said
    assert not (tmp_path / "results").exists()
