from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from logitbench.compare.comparing import compare
from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.compare.declared import Declared
from logitbench.compare.overview import ALARMS, ORDERS, groups, improvement, interquartile_mean, only_different
from logitbench.compare.statistics import Paired
from logitbench.compare.verdict import Evidence, Verdict
from logitbench.store import create_run, read
from tests.handmade import epoch, publish, run_record

ARMS = ("logits", "probs")


def compared(
    folder: Path, numbers: Mapping[str, Sequence[tuple[float, float | None]]], metric: str = "val_nll"
) -> list[Comparison]:
    """An experiment for each name, a seed for each pair of numbers: of logits, of probs."""
    for name, by_seed in numbers.items():
        run = create_run(folder, run_record(ARMS, experiment=name, seeds=len(by_seed)))
        for seed, figures in enumerate(by_seed):
            rows = [epoch(arm, **{metric: figure}) for arm, figure in zip(ARMS, figures, strict=True)]
            same = figures[0] == figures[1]
            publish(run, rows, seed, final=None if same else {"logits": "a" * 64, "probs": "b" * 64})
    return compare(read([folder]).trials, declared=Declared(metric))


@pytest.mark.parametrize(("metric", "less"), [("val_nll", True), ("val_matched_accuracy", False)])
def test_the_probability_of_improvement_is_the_share_of_seeds_paired(tmp_path: Path, metric: str, less: bool) -> None:
    rng = np.random.default_rng(1)
    numbers = {name: [tuple(rng.integers(1, 6, 2) / 8) for _ in range(7)] for name in ("a", "b", "c")}

    (group,) = groups(compared(tmp_path, numbers, metric))

    by_experiment = [
        np.mean([0.5 if p == q else float((p < q) == less) for q, p in by_seed]) for by_seed in numbers.values()
    ]
    assert group.improvement.value == pytest.approx(np.mean(by_experiment), abs=1e-12)
    assert group.improvement.low <= group.improvement.value <= group.improvement.high
    assert (group.experiments, group.arm, group.baseline, group.name) == (3, "probs", "logits", "")


def test_what_is_within_the_margin_is_no_improvement(tmp_path: Path) -> None:
    numbers = {"a": [(1.0, 1.009)] * 6, "b": [(1.0, 0.991)] * 6, "c": [(1.0, 0.98)] * 6}

    (group,) = groups(compared(tmp_path, numbers))

    assert group.improvement.value == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_an_experiment_weighs_as_much_as_another_whatever_its_seeds() -> None:
    few, many = np.array([1.0, 2.0, 3.0, 4.0]), np.repeat([1.0, 2.0, 3.0, 4.0], 5) + 10
    # The middle half: the upper half of the one and the lower half of the other.
    assert interquartile_mean([few, many]) == pytest.approx((3 + 4 + 11 + 12) / 4)
    assert interquartile_mean([few]) == pytest.approx(2.5)


def test_the_interquartile_mean_is_the_mean_of_the_middle_half(tmp_path: Path) -> None:
    gaps = [[0.0, 1.0, 2.0, 3.0, -80.0, -90.0], [4.0, 5.0, 60.0, -70.0, 80.0, 90.0]]
    numbers = {name: [(10.0, 10.0 + gap) for gap in of] for name, of in zip("ab", gaps, strict=True)}

    (group,) = groups(compared(tmp_path, numbers))

    assert group.difference is not None
    assert group.difference.value == pytest.approx(np.mean([0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))
    assert group.difference.low < group.difference.value < group.difference.high


def test_one_experiment_makes_no_group(tmp_path: Path) -> None:
    assert groups(compared(tmp_path, {"a": [(1.0, 2.0)] * 6})) == []


def test_experiments_of_fewer_than_six_seeds_take_no_part(tmp_path: Path) -> None:
    numbers = {"a": [(1.0, 2.0)] * 6, "b": [(1.0, 2.0)] * 6, "c": [(1.0, 0.0)] * 5}

    (group,) = groups(compared(tmp_path, numbers))

    assert (group.experiments, group.seeds, group.mixed, group.improvement.value) == (2, 12, False, 0.0)


def test_arms_that_are_identical_in_every_experiment_make_no_group(tmp_path: Path) -> None:
    assert groups(compared(tmp_path, {"a": [(1.0, 1.0)] * 6, "b": [(1.0, 1.0)] * 6})) == []


def test_experiments_are_put_together_by_what_was_asked_for(tmp_path: Path) -> None:
    comparisons = compared(tmp_path, {"a": [(1.0, 2.0)] * 6, "b": [(1.0, 2.0)] * 6})

    assert [group.name for group in groups(comparisons, "precision")] == ["None"]


def test_identical_arms_are_left_out_and_experiments_that_have_no_others(tmp_path: Path) -> None:
    comparisons = compared(tmp_path, {"same": [(1.0, 1.0)] * 3, "other": [(1.0, 2.0)] * 3})

    (kept,) = only_different(comparisons)

    assert kept.run.experiment == "other"


def test_experiments_are_sorted_by_name_difference_and_p(tmp_path: Path) -> None:
    small = [(1.0, 1.0 + 0.1 * seed) for seed in range(1, 9)]
    wide = [(1.0, 1.0 + 10 * (-1) ** seed + 2) for seed in range(8)]
    comparisons = compared(tmp_path, {"small": small, "wide": wide, "equal": [(1.0, 1.0)] * 8})

    def sorted_by(order: str) -> list[str]:
        return [one.run.experiment for one in sorted(comparisons, key=ORDERS[order])]

    assert sorted_by("experiment") == ["equal", "small", "wide"]
    assert sorted_by("difference") == ["wide", "small", "equal"]
    assert sorted_by("p") == ["small", "wide", "equal"]


def raised(verdict: Verdict, alone: tuple[int, int] = (0, 0)) -> set[str]:
    pair = ArmPair("probs", "logits", 8, 0, sum(alone), alone, Evidence(Paired(8), verdict), {}, (), ())
    return {name for name, alarm in ALARMS.items() if alarm(pair)}


def test_an_alarm_is_raised_by_its_verdicts() -> None:
    assert {verdict: raised(verdict) for verdict in Verdict} == {
        Verdict.IDENTICAL: set(),
        Verdict.EQUIVALENT: set(),
        Verdict.TOO_FEW_SEEDS: {"not-equivalent"},
        Verdict.INCONCLUSIVE: {"not-equivalent"},
        Verdict.B_BETTER: {"different", "not-equivalent"},
        Verdict.A_BETTER: {"different", "worse", "not-equivalent"},
        Verdict.DIVERGED: {"different", "not-equivalent"},
    }


def test_to_diverge_where_the_baseline_does_not_is_to_be_worse() -> None:
    assert "worse" in raised(Verdict.INCONCLUSIVE, (1, 0))
    assert "worse" not in raised(Verdict.INCONCLUSIVE, (0, 1))
    assert "worse" in raised(Verdict.DIVERGED, (8, 0))
    assert "worse" not in raised(Verdict.DIVERGED, (0, 8))
    assert "different" in raised(Verdict.INCONCLUSIVE, (0, 1))


def test_to_have_no_number_is_worse_than_any_and_is_counted(tmp_path: Path) -> None:
    whole: list[tuple[float, float | None]] = [(0.5 + seed / 100, 0.4 + seed / 1000) for seed in range(6)]
    numbers = {"a": [*whole, *[(0.5, None)] * 2], "b": whole}

    (group,) = groups(compared(tmp_path, numbers))

    assert (group.seeds, group.diverged) == (14, 2)
    assert group.improvement.value == pytest.approx((6 / 8 + 1) / 2)  # two of eight are worse than any
    assert group.difference is not None
    assert group.difference.high < 0


def test_an_arm_that_always_diverges_never_improves(tmp_path: Path) -> None:
    lost: list[tuple[float, float | None]] = [(0.5, None)] * 6

    (group,) = groups(compared(tmp_path, {"a": lost, "b": lost}))

    assert (group.improvement.value, group.improvement.low, group.difference) == (0.0, 0.0, None)


def test_experiments_that_are_left_out_are_named(tmp_path: Path) -> None:
    six = [(1.0, 2.0)] * 6

    (group,) = groups(compared(tmp_path, {"a": six, "b": six, "few": [(1.0, 2.0)] * 5}))

    assert (group.experiments, group.seeds, group.too_few) == (2, 12, ("few",))


def test_where_all_seeds_agree_the_interval_keeps_a_width() -> None:
    estimate = improvement([np.ones(6), np.ones(6)])
    assert (estimate.value, estimate.high) == (1.0, 1.0)
    assert 0.5 < estimate.low < 0.8


def test_an_experiment_with_few_seeds_widens_the_interval_as_much_as_it_weighs() -> None:
    def width(*sizes: int) -> float:
        estimate = improvement([np.tile([0.0, 1.0], size // 2) for size in sizes])
        return estimate.high - estimate.low

    assert width(40, 40) < width(6, 40) < width(6, 6)
    assert width(6, 6) == pytest.approx(width(12))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "probabilities"),
    [((6, 6), (0.05, 0.05)), ((6, 6), (0.01, 0.01)), ((20, 20), (0.05, 0.05)), ((6, 40), (0.5, 0.05))],
)
def test_the_interval_covers_the_probability_of_improvement(
    sizes: tuple[int, ...], probabilities: tuple[float, ...]
) -> None:
    rng, covered = np.random.default_rng(0), 0
    for _ in range(2000):
        scores = [(rng.random(size) < p).astype(float) for size, p in zip(sizes, probabilities, strict=True)]
        estimate = improvement(scores)
        covered += bool(estimate.low <= np.mean(probabilities) <= estimate.high)
    assert covered / 2000 > 0.93


def in_two_groups(folder: Path, numbers: Sequence[Sequence[tuple[float, float | None]]]) -> list[Comparison]:
    """An experiment "twice" with a group of runs for each list of pairs, beside "once" with six equal pairs of 1, 2."""
    by_run = [("once", 0, [(1.0, 2.0)] * 6), *(("twice", n, by_seed) for n, by_seed in enumerate(numbers))]
    for name, version, by_seed in by_run:
        record = run_record(ARMS, experiment=name, run_id=f"run-{version}", seeds=len(by_seed))
        record = record.model_copy(update={"environment": {"keras": f"3.{version}"}})
        run = create_run(folder, record)
        for seed, figures in enumerate(by_seed):
            rows = [epoch(arm, val_nll=figure) for arm, figure in zip(ARMS, figures, strict=True)]
            publish(run, rows, seed, final={"logits": "a" * 64, "probs": "b" * 64})
    return compare(read([folder]).trials)


def test_an_experiment_whose_runs_stand_apart_weighs_as_much_as_another(tmp_path: Path) -> None:
    better, worse = [(1.0, 0.5)] * 6, [(1.0, 2.0)] * 6

    (group,) = groups(in_two_groups(tmp_path, [better, better, worse]))

    assert (group.experiments, group.seeds, group.mixed) == (2, 12, True)
    assert group.improvement.value == pytest.approx((0 + 2 / 3) / 2)


def test_a_seed_that_several_groups_of_an_experiment_have_counts_once(tmp_path: Path) -> None:
    one = [(1.0, 1.0 + 0.1 * seed) for seed in range(6)]
    twice, alone = in_two_groups(tmp_path / "twice", [one, one]), in_two_groups(tmp_path / "alone", [one])

    (of_groups,), (of_one,) = groups(twice), groups(alone)

    assert (of_groups.seeds, of_groups.improvement, of_groups.difference) == (
        of_one.seeds,
        of_one.improvement,
        of_one.difference,
    )


def test_a_seed_without_a_number_in_one_of_the_groups_is_in_no_mean(tmp_path: Path) -> None:
    whole: list[tuple[float, float | None]] = [(1.0, 0.5)] * 7

    (group,) = groups(in_two_groups(tmp_path, [whole, [(1.0, None), *whole[1:]]]))

    assert (group.seeds, group.diverged) == (13, 1)
    assert group.improvement.value == pytest.approx((0 + (6 + 0.5) / 7) / 2)


def test_groups_of_a_single_experiment_are_nothing_over_experiments(tmp_path: Path) -> None:
    comparisons = in_two_groups(tmp_path, [[(1.0, 2.0)] * 6] * 2)
    assert groups([one for one in comparisons if one.run.experiment == "twice"]) == []
