from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest

from logitbench.compare.pooling import studies
from logitbench.errors import UsageError
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


def seeds(found: Sequence[Trial]) -> list[tuple[str, int]]:
    return [(one.run.run_id, one.record.seed) for one in found]


def test_runs_that_differ_in_their_number_of_seeds_alone_are_taken_together_by_seed() -> None:
    a, b = named("a", seeds=3), named("b", seeds=9)
    (study,) = studies([trial(b, 1), trial(a, 2), trial(b, 5), trial(a, 0)])
    assert seeds(study.trials) == [("a", 0), ("b", 1), ("a", 2), ("b", 5)]
    assert study.runs == (a, b)
    assert study.notes == ()


def test_experiments_are_never_taken_together_and_come_in_the_order_of_their_first_trial() -> None:
    x, y = named("a", "x"), named("a", "y")
    found = studies([trial(y, 0), trial(x, 0), trial(y, 1)])
    assert [(one.runs[0].experiment, len(one.trials)) for one in found] == [("y", 2), ("x", 1)]


def test_runs_that_differ_otherwise_are_refused_by_the_name_of_the_key() -> None:
    with pytest.raises(UsageError) as refusal:
        studies([trial(named("a")), trial(named("b", keras="4.0"), 1)])
    assert refusal.value.message == (
        "runs of handmade may not be taken together: keras is, in a, '3.15.1' and in b, '4.0'"
    )
    assert "--allow-mixed" in refusal.value.hint


def test_devices_may_not_be_mixed_even_within_a_run() -> None:
    run = named("a")
    with pytest.raises(UsageError, match="device is, in a, 'CPU' and in a, 'GPU'"):
        studies([trial(run, 0), trial(run, 1, device="GPU")])


def test_mixed_runs_can_be_kept_apart_and_it_is_said() -> None:
    old, new = named("a"), named("b", keras="4.0")
    again = named("c", keras="4.0", seeds=7)
    found = studies([trial(old, 0), trial(new, 0), trial(old, 1), trial(again, 1)], allow_mixed=True)
    assert [seeds(one.trials) for one in found] == [[("a", 0), ("a", 1)], [("b", 0), ("c", 1)]]
    assert found[0].notes == ()
    assert found[1].notes == ("b is kept apart from a: keras is, in a, '3.15.1' and in b, '4.0'.",)


def test_mixed_devices_of_a_run_can_be_kept_apart() -> None:
    run = named("a")
    found = studies([trial(run, 0), trial(run, 0, device="GPU"), trial(run, 1)], allow_mixed=True)
    assert [[one.record.device for one in study.trials] for study in found] == [["CPU", "CPU"], ["GPU"]]


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
