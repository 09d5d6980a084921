from __future__ import annotations

from pathlib import Path

from logitbench import store
from logitbench.compare.comparing import compare_against
from logitbench.compare.comparison import Comparison
from logitbench.records import EpochRecord
from logitbench.report.sections import section
from logitbench.store import Trial
from tests.handmade import epoch, publish, run_record

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
