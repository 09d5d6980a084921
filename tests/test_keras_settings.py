from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logitbench import keras_settings
from logitbench.errors import UsageError
from logitbench.keras_settings import KerasSettings


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that writes Keras's settings file where Keras would read it."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return (tmp_path / "keras.json").write_text


def test_without_a_file_the_settings_are_keras_own_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "nowhere"))
    assert keras_settings.read() == KerasSettings(epsilon=1e-7, image_data_format="channels_last")
    assert KerasSettings().differences() == []


def test_the_file_is_the_one_that_keras_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert keras_settings.settings_file() == tmp_path / "keras.json"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keras_settings.settings_file() == tmp_path / ".keras" / "keras.json"


def test_settings_of_the_file_are_read_and_named(write: Any) -> None:
    write(json.dumps({"epsilon": 0.01, "image_data_format": "channels_first", "backend": "jax"}))
    found = keras_settings.read()
    assert found == KerasSettings(epsilon=0.01, image_data_format="channels_first")
    assert found.differences() == ["epsilon = 0.01", "image_data_format = 'channels_first'"]
    assert found.recorded() == {"keras_epsilon": 0.01, "keras_image_data_format": "channels_first"}


def test_a_file_that_is_not_json_is_ignored_as_keras_ignores_it(write: Any) -> None:
    write("{")
    assert keras_settings.read() == KerasSettings()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"epsilon": 1}, "epsilon in .*keras.json should be a number with a decimal point, such as 1e-07, got 1"),
        ({"epsilon": "1e-7"}, "epsilon"),
        ({"floatx": "bfloat16"}, "floatx"),
        ({"image_data_format": "channels"}, "image_data_format .* got 'channels'"),
        ([1], r"should be a JSON object, got \[1\]"),
    ],
)
def test_a_value_that_keras_refuses_is_named_with_what_is_expected(write: Any, table: Any, message: str) -> None:
    write(json.dumps(table))
    with pytest.raises(UsageError, match=message):
        keras_settings.read()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").mkdir()
    with pytest.raises(UsageError, match=r"cannot read its settings .*keras\.json: Is a directory"):
        keras_settings.read()


def test_variables_that_choose_how_tensorflow_computes_are_listed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keras_settings.flags()
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_auto_jit=2")
    monkeypatch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")
    for other in ("TF_CPP_MIN_LOG_LEVEL", "TF_NUM_INTRAOP_THREADS", "TF_ENABLE_ONEDNN_OPTS", "TF_VAR_password"):
        monkeypatch.setenv(other, "1")
    assert keras_settings.flags().replace(before, "").split() == [
        "ONEDNN_DEFAULT_FPMATH_MODE=BF16",
        "TF_XLA_FLAGS=--tf_xla_auto_jit=2",
        "XLA_FLAGS=--xla_cpu_enable_fast_math=true",
    ]
