from __future__ import annotations

from pathlib import Path

import pytest

from logitbench import spec
from logitbench.data.readers import READERS
from logitbench.errors import UsageError
from logitbench.heads import ARMS
from tests.spec.conftest import SMALL, refused, write


def test_keys_of_a_source_and_of_a_model_are_handed_on_to_them(tmp_path: Path) -> None:
    text = '[data]\nsource = "cldr"\nngram = 3\n[model]\nname = "linear"\n[model.deep]\nwidths = [1, 2]\n'
    chosen = spec.read(str(write(tmp_path, text)))
    assert chosen.data.options == {"ngram": 3}
    assert chosen.model.options == {"deep": {"widths": [1, 2]}}


def test_overrides_win_over_the_file_and_the_rest_stays(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL + "[training]\nepochs = 7\nbatch_size = 8\n")
    chosen = spec.read(
        str(path),
        {
            "training.epochs": 2,
            "pairs.arms": ["raw", "logits"],
            "head.activation": "softmax",
            "data.depth": 4,
            "training.optimizer_options.learning_rate": 0.5,
        },
    )
    assert (chosen.training.epochs, chosen.training.batch_size) == (2, 8)
    assert chosen.pairs.arms == ("raw", "logits")
    assert chosen.head.activation == "softmax"
    assert chosen.data.options == {"depth": 4}
    assert chosen.training.optimizer_options == {"learning_rate": 0.5}


@pytest.mark.parametrize(("section", "selector"), spec.SELECTORS.items())
def test_another_source_or_model_leaves_out_the_keys_of_the_files_own(
    tmp_path: Path, section: str, selector: str
) -> None:
    path = write(tmp_path, '[data]\nsource = "cldr"\nngram = 3\n[model]\nname = "mlp"\nngram = 3\n')
    same = spec.read(str(path), {f"{section}.{selector}": {"data": "cldr", "model": "mlp"}[section]})
    other = spec.read(str(path), {f"{section}.depth": 4, f"{section}.{selector}": "other"})
    assert getattr(same, section).options == {"ngram": 3}
    assert getattr(other, section).options == {"depth": 4}
    assert getattr(other, section).model_dump()[selector] == "other"
    for untouched in set(spec.SELECTORS) - {section}:
        assert getattr(other, untouched).options == {"ngram": 3}


def test_a_value_is_not_a_section(file: Path) -> None:
    error = refused(file, {"data.source.deep.key": 1})
    assert error.message == "'data.source.deep.key' cannot be set: 'source' is a value, not a section"


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("training.epochs=5", "training.epochs", 5),
        (" training.epochs = 5", "training.epochs", 5),
        ("training.optimizer_options.learning_rate=1e-3", "training.optimizer_options.learning_rate", 0.001),
        ("training.deterministic=false", "training.deterministic", False),
        ('pairs.arms=["logits", "raw"]', "pairs.arms", ["logits", "raw"]),
        ("training.optimizer_options={learning_rate = 0.1}", "training.optimizer_options", {"learning_rate": 0.1}),
        ('data.path="a b"', "data.path", "a b"),
        ("data.path=reviews.csv", "data.path", "reviews.csv"),
        ("data.path=a=b", "data.path", "a=b"),
        ("data.path=", "data.path", ""),
        ("data.path=1\nepochs = 2", "data.path", "1\nepochs = 2"),
        ("data.number=" + "9" * 5000, "data.number", "9" * 5000),
        ("data.path=" + "[" * 5000, "data.path", "[" * 5000),
    ],
)
def test_a_setting_is_read_as_toml_and_as_plain_text_where_it_is_none(setting: str, key: str, value: object) -> None:
    found = spec.parse_setting(setting)
    assert found == (key, value)
    assert type(found[1]) is type(value)


@pytest.mark.parametrize(
    "setting",
    ["", "=", "name=x", "epoch=3", "training.epochs", "training.=3", ".epochs=3", "a-b.c=1", "a..b=1", "a.b c=1"],
)
def test_a_setting_without_section_key_and_value_is_refused_with_an_example(setting: str) -> None:
    with pytest.raises(UsageError, match=r"--set takes section\.key=value") as caught:
        spec.parse_setting(setting)
    assert repr(setting) in caught.value.message
    assert "training.batch_size=64" in caught.value.hint


@pytest.mark.parametrize(
    ("setting", "meant"),
    [("epochs=3", "training.epochs=3"), ("seeds=9", "pairs.seeds=9"), ("source=digits", "data.source=digits")],
)
def test_a_setting_without_its_section_is_refused_with_the_one_that_has_the_key(setting: str, meant: str) -> None:
    with pytest.raises(UsageError, match=r"--set takes section\.key=value") as caught:
        spec.parse_setting(setting)
    assert caught.value.hint == f"Did you mean {meant}?"


@pytest.mark.parametrize("number", ["nan", "-nan", "inf", "+inf", "-inf", "1e999"])
def test_a_number_that_json_cannot_hold_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(UsageError, match="every number of an experiment must be finite"):
        spec.parse_setting(f"training.optimizer_options.learning_rate={number}")
    error = refused(write(tmp_path, SMALL + f"dropout = {number}\n"))
    assert error.message == f"every number of an experiment must be finite, got {number}"


@pytest.mark.parametrize(
    "text",
    [
        b'asks = "\xff\xfe"',
        b"[data\nsource = 1",
        b"a = 1\na = 2",
        b"[data]\nn = " + b"9" * 5000,
        b"[data]\nn = " + b"[" * 5000,
        b"\x00",
    ],
)
def test_a_file_that_is_not_toml_in_utf8_is_refused_by_its_path(tmp_path: Path, text: bytes) -> None:
    path = write(tmp_path, text)
    assert refused(path).message.startswith(f"{path} is not a TOML file in UTF-8: ")


def test_an_unknown_experiment_is_refused_with_the_nearest() -> None:
    error = refused("language-famly")
    assert error.message == "there is no experiment 'language-famly'"
    assert error.hint.startswith("Did you mean 'language-family'?")
    assert "logitbench list" in error.hint


@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_in_the_place_of_the_experiment_tells_of_the_blank_behind_the_comma(arm: str) -> None:
    assert refused(arm).hint == f"Arms are joined by commas, without a space: --arms logits,{arm}"


@pytest.mark.parametrize("ending", [*READERS, ".CSV"])
def test_a_file_of_data_in_the_place_of_the_experiment_tells_how_to_name_it(tmp_path: Path, ending: str) -> None:
    for name in (f"mine{ending}", write(tmp_path, "text,label\n", f"mine{ending}")):
        error = refused(name)
        assert error.message == f"{str(name)!r} is data, not an experiment"
        assert error.hint.endswith(f"logitbench run csv --data {name}")


@pytest.mark.parametrize("path", ["missing.toml", "folder/missing", "./missing.toml"])
def test_a_file_that_is_not_there_is_refused_by_its_path(path: str) -> None:
    assert refused(path).message == f"there is no experiment file {path!r}"


def test_a_folder_is_no_experiment_file(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    assert "there is no experiment file" in refused(tmp_path / "folder.toml").message
