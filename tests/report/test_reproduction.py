from __future__ import annotations

import tomllib

import pytest

from logitbench import store
from logitbench.compare.comparing import compare, compare_against
from logitbench.compare.declared import Declared
from logitbench.report.reproduction import recipe, report_command
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


def test_the_command_of_a_page_has_all_that_its_figures_and_verdicts_depend_on() -> None:
    trials = store.read([ASSETS]).trials
    plain = compare(trials)[0]
    name = plain.run.experiment
    assert report_command([plain]) == f"logitbench report results/{name} -o report.html"
    declared = Declared("val_matched_accuracy", "best:val_nll", 0.02)
    other = compare(trials, metrics=["loss"], baseline=plain.arms[1], declared=declared)[0]
    assert report_command([other]) == (
        f"logitbench report results/{name} --on val_matched_accuracy --at best:val_nll --margin 0.02 "
        f"--baseline {plain.arms[1]} --metric loss -o report.html"
    )
    against = compare_against(trials, trials)[0]
    assert report_command([against]) == f"logitbench report results/{name} --against OTHER_RESULTS -o report.html"


def test_the_command_of_a_page_has_all_its_experiments_as_they_are_corrected_together() -> None:
    records = compare(store.read([ASSETS]).trials)
    assert len(records) > 1
    folders = " ".join(f"results/{record.run.experiment}" for record in records)
    assert report_command(records) == f"logitbench report {folders} -o report.html"


def test_seeds_of_several_runs_are_run_again_as_one() -> None:
    run = run_record(seeds=6)
    assert recipe(run, range(6)).command.endswith(".toml")
    assert recipe(run, range(9)).command.endswith(".toml --seeds 9")


def test_the_file_of_a_recipe_has_no_folder_of_the_machine_it_was_run_on() -> None:
    spec = {"data": {"path": "/home/ada/my mail/spam.csv", "delimiter": "/"}, "model": {"vectors": ["~/glove.txt"]}}
    run = run_record().model_copy(update={"spec": spec})
    assert tomllib.loads(recipe(run).experiment) == {
        "data": {"path": "spam.csv", "delimiter": "/"},
        "model": {"vectors": ["glove.txt"]},
    }
