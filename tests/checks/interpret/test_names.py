"""One name for each thing, however it was imported."""

from __future__ import annotations

import pytest

from logitbench.checks.interpret.names import canonical


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("tensorflow.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.compat.v1.keras.layers.Dense", "keras.layers.Dense"),
        ("tensorflow.python.keras.layers.core.Dense", "keras.layers.Dense"),
        ("tf_keras.layers.Dense", "keras.layers.Dense"),
        ("keras_core.layers.Dense", "keras.layers.Dense"),
        ("keras.src.layers.core.dense.Dense", "keras.layers.Dense"),
        ("keras.Sequential", "keras.models.Sequential"),
        ("keras.engine.training.Model", "keras.models.Model"),
        ("tensorflow.math.log", "tensorflow.log"),
        ("tensorflow.compat.v1.nn.softmax", "tensorflow.nn.softmax"),
        ("torch.nn.Linear", "torch.nn.Linear"),
        ("mykeras.layers.Dense", "mykeras.layers.Dense"),
        ("keras_tuner.layers.Dense", "keras_tuner.layers.Dense"),
    ],
)
def test_every_way_to_a_thing_gives_its_one_name(path: str, name: str) -> None:
    assert canonical(path) == name
