from __future__ import annotations

from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparing import compare, compare_against
from logitbench.compare.comparison import Comparison
from logitbench.errors import UsageError
from logitbench.records import EpochRecord
from logitbench.report.sections import section
from logitbench.store import Trial
from tests.handmade import ASSETS, epoch, publish, run_record

CLIPPED = [epoch("logits"), epoch("probs-clipped", dead_fraction=0.5)]


def results(folder: Path, rows: list[EpochRecord], *, device: str = "CPU", keras: str = "3.15.1") -> list[Trial]:
    run = run_record(arms=[row.arm for row in rows]).model_copy(update={"environment": {"keras": keras}})
    place = store.create_run(folder, run)
    publish(place, rows, device=device)
    return store.read([folder]).trials


def against(here: list[Trial], there: list[Trial]) -> Comparison:
    (found,) = compare_against(here, there)
    return found


def test_results_of_another_device_are_held_against_each_other_and_it_is_said(tmp_path: Path) -> None:
    found = against(results(tmp_path / "here", CLIPPED), results(tmp_path / "there", CLIPPED, device="GPU"))
    assert found.notes == ("device is 'CPU' and against 'GPU'.",)


def test_an_arm_and_its_twin_elsewhere_are_explained_once(tmp_path: Path) -> None:
    found = against(results(tmp_path / "here", CLIPPED), results(tmp_path / "there", CLIPPED))
    assert found.arms == ("logits", "probs-clipped", "logits (against)", "probs-clipped (against)")
    assert [told.partition(":")[0] for told in found.findings] == ["probs-clipped"]


def test_both_runs_are_told_how_to_make_again_where_they_differ_in_more_than_seeds(tmp_path: Path) -> None:
    here, there = (results(tmp_path / keras, CLIPPED, keras=keras) for keras in ("3.15.1", "3.16.0"))
    assert [dict(recipe.facts)["keras"] for recipe in section(against(here, there), "one").recipes] == [
        "3.15.1",
        "3.16.0",
    ]
    assert len(section(against(here, here), "one").recipes) == 1


@pytest.mark.parametrize(("here", "there"), [(3, 1), (1, 3)])
def test_results_of_two_schemas_are_held_against_each_other_by_what_both_have(here: int, there: int) -> None:
    one, other = (store.read([ASSETS.with_name(f"results-schema-{schema}")]).trials for schema in (here, there))
    found = compare_against(one, other)
    assert [comparison.run.experiment for comparison in found] == ["breast-cancer-raw", "language-family"]
    for comparison in found:
        assert "saturated_fraction" not in comparison.metrics
    with pytest.raises(UsageError, match="have no saturated_fraction"):
        compare_against(one, other, metrics=["saturated_fraction"])


def test_an_experiment_that_the_others_lack_is_refused_by_its_name() -> None:
    here = store.read([ASSETS]).trials
    there = store.read([ASSETS / "language-family"]).trials
    with pytest.raises(UsageError, match="the other results have no breast-cancer-raw") as caught:
        compare_against(here, there)
    assert caught.value.hint == "Compare one that both have: --experiment language-family"
    assert len(compare_against(there, here)) == 1


def test_arms_and_seeds_that_one_side_lacks_are_left_out_and_named(tmp_path: Path) -> None:
    here = results(tmp_path / "here", [epoch("logits"), epoch("probs")])
    run = store.create_run(tmp_path / "there", run_record(arms=("logits", "double"), seeds=2))
    for seed in (0, 1):
        publish(run, [epoch("logits"), epoch("double")], seed)
    there = store.read([tmp_path / "there"]).trials
    notes = against(here, there).notes
    assert "arms that the others do not have are left out: probs." in notes
    assert "arms that these results do not have are left out: double." in notes
    assert "seeds that these results do not have are left out: 1." in notes


def test_of_runs_that_differ_in_their_seeds_alone_the_greatest_is_made_again(tmp_path: Path) -> None:
    trials = []
    for name, seeds in (("a", 2), ("b", 5)):
        run = store.create_run(tmp_path, run_record(run_id=name, seeds=seeds))
        publish(run, [epoch("logits"), epoch("probs")], seeds - 1)
        trials += store.read([run]).trials
    (found,) = compare(trials)
    (recipe,) = section(found, "one").recipes
    assert "seeds = 5" in recipe.experiment
