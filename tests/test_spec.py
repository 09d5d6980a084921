from __future__ import annotations

import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from logitbench import spec
from logitbench.catalogue import shipped
from logitbench.data.readers import READERS
from logitbench.errors import UsageError
from logitbench.heads import ARMS, Activation, Labels
from logitbench.models.choice import trunk

SHIPPED = sorted((Path(__file__).parents[1] / "experiments").glob("*.toml"))
SMALL = '[data]\nsource = "cldr"\n[model]\nname = "linear"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, SMALL)


def write(folder: Path, text: str | bytes, name: str = "small.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(experiment: Path | str, overrides: dict[str, Any] | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        spec.read(str(experiment), overrides)
    return caught.value


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_experiment_is_valid_and_says_what_it_asks(path: Path) -> None:
    chosen = spec.read(path.stem)
    assert chosen == spec.read(str(path))
    assert chosen.name == path.stem
    assert chosen.asks.strip() == chosen.asks != ""
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_experiments_are_shipped_under_the_names_of_their_files() -> None:
    assert SHIPPED
    assert list(shipped().values()) == SHIPPED
    assert "language-family" in shipped()


def test_what_a_file_leaves_out_has_the_tutorials_values(file: Path) -> None:
    chosen = spec.read(str(file))
    assert chosen.name == "small"
    assert (chosen.training.epochs, chosen.training.batch_size, chosen.training.optimizer) == (3, 32, "adam")
    assert (chosen.training.precision, chosen.training.engine, chosen.training.deterministic) == (
        "float32",
        "lockstep",
        True,
    )
    assert (chosen.pairs.arms, chosen.pairs.seeds) == (("logits", "probs"), 6)
    assert (chosen.head.activation, chosen.head.labels) == ("auto", Labels.SPARSE)
    assert chosen.data.options == chosen.model.options == {}


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
    ("key", "nearest"),
    [
        ("training.epoch", "epochs"),
        ("training.optimiser", "optimizer"),
        ("head.activatoin", "activation"),
        ("pairs.seed", "seeds"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_of_its_section(file: Path, key: str, nearest: str) -> None:
    error = refused(file, {key: 1})
    assert error.message == f"experiment {str(file)!r}: unknown key {key!r}"
    assert error.hint == f"Did you mean {nearest!r}?"


def test_an_unknown_section_is_named_with_the_nearest(tmp_path: Path) -> None:
    error = refused(write(tmp_path, SMALL + "[trainin]\nepochs = 3\n"))
    assert "unknown key 'trainin'" in error.message
    assert error.hint == "Did you mean 'training'?"


def test_every_problem_is_told_at_once(file: Path) -> None:
    error = refused(file, {"training.epoch": 1, "training.batch_size": 0})
    assert "unknown key 'training.epoch'" in error.message
    assert "training.batch_size should be greater than or equal to 1, got 0" in error.message


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("training.epochs", 0, "training.epochs should be greater than or equal to 1, got 0"),
        ("training.epochs", -3, "training.epochs should be greater than or equal to 1, got -3"),
        ("training.epochs", 10**30, "training.epochs should be less than or equal to 1000000"),
        ("training.epochs", "3", "training.epochs should be a valid integer, got '3'"),
        ("training.epochs", True, "training.epochs should be a valid integer, got True"),
        ("training.epochs", 2.5, "training.epochs should be a valid integer, got 2.5"),
        ("training.batch_size", 0, "training.batch_size should be greater than or equal to 1, got 0"),
        ("pairs.seeds", 0, "pairs.seeds should be greater than or equal to 1, got 0"),
        ("pairs.arms", [], "pairs.arms should have at least one entry"),
        ("training.precision", "float16", "training.precision should be 'float32', 'mixed_float16' or"),
        ("training.engine", "fast", "training.engine should be 'lockstep' or 'fit', got 'fast'"),
        ("head.labels", "dense", "head.labels should be 'sparse' or 'one-hot', got 'dense'"),
        ("head.activation", "tanh", "head.activation should be 'auto', 'sigmoid' or 'softmax', got 'tanh'"),
        ("pairs.arms", "logits", "pairs.arms should be a list, got 'logits'"),
        ("data.source", 3, "data.source should be a valid string, got 3"),
    ],
)
def test_a_bad_value_is_told_with_its_key_and_what_it_should_be(file: Path, key: str, value: object, told: str) -> None:
    error = refused(file, {key: value})
    assert error.message.startswith(f"experiment {str(file)!r}: ")
    assert told in error.message


def test_an_unknown_arm_is_refused_with_the_nearest(file: Path) -> None:
    error = refused(file, {"pairs.arms": ["logits", "dubble"]})
    assert error.message == "there is no arm 'dubble'"
    assert error.hint == "Did you mean 'double'?"


def test_an_arm_that_is_named_twice_is_refused(file: Path) -> None:
    error = refused(file, {"pairs.arms": ["logits", "raw", "logits"]})
    assert error.message == "an arm is named twice in logits, raw, logits"


@pytest.mark.parametrize("missing", ["data", "model"])
def test_a_missing_section_is_named(tmp_path: Path, missing: str) -> None:
    sections = {"data": '[data]\nsource = "cldr"\n', "model": '[model]\nname = "linear"\n'}
    del sections[missing]
    assert refused(write(tmp_path, "".join(sections.values()))).message.endswith(f": {missing!r} is missing")


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


def test_every_activation_of_a_head_can_be_asked_for(file: Path) -> None:
    for activation in Activation:
        assert spec.read(str(file), {"head.activation": activation.value}).head.activation == activation


@pytest.mark.parametrize("path", ["missing.toml", "folder/missing", "./missing.toml"])
def test_a_file_that_is_not_there_is_refused_by_its_path(path: str) -> None:
    assert refused(path).message == f"there is no experiment file {path!r}"


def test_a_folder_is_no_experiment_file(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    assert "there is no experiment file" in refused(tmp_path / "folder.toml").message


@pytest.mark.parametrize(
    "name", ["../up", "..", ".", "a/b", "a\\u0000b", "a" * 256, "", "-rf", ".hidden", "a b", "a\\n", "é", "=1"]
)
def test_a_name_that_may_not_become_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    error = refused(write(tmp_path, f'name = "{name}"\n' + SMALL))
    assert ": name should match pattern " in error.message


@pytest.mark.parametrize("name", ["a", "9", "a" * 255, "A.b_c-d", "language-family"])
def test_a_name_that_may_become_a_folder_is_taken(tmp_path: Path, name: str) -> None:
    assert spec.read(str(write(tmp_path, f'name = "{name}"\n' + SMALL))).name == name


def test_a_files_own_name_becomes_a_folder_only_if_it_may(tmp_path: Path) -> None:
    assert "name should match" in refused(write(tmp_path, SMALL, "my experiment.toml")).message


def test_nothing_changes_after_it_is_read(file: Path) -> None:
    chosen = spec.read(str(file))
    for part, field in ((chosen, "name"), (chosen.training, "epochs"), (chosen.pairs, "arms"), (chosen.data, "source")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, field, "other")


def test_a_spec_that_was_stored_is_read_back_the_same(file: Path) -> None:
    chosen = spec.read(str(file), {"head.labels": "one-hot", "data.ngram": 3})
    assert spec.validate(spec.ExperimentSpec, chosen.model_dump(mode="json"), where="run.json") == chosen


def test_the_shipped_files_have_no_key_that_is_silently_dropped() -> None:
    for path in SHIPPED:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        stored = spec.read(str(path)).model_dump(mode="json")
        for section, keys in table.items():
            assert keys == stored[section] or set(keys) <= set(stored[section])


@pytest.mark.parametrize(
    ("key", "value", "example"),
    [
        ("training.epochs", "three", "--set training.epochs=3"),
        ("training.deterministic", "maybe", "--set training.deterministic=true"),
        ("training.optimizer_options", 3, "--set 'training.optimizer_options={learning_rate = 0.001}'"),
        ("pairs.arms", "logits", """--set 'pairs.arms=["logits", "probs"]'"""),
    ],
)
def test_a_value_of_a_wrong_type_is_answered_with_one_that_fits(
    file: Path, key: str, value: object, example: str
) -> None:
    assert refused(file, {key: value}).hint == f"For example: {example}"
    spec.read(str(file), dict([spec.parse_setting(shlex.split(example)[1])]))


def test_the_example_of_optimizer_options_is_one_that_keras_takes(file: Path) -> None:
    from logitbench.training.setup import _optimizer

    hint = refused(file, {"training.optimizer_options": 3}).hint
    chosen = spec.read(str(file), dict([spec.parse_setting(shlex.split(hint)[-1])]))
    assert float(_optimizer(chosen.training).learning_rate) == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("options", "example"),
    [({"hidden": "abc"}, "'model.hidden=[16]'"), ({"hidden": ["a"]}, "'model.hidden=[16]'"), ({"dropout": "x"}, None)],
)
def test_a_key_of_a_model_is_answered_with_an_example_of_its_own_type(
    options: dict[str, object], example: str | None
) -> None:
    with pytest.raises(UsageError) as caught:
        trunk(spec.ModelSpec.model_validate({"name": "mlp", **options}))
    assert caught.value.hint == f"For example: --set {example or 'model.dropout=0.0'}"
