from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest

from logitbench.compare.pooling import studies
from logitbench.errors import UsageError
from logitbench.identity import differences
from logitbench.records import RunRecord
from logitbench.store import Trial
from logitbench.store.reader import FIELDS
from tests.handmade import epoch, run_record, trial_record


def trial(
    run: RunRecord,
    seed: int = 0,
    *,
    loss: float | None = 0.5,
    seconds: float = 0.25,
    device: str = "CPU",
    final: Mapping[str, str] | None = None,
) -> Trial:
    rows = [epoch("logits"), epoch("probs", loss=loss)]
    columns = {field: tuple(getattr(row, field) for row in rows) for field in FIELDS}
    record = trial_record(rows, seed, final=final).model_copy(update={"device": device})
    return Trial(run, record, columns | {"seconds": (seconds, seconds)})


def named(run_id: str, experiment: str = "handmade", *, keras: str = "3.15.1", seeds: int = 1) -> RunRecord:
    record = run_record(experiment=experiment, run_id=run_id, seeds=seeds)
    return record.model_copy(update={"environment": {"keras": keras}})


def epochs(run: RunRecord, number: int) -> RunRecord:
    return run.model_copy(update={"spec": run.spec | {"training": {"epochs": number}}})


def seeds(found: Sequence[Trial]) -> list[tuple[str, int]]:
    return [(one.run.run_id, one.record.seed) for one in found]


def test_runs_that_differ_in_their_number_of_seeds_alone_are_pooled_by_seed() -> None:
    a, b = named("a", seeds=3), named("b", seeds=9)
    (study,) = studies([trial(b, 1), trial(a, 2), trial(b, 5), trial(a, 0)])
    assert seeds(study.trials) == [("a", 0), ("b", 1), ("a", 2), ("b", 5)]
    assert study.runs == (a, b)
    assert study.notes == ()


def test_experiments_are_never_pooled_and_come_in_the_order_of_their_first_trial() -> None:
    x, y = named("a", "x"), named("a", "y")
    found = studies([trial(y, 0), trial(x, 0), trial(y, 1)])
    assert [(one.runs[0].experiment, len(one.trials)) for one in found] == [("y", 2), ("x", 1)]


def test_strict_refuses_runs_that_differ_and_names_the_key() -> None:
    with pytest.raises(UsageError) as refusal:
        studies([trial(named("a")), trial(named("b", keras="4.0"), 1)], strict=True)
    assert refusal.value.message == "runs of handmade cannot be pooled (a and b): keras 3.15.1, 4.0"
    assert "--strict" in refusal.value.hint


def test_strict_refuses_two_devices_of_one_run() -> None:
    run = named("a")
    with pytest.raises(UsageError, match=r"cannot be pooled \(a\): device CPU, GPU"):
        studies([trial(run, 0), trial(run, 1, device="GPU")], strict=True)


def test_runs_that_differ_stand_apart_and_one_line_names_the_keys() -> None:
    old, new, other = named("a"), named("b", keras="4.0"), named("d", "elsewhere")
    again = named("c", keras="4.0", seeds=7)
    found = studies([trial(old, 0), trial(other), trial(new, 0), trial(old, 1), trial(again, 1)])
    assert [seeds(one.trials) for one in found] == [[("a", 0), ("a", 1)], [("b", 0), ("c", 1)], [("d", 0)]]
    line = "runs of handmade that differ are not pooled: keras 3.15.1, 4.0."
    assert [one.notes for one in found] == [(line,), (line,), ()]
    assert [one.apart for one in found] == [("keras 3.15.1",), ("keras 4.0",), ()]


def test_every_key_in_which_any_of_the_groups_differ_is_named_with_all_its_values() -> None:
    runs = [named("a"), epochs(named("b"), 2), epochs(named("c", keras="4.0"), 3)]
    found = studies(map(trial, runs))
    line = "runs of handmade that differ are not pooled: training.epochs 1, 2, 3; keras 3.15.1, 4.0."
    assert [one.notes for one in found] == [(line,)] * 3
    assert [one.apart for one in found] == [
        ("training.epochs 1", "keras 3.15.1"),
        ("training.epochs 2", "keras 3.15.1"),
        ("training.epochs 3", "keras 4.0"),
    ]


def test_the_values_of_a_key_that_has_many_are_counted() -> None:
    found = studies(trial(epochs(named(f"run-{n}"), n)) for n in range(1, 9))
    assert found[0].notes == ("runs of handmade that differ are not pooled: training.epochs 1, 2, 3, 4, 5 and 3 more.",)


def test_a_digest_is_never_printed() -> None:
    first = named("a")
    other = first.model_copy(
        update={
            "run_id": "b",
            "dataset": {"sha256": "f" * 64},
            "environment": {"keras": "3.15.1", "model_sha256": "e" * 64},
        }
    )
    found = studies([trial(first), trial(other)])
    line = "runs of handmade that differ are not pooled: the data differ; the source of the model differs."
    assert [one.notes for one in found] == [(line,)] * 2
    assert [one.apart for one in found] == [("data 1", "model source 1"), ("data 2", "model source 2")]
    assert differences(first, other)[0].told("was", "is") == "the data differ"


def test_devices_of_a_run_stand_apart() -> None:
    run = named("a")
    found = studies([trial(run, 0), trial(run, 0, device="GPU"), trial(run, 1)])
    assert [[one.record.device for one in study.trials] for study in found] == [["CPU", "CPU"], ["GPU"]]
    assert [study.apart for study in found] == [("device CPU",), ("device GPU",)]


def test_a_seed_that_two_runs_have_counts_once() -> None:
    (study,) = studies([trial(named("a")), trial(named("b"), seconds=9.0)])
    assert seeds(study.trials) == [("a", 0)]
    assert [run.run_id for run in study.runs] == ["a"]
    assert study.notes == ()


@pytest.mark.parametrize("other", [{"loss": 0.75}, {"loss": None}, {"final": {"probs": "f" * 64}}])
def test_a_seed_that_two_runs_have_with_other_figures_or_weights_is_told(other: dict[str, object]) -> None:
    (study,) = studies([trial(named("a")), trial(named("b"), **other)])  # type: ignore[arg-type]
    assert study.notes == (
        "seed 0 has other figures or weights in b than in a, which is taken: something is not deterministic.",
    )


def test_a_seed_that_diverged_twice_alike_is_not_told() -> None:
    (study,) = studies([trial(named("a"), loss=None), trial(named("b"), loss=None)])
    assert study.notes == ()


def test_the_order_of_trials_changes_nothing_but_which_copy_is_taken() -> None:
    all_trials = [trial(named(run_id), seed) for run_id, seed in (("a", 0), ("b", 1), ("c", 2))]
    for order in itertools.permutations(all_trials):
        (study,) = studies(order)
        assert seeds(study.trials) == [("a", 0), ("b", 1), ("c", 2)]
        assert [run.run_id for run in study.runs] == ["a", "b", "c"]


def test_trials_may_come_from_a_generator() -> None:
    (study,) = studies(trial(named("a", seeds=seed + 1), seed) for seed in range(50))
    assert [one.record.seed for one in study.trials] == list(range(50))


def test_nothing_makes_no_study() -> None:
    assert studies([]) == []
