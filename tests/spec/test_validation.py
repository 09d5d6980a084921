from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from logitbench import spec
from logitbench.errors import UsageError
from logitbench.models.choice import trunk
from tests.spec.conftest import SMALL, refused, write


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
        ("pairs.seeds", 0, "pairs.seeds should be auto or a whole number from 1 to 100,000, got 0"),
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


@pytest.mark.parametrize("missing", ["data", "model"])
def test_a_missing_section_is_named(tmp_path: Path, missing: str) -> None:
    sections = {"data": '[data]\nsource = "cldr"\n', "model": '[model]\nname = "linear"\n'}
    del sections[missing]
    assert refused(write(tmp_path, "".join(sections.values()))).message.endswith(f": {missing!r} is missing")


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
