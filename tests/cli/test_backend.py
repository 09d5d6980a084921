from __future__ import annotations

import json
from pathlib import Path

import pytest

from logitbench.cli import backend
from logitbench.errors import UsageError
from tests.cli.command import logitbench


def keras_home(folder: Path, chosen: object) -> dict[str, str]:
    """Write a ``keras.json`` that chooses a backend; return the environment that makes Keras read it."""
    (folder / "keras.json").write_text(json.dumps({"backend": chosen}))
    return {"KERAS_HOME": str(folder)}


def test_a_run_for_a_user_of_another_backend_is_refused_with_the_command_to_type(tmp_path: Path) -> None:
    run = ("run", "digits", "--set", "model.hidden=[8, 8]")

    by_variable = logitbench(*run, cwd=tmp_path, expect=2, environment={"KERAS_BACKEND": "jax"})
    by_file = logitbench(
        *run, cwd=tmp_path, expect=2, environment={"KERAS_BACKEND": "", **keras_home(tmp_path, "torch")}
    )

    assert "KERAS_BACKEND is 'jax'" in by_variable.stderr
    assert "KERAS_BACKEND=tensorflow logitbench run digits --set 'model.hidden=[8, 8]'" in by_variable.stderr
    assert f"the backend in {tmp_path / 'keras.json'} is 'torch'" in by_file.stderr
    assert not (tmp_path / "results").exists()


def test_sampling_from_an_experiment_is_refused_and_from_a_law_is_not(tmp_path: Path) -> None:
    sampling = ("probe", "sampling")
    jax = {"KERAS_BACKEND": "jax"}

    refused = logitbench(*sampling, "--experiment", "next-character", cwd=tmp_path, expect=2, environment=jax)
    logitbench(*sampling, "--vocabulary", "10", "--draws", "10", cwd=tmp_path, environment=jax)

    assert "KERAS_BACKEND=tensorflow logitbench probe sampling --experiment next-character" in refused.stderr


@pytest.mark.parametrize(
    ("variable", "file", "refused"),
    [
        ("tensorflow", "jax", None),
        (None, "tensorflow", None),
        (None, None, None),
        ("", None, None),
        ("", "jax", "keras.json is 'jax'"),
        (None, "jax", "keras.json is 'jax'"),
        (None, "", "keras.json is ''"),
        (None, 3, "keras.json is 3"),
        ("jax", "tensorflow", "KERAS_BACKEND is 'jax'"),
        ("torch", None, "KERAS_BACKEND is 'torch'"),
        ("openvino", None, "KERAS_BACKEND is 'openvino'"),
        ("TensorFlow", None, "KERAS_BACKEND is 'TensorFlow'"),  # Keras refuses it, too
        ("no-such", None, "KERAS_BACKEND is 'no-such'"),
    ],
)
def test_the_backend_is_what_keras_would_start_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None, file: object, refused: str | None
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    if file is not None:
        keras_home(tmp_path, file)
    if variable is None:
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
    else:
        monkeypatch.setenv("KERAS_BACKEND", variable)

    if refused is None:
        backend.require_tensorflow()
    else:
        with pytest.raises(UsageError) as refusal:
            backend.require_tensorflow()
        assert refused in refusal.value.message
