from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from logitbench.errors import UsageError
from logitbench.models.choice import trunk
from logitbench.models.trunk import Inputs
from logitbench.models.user import UserTrunk, named
from logitbench.spec import ModelSpec

INPUTS = Inputs((6,), "float32", 2, None)


def build(target: str, inputs: Inputs = INPUTS, **options: object) -> keras.Model:
    return trunk(ModelSpec(name=f"tests.trunks:{target}", **options)).build(inputs)


def test_a_users_function_is_called_with_its_options() -> None:
    assert build("normalised", width=3).output_shape == (None, 3)


def test_a_users_function_is_given_the_vocabulary_if_it_asks() -> None:
    model = build("embedded", Inputs((6,), "int32", 2, vocabulary_size=11))

    assert model(np.full((1, 6), 10)).shape == (1, 24)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("with_sigmoid_head", "has a head already.*1 unit.*sigmoid"),
        ("with_logits_head", "has a head already.*2 unit.*linear"),
        ("with_softmax_head", "has a head already.*2 unit.*softmax"),
        ("raising", "raised RuntimeError: no such trunk today"),
        ("not_a_model", "should return a keras.Model, got ndarray"),
        ("not_a_function", "should be a function, got int"),
        ("missing", "cannot get 'missing' from module 'tests.trunks'"),
    ],
)
def test_what_is_no_trunk_is_refused_with_the_reason(target: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build(target)


def test_an_option_that_the_function_does_not_take_is_refused() -> None:
    with pytest.raises(UsageError, match="unexpected keyword argument 'depth'"):
        build("normalised", depth=3)


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="No module named 'no_such_module'") as refusal:
        trunk(ModelSpec(name="no_such_module:build")).build(INPUTS)

    assert "working directory" in refusal.value.hint


def test_a_last_hidden_layer_as_wide_as_no_head_is_no_head() -> None:
    assert build("normalised", width=1).output_shape == (None, 1)


def test_an_installed_module_is_not_replaced_by_a_file_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "colorsys.py").write_text("raise SystemExit('this ran')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)

    with pytest.raises(UsageError, match="cannot get 'build' from module 'colorsys'") as refusal:
        trunk(ModelSpec(name="colorsys:build")).build(INPUTS)

    assert f"not {tmp_path / 'colorsys.py'}: installed modules come first. Rename your file." in refusal.value.hint


def test_the_digest_of_a_users_model_is_of_the_file_that_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("installed", "working"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "my_trunk_module.py").write_text(folder)
    monkeypatch.chdir(tmp_path / "working")
    target = UserTrunk("my_trunk_module:build", {})

    assert target.source_sha256() == hashlib.sha256(b"working").hexdigest()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "installed")])
    assert target.source_sha256() == hashlib.sha256(b"installed").hexdigest()


def test_a_function_that_a_module_does_not_have_is_answered_with_the_functions_that_it_defines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_trunks.py").write_text(
        "import os\nfrom pathlib import Path\nfrom shutil import copy\n\nSIZE = 3\n\n"
        "def build(shape, classes): ...\n\ndef _helper(): ...\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError) as caught:
        named("my_trunks:nothere", "model.name is module:function")
    assert caught.value.message == "cannot get 'nothere' from module 'my_trunks': it has none"
    assert caught.value.hint == "Known: build."
