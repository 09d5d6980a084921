from __future__ import annotations

import math
import statistics
import tracemalloc
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparison import DEFAULT_METRICS, Comparison, compare
from logitbench.errors import UsageError
from logitbench.records import LEARNED, METRICS, REPORTED, EpochRecord
from logitbench.store import Trial
from tests.handmade import ASSETS, epoch, publish, run_record, trials


def only(found: list[Comparison]) -> Comparison:
    (comparison,) = found
    return comparison


def pair(loss: float | None, theirs: float | None = 0.5) -> list[EpochRecord]:
    return [epoch("logits", loss=theirs), epoch("probs", loss=loss)]


@pytest.fixture(scope="module")
def real() -> list[Trial]:
    return store.read([ASSETS]).trials


def test_each_cell_is_the_mean_and_the_deviation_of_its_seeds(real: list[Trial]) -> None:
    comparisons = compare(real, metrics=METRICS)
    assert [comparison.run.experiment for comparison in comparisons] == ["breast-cancer-raw", "language-family"]
    for comparison in comparisons:
        of_run = [trial for trial in real if trial.run == comparison.run]
        assert len(comparison.cells) == len(METRICS) * len(comparison.epochs) * len(comparison.arms)
        for (metric, number, arm), cell in comparison.cells.items():
            figures = [
                getattr(row, metric) for trial in of_run for row in trial.rows if (row.arm, row.epoch) == (arm, number)
            ]
            assert cell.mean == pytest.approx(statistics.fmean(figures), rel=1e-14)
            assert cell.spread == pytest.approx(statistics.stdev(figures), rel=1e-10, abs=1e-14)
            assert (cell.n, cell.diverged) == (len(of_run), 0)


def test_a_comparison_names_what_it_is_of(real: list[Trial]) -> None:
    first, second = compare(real)
    assert first.arms == ("logits", "probs", "probs-clipped", "double")
    assert (first.seeds, first.epochs, first.metrics) == ((0, 1, 2), (1, 2, 3, 4), DEFAULT_METRICS)
    assert first.loss_paths == {
        "logits": ("fused",),
        "probs": ("fused",),
        "probs-clipped": ("clipped",),
        "double": ("double",),
    }
    assert (second.arms, second.seeds, second.epochs) == (("logits", "probs"), (0, 1), (1, 2, 3))


def test_one_seed_has_no_spread(tmp_path: Path) -> None:
    cell = only(compare(trials(tmp_path, [pair(0.25)]))).cells["loss", 1, "probs"]
    assert (cell.mean, cell.spread, cell.n, cell.diverged) == (0.25, None, 1, 0)


def test_what_is_not_a_number_is_counted_and_never_averaged(tmp_path: Path) -> None:
    cells = only(compare(trials(tmp_path, [pair(1.0), pair(None), pair(2.0)]))).cells
    diverged = cells["loss", 1, "probs"]
    assert (diverged.mean, diverged.n, diverged.diverged) == (1.5, 2, 1)
    assert diverged.spread == pytest.approx(math.sqrt(0.5))
    assert cells["loss", 1, "logits"].n == 3


def test_where_no_seed_has_a_number_there_is_none(tmp_path: Path) -> None:
    cell = only(compare(trials(tmp_path, [pair(None), pair(None)]))).cells["loss", 1, "probs"]
    assert (cell.mean, cell.spread, cell.n, cell.diverged) == (None, None, 0, 2)


def test_a_single_number_among_diverged_seeds_has_no_spread(tmp_path: Path) -> None:
    cell = only(compare(trials(tmp_path, [pair(1.0), pair(None)]))).cells["loss", 1, "probs"]
    assert (cell.mean, cell.spread, cell.n, cell.diverged) == (1.0, None, 1, 1)


# ArmPair


def test_real_arms_are_identical_exactly_where_the_backend_took_the_logits_back(real: list[Trial]) -> None:
    first, second = compare(real)
    assert [(identity.arm, identity.identical, identity.seeds, identity.verdict) for identity in first.pairs] == [
        ("probs", 3, 3, "IDENTICAL"),
        ("probs-clipped", 0, 3, "DIFFERENT"),
        ("double", 0, 3, "DIFFERENT"),
    ]
    assert [(identity.arm, identity.baseline, identity.verdict) for identity in second.pairs] == [
        ("probs", "logits", "IDENTICAL")
    ]


@pytest.mark.parametrize("metric", LEARNED)
def test_one_last_bit_of_a_learned_figure_makes_a_difference(tmp_path: Path, metric: str) -> None:
    other = [epoch("logits"), epoch("probs", **{metric: math.nextafter(0.5, 1)})]
    if metric == "dead_fraction":
        other = [epoch("logits"), epoch("probs", dead_fraction=5e-324)]
    (identity,) = only(compare(trials(tmp_path, [pair(0.5), other]))).pairs
    assert (identity.identical, identity.seeds, identity.verdict) == (1, 2, "DIFFERENT")


@pytest.mark.parametrize("metric", sorted(REPORTED))
def test_what_keras_reports_makes_no_difference(tmp_path: Path, metric: str) -> None:
    rows = [epoch("logits"), epoch("probs", **{metric: 0.75})]
    (identity,) = only(compare(trials(tmp_path, [rows]))).pairs
    assert identity.verdict == "IDENTICAL"


def test_an_early_epoch_makes_a_difference_though_the_last_one_is_equal(tmp_path: Path) -> None:
    rows = [
        epoch("logits", 1),
        epoch("probs", 1, val_nll=math.nextafter(0.5, 0)),
        epoch("logits", 2),
        epoch("probs", 2),
    ]
    (identity,) = only(compare(trials(tmp_path, [rows]))).pairs
    assert identity.verdict == "DIFFERENT"


def test_other_final_weights_make_a_difference_though_every_figure_is_equal(tmp_path: Path) -> None:
    found = trials(tmp_path, [pair(0.5), pair(0.5)], finals=[{}, {"probs": "f" * 64}])
    (identity,) = only(compare(found)).pairs
    assert (identity.identical, identity.seeds, identity.verdict) == (1, 2, "DIFFERENT")


def test_seeds_that_diverged_are_counted_apart_and_never_identical(tmp_path: Path) -> None:
    found = trials(tmp_path, [pair(None, None), pair(None), pair(0.5), pair(0.5)])
    (against,) = only(compare(found)).pairs
    assert (against.identical, against.diverged, against.seeds, against.verdict) == (2, 2, 4, "IDENTICAL")


def test_nothing_is_said_of_two_arms_that_diverged_in_every_seed(tmp_path: Path) -> None:
    (against,) = only(compare(trials(tmp_path, [pair(None, None), pair(None)]))).pairs
    assert (against.identical, against.diverged, against.verdict) == (0, 2, "DIVERGED")


# Baselines, metrics, runs


def test_others_are_held_against_the_logits_wherever_they_stand(tmp_path: Path) -> None:
    found = trials(tmp_path, [[epoch("raw"), epoch("logits"), epoch("double")]])
    assert [(one.arm, one.baseline) for one in only(compare(found)).pairs] == [
        ("raw", "logits"),
        ("double", "logits"),
    ]


def test_without_logits_others_are_held_against_the_first_arm(tmp_path: Path) -> None:
    found = trials(tmp_path, [[epoch("raw"), epoch("double")]])
    assert [(one.arm, one.baseline) for one in only(compare(found)).pairs] == [("double", "raw")]


def test_a_baseline_can_be_chosen(real: list[Trial]) -> None:
    first = compare([trial for trial in real if len(trial.record.arms) == 4], baseline="probs-clipped")[0]
    assert [(one.arm, one.baseline) for one in first.pairs] == [
        (arm, "probs-clipped") for arm in ("logits", "probs", "double")
    ]


def test_a_baseline_that_is_no_arm_of_the_run_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the baseline 'prob' is not an arm of the run handmade/first") as caught:
        compare(trials(tmp_path, [pair(0.5)]), baseline="prob")
    assert caught.value.hint.startswith("Did you mean 'probs'?")


def test_an_unknown_metric_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no metric 'val_los'") as caught:
        compare(trials(tmp_path, [pair(0.5)]), metrics=["loss", "val_los"])
    assert caught.value.hint == "Did you mean 'val_loss'?"


def test_metrics_come_in_the_order_in_which_they_are_asked_for(tmp_path: Path) -> None:
    comparison = only(compare(trials(tmp_path, [pair(0.5)]), metrics=["val_nll", "loss"]))
    assert comparison.metrics == ("val_nll", "loss")
    assert [metric for metric, _, _ in comparison.cells] == ["val_nll"] * 2 + ["loss"] * 2


def test_an_arm_alone_has_figures_and_nothing_to_be_held_against(tmp_path: Path) -> None:
    comparison = only(compare(trials(tmp_path, [[epoch("logits", loss=0.25)]])))
    assert comparison.pairs == ()
    assert comparison.cells["loss", 1, "logits"].mean == 0.25


def test_trials_of_two_runs_that_come_mixed_are_told_apart(real: list[Trial]) -> None:
    runs = [
        [trial for trial in real if trial.run.experiment == name] for name in ("breast-cancer-raw", "language-family")
    ]
    mixed = [trial for pair in zip_longest(*runs) for trial in pair if trial is not None]
    assert compare(mixed) == compare(real)


def test_runs_of_one_experiment_are_told_apart(tmp_path: Path) -> None:
    for run_id, loss in (("one", 0.25), ("two", 0.75)):
        publish(store.create_run(tmp_path, run_record(run_id=run_id)), pair(loss))
    found = compare(store.read([tmp_path]).trials)
    assert [(one.run.run_id, one.cells["loss", 1, "probs"].mean) for one in found] == [("one", 0.25), ("two", 0.75)]


def test_nothing_compares_to_nothing() -> None:
    assert compare([]) == []


def test_loss_paths_that_differ_between_seeds_are_both_told(tmp_path: Path) -> None:
    first, second = trials(tmp_path, [pair(0.5), pair(0.5)])
    arms = second.record.arms | {"probs": second.record.arms["probs"].model_copy(update={"loss_path": "clipped"})}
    second = replace(second, record=second.record.model_copy(update={"arms": arms}))
    comparison = only(compare([first, second]))
    assert comparison.loss_paths == {"logits": ("fused",), "probs": ("clipped", "fused")}


def test_a_warning_is_told_once_however_many_seeds_gave_it(tmp_path: Path) -> None:
    run = store.create_run(tmp_path, run_record())
    for seed, warnings in enumerate((["a", "b"], ["b", "c"])):
        publish(run, pair(0.5), seed, warnings=warnings)
    assert only(compare(store.read([tmp_path]).trials)).warnings == ("a", "b", "c")


# ----------------------------------------------------------------------------------------------------------------------
# By how much


def test_a_gap_is_the_mean_of_the_differences_by_seed_at_the_last_epoch(tmp_path: Path) -> None:
    rows = [
        [epoch("logits", 1, val_nll=9.0), epoch("probs", 1, val_nll=1.0), *last]
        for last in (
            [epoch("logits", 2, val_nll=0.5), epoch("probs", 2, val_nll=0.75)],
            [epoch("logits", 2, val_nll=1.5), epoch("probs", 2, val_nll=2.0)],
        )
    ]

    (against,) = only(compare(trials(tmp_path, rows))).pairs

    assert against.epoch == 2
    assert against.gaps["val_nll"].mean == pytest.approx(0.375)
    assert against.gaps["val_nll"].spread == pytest.approx(0.125 * 2**0.5)
    assert against.gaps["val_nll"].n == 2


def test_a_gap_to_an_arm_that_diverged_is_counted_and_not_averaged(tmp_path: Path) -> None:
    rows = [
        [epoch("logits", 1, val_nll=0.5), epoch("probs", 1, val_nll=0.75)],
        [epoch("logits", 1, val_nll=0.5), epoch("probs", 1, val_nll=None)],
    ]

    (against,) = only(compare(trials(tmp_path, rows))).pairs

    assert (against.gaps["val_nll"].mean, against.gaps["val_nll"].n, against.gaps["val_nll"].diverged) == (0.25, 1, 1)


# How much memory

ROW_BUDGET = 1500
"""Bytes for each row of 20,000 trials with 20 rows, so that they are compared in less than a gigabyte."""


def test_a_row_takes_less_than_its_share_of_a_gigabyte(tmp_path: Path) -> None:
    rows = [epoch(arm, number, loss=number / 7) for number in range(1, 11) for arm in ("logits", "probs")]
    trials(tmp_path, [rows] * 100)
    compare(store.read([tmp_path]).trials)  # what is imported and cached is no row's

    tracemalloc.start()
    compare(store.read([tmp_path]).trials)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < ROW_BUDGET * 100 * len(rows)
