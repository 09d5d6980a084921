from __future__ import annotations

from typing import Any

import pytest

from logitbench.identity import SAME_BITS, SEEDS, Difference, differences
from logitbench.records import RunRecord
from tests.handmade import run_record


def run(part: str, **values: Any) -> RunRecord:
    """A run in which a part has other values; None leaves a key out."""
    record = run_record()
    table = {key: value for key, value in (getattr(record, part) | values).items() if value is not None}
    return record.model_copy(update={part: table})


def test_a_run_does_not_differ_from_itself_nor_from_its_copy() -> None:
    assert differences(run_record(), run_record()) == []
    assert differences(run_record(run_id="first"), run_record(run_id="second")) == []


def test_the_number_of_seeds_is_a_difference_with_a_name_of_its_own() -> None:
    assert differences(run_record(seeds=1), run_record(seeds=2)) == [Difference(SEEDS, 1, 2)]


def test_keys_within_keys_are_named_with_points() -> None:
    assert differences(run_record(epochs=1), run_record(epochs=2)) == [Difference("training.epochs", 1, 2)]
    deep = {"model": {"options": {"hidden": [16], "bias": True}}}
    other = {"model": {"options": {"hidden": [32], "bias": True}}}
    assert differences(run("spec", **deep), run("spec", **other)) == [Difference("model.options.hidden", [16], [32])]


def test_the_dataset_is_known_by_its_digest_alone() -> None:
    assert differences(run("dataset", notes=["one"]), run("dataset", notes=["two"])) == []
    (found,) = differences(run_record(), run("dataset", sha256="2" * 64))
    assert (found.key, found.other) == ("dataset.sha256", "2" * 64)


def test_data_are_the_same_wherever_they_lie() -> None:
    here, there = (run("spec", data={"source": "file", "path": path}) for path in ("spam.csv", "/old/spam.csv"))
    assert differences(here, there) == []
    with_label = run("spec", data={"source": "file", "path": "spam.csv", "label": "y"})
    assert [one.key for one in differences(there, with_label)] == ["data.label"]


@pytest.mark.parametrize("key", SAME_BITS)
def test_whatever_decides_the_last_bits_is_a_difference(key: str) -> None:
    assert differences(run("environment", **{key: "a"}), run("environment", **{key: "b"})) == [
        Difference(key, "a", "b")
    ]


@pytest.mark.parametrize("key", ["git_commit", "platform", "processors", "python", "babel"])
def test_what_decides_no_figure_is_no_difference(key: str) -> None:
    assert differences(run("environment", **{key: "a"}), run("environment", **{key: "b"})) == []


def test_a_key_that_is_there_only_once_is_a_difference_from_either_side() -> None:
    whole, without = run("environment", onednn="1"), run_record()
    assert differences(whole, without) == [Difference("onednn", "1", None)]
    assert differences(without, whole) == [Difference("onednn", None, "1")]
    assert differences(run("spec", model={"name": "mlp"}), run_record()) == [Difference("model", {"name": "mlp"}, None)]


def test_a_key_of_the_experiment_that_is_new_is_a_difference() -> None:
    (found,) = differences(run_record(), run("spec", model={"name": "mlp"}))
    assert found == Difference("model", None, {"name": "mlp"})


def test_versions_machine_threads_and_the_users_model_decide_the_last_bits() -> None:
    assert set(SAME_BITS) == {
        "logitbench",
        "tensorflow",
        "keras",
        "numpy",
        "machine",
        "onednn",
        "threads_per_trial",
        "model_sha256",
        "keras_epsilon",
        "keras_image_data_format",
        "flags",
    }


def test_older_runs_count_as_trained_with_keras_defaults_and_without_flags() -> None:
    today = run("environment", keras_epsilon=1e-7, keras_image_data_format="channels_last", flags="")
    assert differences(run_record(), today) == []
    assert [one.key for one in differences(run_record(), run("environment", keras_epsilon=0.01))] == ["keras_epsilon"]


def test_all_differences_are_told_in_the_order_of_spec_data_and_environment() -> None:
    other = run("spec", training={"epochs": 7}).model_copy(
        update={"dataset": {"sha256": "2"}, "environment": {"keras": "4"}}
    )
    assert [one.key for one in differences(run_record(), other)] == ["training.epochs", "dataset.sha256", "keras"]


def test_a_difference_is_told_with_both_values() -> None:
    assert Difference("keras", "3", None).told("was", "is") == "keras was '3' and is left out"
    assert Difference("training.epochs", 1, 2).told("was", "is") == "training.epochs was 1 and is 2"
