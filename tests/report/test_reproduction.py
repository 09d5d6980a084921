from __future__ import annotations

import tomllib

import pytest

from logitbench import store
from logitbench.report.reproduction import recipe
from logitbench.spec import ExperimentSpec
from tests.handmade import ASSETS, run_record


def test_what_is_null_in_a_run_is_left_out_of_its_file() -> None:
    run = run_record().model_copy(update={"spec": {"a": None, "b": {"c": None, "d": [1, {"e": 2}]}}})
    assert tomllib.loads(recipe(run).experiment) == {"b": {"d": [1, {"e": 2}]}}


@pytest.mark.parametrize("place", [0, 1])
def test_the_file_of_a_recipe_is_the_experiment_that_was_run(place: int) -> None:
    runs = list({trial.run.experiment: trial.run for trial in store.read([ASSETS]).trials}.values())
    read = ExperimentSpec.model_validate(tomllib.loads(recipe(runs[place]).experiment))
    assert read == ExperimentSpec.model_validate(runs[place].spec)


def test_a_fact_that_a_run_does_not_have_is_left_out() -> None:
    names = [name for name, _ in recipe(run_record()).facts]
    assert names == ["run", "created", "keras", "SHA-256 of the experiment", "SHA-256 of the data"]
