from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from logitbench import spec
from logitbench.catalogue import shipped
from logitbench.heads import Activation, Labels
from tests.spec.conftest import SMALL, refused, write

SHIPPED = sorted((Path(__file__).parents[2] / "experiments").glob("*.toml"))


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


def test_an_unknown_arm_is_refused_with_the_nearest(file: Path) -> None:
    error = refused(file, {"pairs.arms": ["logits", "dubble"]})
    assert error.message == "there is no arm 'dubble'"
    assert error.hint == "Did you mean 'double'?"


def test_an_arm_that_is_named_twice_is_refused(file: Path) -> None:
    error = refused(file, {"pairs.arms": ["logits", "raw", "logits"]})
    assert error.message == "an arm is named twice in logits, raw, logits"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("spam.csv", "spam"),
        ("/data/My spam (1).parquet", "My-spam-1"),
        ("donn\u00e9es.tsv", "donnees"),
        ("spam.2026-01.csv", "spam.2026-01"),
        ("digits.csv", "digits.csv"),  # digits is a shipped experiment
        ("csv.CSV", "csv.csv"),
        ("\u0441\u043f\u0430\u043c.csv", "data-095291ff"),
        ("x" * 300 + ".csv", "x" * 64),
    ],
)
def test_the_experiment_on_a_users_own_file_is_named_after_the_file(path: str, name: str) -> None:
    chosen = spec.read("csv", {"data.path": path})
    named = spec.named_after_data(chosen)
    assert named == chosen.model_copy(update={"name": name})
    assert spec.ExperimentSpec.model_validate(named.model_dump()) == named


def test_without_a_file_the_experiment_keeps_its_name() -> None:
    assert spec.named_after_data(spec.read(spec.OWN_FILE)).name == "csv"


def test_every_activation_of_a_head_can_be_asked_for(file: Path) -> None:
    for activation in Activation:
        assert spec.read(str(file), {"head.activation": activation.value}).head.activation == activation


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
