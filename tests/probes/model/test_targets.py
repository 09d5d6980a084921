"""Models that a command is pointed at: modules are run, files never."""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from logitbench.cli.measuring import CHECK
from logitbench.errors import UsageError
from logitbench.heads import LossPath
from logitbench.kerasfile import LARGEST
from logitbench.probes.model.models import probe_model
from logitbench.probes.model.targets import load
from tests.probes.model import small

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def saved(model: Any) -> str:
    model.save("model.keras")
    return "model.keras"


def module(source: str, name: str) -> str:
    Path(f"{name}.py").write_text(f"import keras\nfrom keras import layers\n{source}\n", encoding="utf-8")
    return name


def test_a_function_of_a_module_in_the_working_directory_is_called_and_an_object_taken() -> None:
    source = "model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])\ndef build():\n    return model"
    name = module(source, "target_in_this_folder")
    assert isinstance(load(f"{name}:build").model, keras.Sequential)
    assert load(f"{name}:model").model is load(f"{name}:build").model


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("raising", "raised RuntimeError: no model today"),
        ("leaving", "raised SystemExit: 3"),
        ("number", "should be a keras.Model or a function that returns one, got int"),
        ("with_arguments", "raised TypeError: .*missing 1 required positional argument"),
        ("missing", "cannot get 'missing' from module"),
    ],
)
def test_what_is_no_model_is_refused_with_the_reason(name: str, message: str) -> None:
    source = (
        "import sys\nnumber = 3\ndef raising():\n    raise RuntimeError('no model today')\n"
        "def leaving():\n    sys.exit(3)\ndef with_arguments(size):\n    return size"
    )
    with pytest.raises(UsageError, match=message):
        load(f"{module(source, 'target_with_faults')}:{name}")


def test_a_saved_model_is_probed_as_it_was_compiled() -> None:
    model = small.classes("softmax", keras.losses.CategoricalCrossentropy(label_smoothing=0.1), ["accuracy"])
    (output,) = probe_model(load(saved(model)).model).outputs
    assert (output.loss, output.from_logits) == ("CategoricalCrossentropy", False)
    assert (output.reading.path, output.metrics[0].name) == (LossPath.FUSED, "accuracy")


def test_a_file_with_a_lambda_is_refused_and_not_run() -> None:
    inputs = keras.Input((2,))
    written = layers.Lambda(lambda x: (__import__("os").makedirs("was_run", exist_ok=True), x)[1])  # it stands alone
    path = saved(keras.Model(inputs, written(inputs)))
    Path("was_run").rmdir()
    with pytest.raises(UsageError, match="holds code of its own, and a file is never run") as refusal:
        load(path)
    assert "module:function" in refusal.value.hint
    assert not Path("was_run").exists()


def test_a_file_of_a_custom_layer_is_refused_with_what_it_needs() -> None:
    with pytest.raises(UsageError, match=r"needs classes or functions that are not in it.*OwnWeights"):
        load(saved(small.classes(None, "mse", after=small.OwnWeights())))


def test_a_file_compiled_with_a_loss_of_the_users_is_loaded_without_it() -> None:
    loaded = load(saved(small.classes(None, small.other, units=1)))
    assert "not in the file" in loaded.note
    (output,) = probe_model(loaded.model).outputs
    assert (output.activation, output.reading.why[:25]) == ("none", "the model is not compiled")


def test_a_file_that_is_none_is_refused() -> None:
    Path("torn.keras").write_bytes(b"PK\x03\x04 torn")
    Path("model.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    Path("hidden.keras").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with zipfile.ZipFile("other.keras", "w") as archive:
        archive.writestr("readme.txt", "no model")
    for target, message in {
        "gone.keras": "there is no file gone.keras",
        "torn.keras": "torn.keras cannot be loaded: a .keras file is a zip archive, and this is none",
        "hidden.keras": "a .keras file is a zip archive, and this is none",
        "model.h5": "expected a .keras file, got model.h5",
        "other.keras": "it has no config.json",
        "nothing": "there is no file nothing",
        ".": "expected a .keras file",
    }.items():
        with pytest.raises(UsageError, match=message):
            load(target)


def test_a_file_whose_parts_are_broken_is_refused() -> None:
    whole = saved(small.classes(None, "mse"))
    with zipfile.ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1]["module"] = "os"
    config["config"]["layers"][1]["class_name"] = "system"
    for name, part in (("config.json", b"{"), ("config.json", json.dumps(config).encode()), ("model.weights.h5", b"")):
        with zipfile.ZipFile("broken.keras", "w") as archive:
            for other, content in {**parts, name: part}.items():
                archive.writestr(other, content)
        with pytest.raises(UsageError, match=r"broken\.keras"):
            load("broken.keras")


def test_what_a_saved_model_predicts_is_not_changed_by_a_probe() -> None:
    model = small.classes("softmax", "categorical_crossentropy")
    x = np.ones((2, 4), "float32")
    before = model.predict(x, verbose=0)
    probe_model(model)
    assert np.array_equal(model.predict(x, verbose=0), before)


SOURCE = """
import sys
from keras import Sequential
sys.exit("this file was run")
def helper(size): ...
def evaluate(): ...
async def later(): ...
def build_net(units=3): ...
def _build(): ...
model = Sequential([])
clf = Sequential([])
one: Sequential = Sequential([])
class Spam(Sequential): ...
if Spam:
    from keras.applications import VGG16 as base
"""


@pytest.mark.parametrize(
    ("target", "message", "line"),
    [
        ("nets.py", "nets.py is Python source, which is not a model", "nets:build_net (also in nets.py: model, eval"),
        ("nets.py:build_net", "nets.py is Python source", "Type: logitbench probe model nets:build_net"),
        ("nets.py:bild_net", "has no function 'bild_net' that needs no argument", "nets:build_net"),
        ("nets", "nets.py is Python source, which is not a model, got 'nets'", "nets:build_net"),
        ("small/nets.py", "small/nets.py is Python source", "Type: logitbench probe model small.nets:build_net"),
        ("small.nets", "small/nets.py is Python source", "Type: logitbench probe model small.nets:build_net"),
        ("small/nets.py:model", "small/nets.py is Python source", "small.nets:model"),
        *(
            (f"nets.py:{name}", "is Python source", f"nets:{name} (")
            for name in ("clf", "one", "Spam", "base", "_build")
        ),
        ("nets.py:helper", "has no function 'helper' that needs no argument", "nets:build_net"),
        ("nets.py:print", "has no function 'print' that needs no argument", "nets:"),
        ("my dir.n/nets.py:clf", "is Python source", "Type: cd 'my dir.n' && logitbench probe model nets:clf"),
        ("my nets.py:clf", "is Python source", "Type: logitbench probe model 'my nets:clf'"),
        ("nets.v2.py:clf", "is Python source", "Rename nets.v2.py: the name of a module has no dot."),
        ("broken.py", "broken.py is Python source", "Type: logitbench probe model broken:FUNCTION"),
    ],
)
def test_a_python_file_is_answered_with_the_line_to_type_and_not_run(target: str, message: str, line: str) -> None:
    for folder in ("small", "my dir.n"):
        Path(folder).mkdir()
    for path in ("nets.py", "small/nets.py", "my dir.n/nets.py", "my nets.py", "nets.v2.py"):
        Path(path).write_text(SOURCE, encoding="utf-8")
    Path("broken.py").write_text("def build(:\n", encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(message)) as refusal:
        load(target)
    assert line in refusal.value.hint


def test_a_python_file_elsewhere_is_answered_with_its_folder(tmp_path: Path) -> None:
    for folder in ("here", "a b"):
        (tmp_path / folder).mkdir()
    os.chdir(tmp_path / "here")
    for file, shown in (("../nets.py", str(tmp_path)), ("../a b/nets.py", f"'{tmp_path}/a b'")):
        Path(file).write_text("def build(): ...\n", encoding="utf-8")
        with pytest.raises(UsageError) as refusal:
            load(file, CHECK)
        assert refusal.value.hint == f"Type: cd {shown} && logitbench check nets:build"


def test_a_saved_model_whose_config_is_a_bomb_is_refused_before_it_is_loaded() -> None:
    with zipfile.ZipFile("bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", b" " * (LARGEST + 1))
    with pytest.raises(UsageError, match="should have at most 33554432 bytes, got more"):
        load("bomb.keras")
