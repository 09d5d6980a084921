from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench import store
from logitbench.report.reproduction import recipe, toml
from logitbench.spec import ExperimentSpec
from tests.handmade import ASSETS, run_record

VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES))
def test_what_is_written_is_read_back(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml(table)) == table


def test_toml_has_no_null() -> None:
    assert tomllib.loads(toml({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}


@pytest.mark.parametrize("place", [0, 1])
def test_the_file_of_a_recipe_is_the_experiment_that_was_run(place: int) -> None:
    runs = list({trial.run.experiment: trial.run for trial in store.read([ASSETS]).trials}.values())
    read = ExperimentSpec.model_validate(tomllib.loads(recipe(runs[place]).experiment))
    assert read == ExperimentSpec.model_validate(runs[place].spec)


def test_a_fact_that_a_run_does_not_have_is_left_out() -> None:
    names = [name for name, _ in recipe(run_record()).facts]
    assert names == ["run", "created", "keras", "SHA-256 of the experiment", "SHA-256 of the data"]
