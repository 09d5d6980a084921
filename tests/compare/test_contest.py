from __future__ import annotations

from collections.abc import Sequence
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


def with_settings(folder: Path, keras: str, settings: Sequence[tuple[float, int]]) -> list[Trial]:
    """A run of two arms for each learning rate and number of epochs."""
    for rate, epochs in settings:
        record = run_record(epochs=epochs, run_id=f"rate-{rate}-epochs-{epochs}")
        record = record.model_copy(
            update={
                "spec": record.spec | {"training": {"epochs": epochs, "rate": rate}},
                "environment": {"keras": keras},
            }
        )
        rows = [epoch(arm, number) for number in range(1, epochs + 1) for arm in ("logits", "probs")]
        publish(store.create_run(folder, record), rows)
    return store.read([folder]).trials


def runs_of(found: Sequence[Comparison]) -> list[list[str]]:
    return [[run.run_id for run in one.runs] for one in found]


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


def test_each_group_is_compared_with_the_nearest_group_of_the_others(tmp_path: Path) -> None:
    settings = [(0.1, 1), (0.2, 1), (0.1, 2)]
    here, there = (with_settings(tmp_path / keras, keras, settings) for keras in ("3.15", "3.16"))
    found = compare_against(here, there)
    assert runs_of(found) == [[name, name] for name in ("rate-0.1-epochs-1", "rate-0.1-epochs-2", "rate-0.2-epochs-1")]
    for one in found:
        assert "keras is '3.15' and against '3.16'." in one.notes
        assert one.name.startswith("handmade (training.epochs ")


def test_a_group_with_nothing_to_be_compared_with_is_named(tmp_path: Path) -> None:
    here = with_settings(tmp_path / "here", "3.15", [(0.1, 1), (0.1, 2)])
    there = with_settings(tmp_path / "there", "3.15", [(0.1, 1), (0.3, 1)])
    (found,) = compare_against(here, there)
    assert runs_of([found]) == [["rate-0.1-epochs-1", "rate-0.1-epochs-1"]]
    assert "left out, with nothing to compare there: rate-0.1-epochs-2 (training.epochs 2)." in found.notes
    assert "left out, with nothing to compare here: rate-0.3-epochs-1 (training.rate 0.3)." in found.notes


def test_groups_that_are_as_near_are_both_compared(tmp_path: Path) -> None:
    here = with_settings(tmp_path / "here", "3.15", [(0.1, 1)])
    there = with_settings(tmp_path / "there", "3.15", [(0.2, 1), (0.3, 1)])
    assert len(compare_against(here, there)) == 2
    with pytest.raises(UsageError, match=r"cannot be pooled .*training\.rate 0\.2, 0\.3"):
        compare_against(here, there, strict=True)


def test_epochs_that_no_group_shares_are_refused(tmp_path: Path) -> None:
    here = with_settings(tmp_path / "here", "3.15", [(0.1, 1)])
    there = with_settings(tmp_path / "there", "3.15", [(0.1, 2), (0.1, 3)])
    with pytest.raises(UsageError, match="handmade has 1 epochs here and 2 there"):
        compare_against(here, there)
