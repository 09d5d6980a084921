from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest

from logitbench import store
from logitbench.compare import statistics as paired_statistics
from logitbench.compare.comparing import DEFAULT_METRICS, compare
from logitbench.compare.comparison import Comparison
from logitbench.compare.declared import Declared
from logitbench.compare.overview import ALARMS
from logitbench.compare.verdict import Verdict
from logitbench.errors import UsageError
from logitbench.records import LEARNED, METRICS, REPORTED, EpochRecord
from logitbench.report.sentences import verdict as verdict_of
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
    assert (first.seeds, first.epochs, first.metrics) == (
        (0, 1, 2),
        (1, 2, 3, 4),
        (*DEFAULT_METRICS, "saturated_fraction", "dead_fraction"),
    )
    assert first.loss_paths == {
        "logits": ("fused",),
        "probs": ("fused",),
        "probs-clipped": ("clipped",),
        "double": ("double",),
    }
    assert (second.arms, second.seeds, second.epochs) == (("logits", "probs"), (0, 1), (1, 2, 3))
    assert second.metrics == DEFAULT_METRICS


def test_examples_without_a_gradient_are_compared_where_one_is_dead_or_could_be(tmp_path: Path) -> None:
    for name, rows, shown in (
        ("none", [epoch("logits"), epoch("probs")], False),
        ("one", [epoch("logits"), epoch("probs", dead_fraction=0.01)], True),
        ("clipped", [epoch("logits"), epoch("probs-clipped")], True),
    ):
        (comparison,) = compare(trials(tmp_path / name, [rows]))
        assert comparison.metrics == (*DEFAULT_METRICS, *(("saturated_fraction", "dead_fraction") if shown else ()))


def test_results_of_an_older_schema_are_compared_by_what_they_have() -> None:
    older = store.read([ASSETS.with_name("results-schema-1")]).trials
    first, second = compare(older)
    assert first.metrics == (*DEFAULT_METRICS, "dead_fraction")
    assert second.metrics == DEFAULT_METRICS
    assert [pair.verdict for pair in (first.pairs[0], second.pairs[0])] == ["IDENTICAL", "IDENTICAL"]
    with pytest.raises(UsageError, match="of breast-cancer-raw have no saturated_fraction: they are of a schema"):
        compare(older, metrics=["loss", "saturated_fraction"])


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


# Identity


def test_real_arms_are_identical_exactly_where_the_backend_took_the_logits_back(real: list[Trial]) -> None:
    first, second = compare(real)
    assert [(identity.arm, identity.identical, identity.seeds, identity.verdict) for identity in first.pairs] == [
        ("probs", 3, 3, "IDENTICAL"),
        ("probs-clipped", 0, 3, "TOO FEW SEEDS"),
        ("double", 0, 3, "TOO FEW SEEDS"),
    ]
    assert [(identity.arm, identity.baseline, identity.verdict) for identity in second.pairs] == [
        ("probs", "logits", "IDENTICAL")
    ]


@pytest.mark.parametrize("metric", LEARNED)
def test_one_last_bit_of_a_learned_figure_makes_a_difference(tmp_path: Path, metric: str) -> None:
    other = [epoch("logits"), epoch("probs", **{metric: math.nextafter(0.5, 1)})]
    if metric == "saturated_fraction":
        other = [epoch("logits"), epoch("probs", saturated_fraction=math.nextafter(0.25, 1))]
    if metric == "dead_fraction":
        other = [epoch("logits"), epoch("probs", dead_fraction=5e-324)]
    (identity,) = only(compare(trials(tmp_path, [pair(0.5), other]))).pairs
    assert (identity.identical, identity.seeds, identity.verdict) == (1, 2, "TOO FEW SEEDS")


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
    assert identity.verdict == "TOO FEW SEEDS"


def test_other_final_weights_make_a_difference_though_every_figure_is_equal(tmp_path: Path) -> None:
    found = trials(tmp_path, [pair(0.5), pair(0.5)], finals=[{}, {"probs": "f" * 64}])
    (identity,) = only(compare(found)).pairs
    assert (identity.identical, identity.seeds, identity.verdict) == (1, 2, "TOO FEW SEEDS")


def test_seeds_in_which_both_diverged_are_counted_apart_and_never_identical(tmp_path: Path) -> None:
    found = trials(tmp_path, [pair(None, None), pair(0.5), pair(0.5)])
    (against,) = only(compare(found)).pairs
    assert (against.identical, against.diverged, against.seeds, against.verdict) == (2, 1, 3, "IDENTICAL")


def test_a_seed_in_which_one_arm_alone_diverged_makes_a_difference(tmp_path: Path) -> None:
    found = trials(tmp_path, [pair(None), pair(0.5), pair(0.5)])
    (against,) = only(compare(found)).pairs
    assert (against.identical, against.diverged, against.seeds, against.verdict) == (2, 1, 3, "TOO FEW SEEDS")
    (against,) = only(compare(trials(tmp_path / "other", [pair(0.5, None), *[pair(0.5)] * 6]))).pairs
    assert (against.identical, against.diverged, against.verdict) == (6, 1, "INCONCLUSIVE")
    assert (
        "diverged in 1 seeds in which the other did not; the remaining seeds say EQUIVALENT"
        in against.evidence.doubts[0]
    )


def test_arms_that_diverge_in_different_epochs_of_a_seed_are_not_identical(tmp_path: Path) -> None:
    late = [epoch("logits", 1), epoch("probs", 1), epoch("logits", 2, loss=None), epoch("probs", 2)]
    whole = [epoch(arm, number) for number in (1, 2) for arm in ("logits", "probs")]
    (against,) = only(compare(trials(tmp_path, [late, whole]))).pairs
    assert (against.identical, against.diverged, against.verdict) == (1, 1, "TOO FEW SEEDS")


def test_nothing_is_said_of_two_arms_that_diverged_in_every_seed(tmp_path: Path) -> None:
    rows = [epoch("logits", val_nll=None), epoch("probs")]
    (against,) = only(compare(trials(tmp_path, [rows, [epoch("logits"), epoch("probs", val_nll=None)]]))).pairs
    assert (against.identical, against.diverged, against.verdict) == (0, 2, "DIVERGED")
    assert against.evidence.sample.n == 0


def test_of_identical_arms_nothing_is_tested(tmp_path: Path) -> None:
    rows = [epoch("logits", val_accuracy=0.4), epoch("probs", val_accuracy=0.6)]
    (against,) = only(compare(trials(tmp_path, [rows] * 8))).pairs
    assert against.verdict == "IDENTICAL"
    assert against.evidence.sample == paired_statistics.Paired(8, 0.0, 0.0, 0.0, 0.0, median=0.0, skewness=0.0)
    gap = against.differences["val_accuracy", 1]
    assert gap.mean == pytest.approx(0.2)
    assert (gap.n, gap.p, gap.low, gap.high) == (8, None, gap.mean, gap.mean)


@pytest.mark.parametrize(
    ("probs", "imported"), [([0.5] * 7, []), ([0.9, 0.2] * 4, ["scipy.stats", "statsmodels.stats.power"])]
)
def test_scipy_and_statsmodels_which_are_slow_to_import_are_imported_only_for_a_test(
    tmp_path: Path, probs: list[float], imported: list[str]
) -> None:
    trials(tmp_path, [[epoch("logits", val_accuracy=0.4), epoch("probs", val_nll=figure)] for figure in probs])
    found = modules_after_comparing(tmp_path)
    assert [name for name in sorted(found) if name in ("scipy.stats", "statsmodels.stats.power")] == imported
    assert not imported or "statsmodels.stats.multitest" not in found  # a family of one is not corrected
    assert imported or not {name.split(".")[0] for name in found} & {"scipy", "statsmodels"}


def test_a_verdict_that_needs_no_family_and_no_power_does_not_import_statsmodels(tmp_path: Path) -> None:
    trials(tmp_path, [[epoch("logits"), epoch("probs", val_nll=0.9)]] * 7)
    found = modules_after_comparing(tmp_path)
    assert "scipy.special" in found
    assert not {"scipy.stats", "statsmodels"} & found


def modules_after_comparing(results: Path) -> set[str]:
    program = (
        "import json, pathlib, sys; from logitbench import store; from logitbench.compare.comparing import compare; "
        "compare(store.read([pathlib.Path(sys.argv[1])]).trials); print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(results)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


# Verdicts


def by_seed(gaps: list[float | None], **others: float) -> list[list[EpochRecord]]:
    return [[epoch("logits"), epoch("probs", val_nll=None if gap is None else 0.5 + gap, **others)] for gap in gaps]


def test_the_verdict_is_of_the_declared_number(tmp_path: Path) -> None:
    rows = [
        [epoch("logits"), epoch("probs", val_nll=0.5 + gap, val_matched_accuracy=0.5 + gap)]
        for gap in (0.1, 0.11, 0.12, 0.13, 0.14, 0.15)
    ]
    found = trials(tmp_path, rows)
    for metric, verdict in (("val_nll", Verdict.A_BETTER), ("val_matched_accuracy", Verdict.B_BETTER)):
        comparison = only(compare(found, declared=Declared(metric)))
        (against,) = comparison.pairs
        assert against.verdict is verdict
        assert comparison.declared.metric == metric
        assert against.evidence.sample.mean == pytest.approx(0.125)
        assert against.evidence.p == 2 / 2**6


def test_the_verdict_is_of_val_nll_at_the_last_epoch_unless_declared(tmp_path: Path) -> None:
    rows = [[epoch("logits", 1), epoch("probs", 1, val_nll=0.9), epoch("logits", 2), epoch("probs", 2, loss=0.6)]] * 6
    (against,) = only(compare(trials(tmp_path, rows))).pairs
    assert (against.verdict, against.evidence.sample.mean) == (Verdict.EQUIVALENT, 0.0)
    (best,) = only(compare(store.read([tmp_path]).trials, declared=Declared(at="best:loss"))).pairs
    assert best.evidence.sample.mean == pytest.approx(0.4)


def test_one_diverged_seed_is_left_out_of_its_own_metric_only(tmp_path: Path) -> None:
    (against,) = only(compare(trials(tmp_path, by_seed([0.1, 0.2, None, 0.1, 0.2, 0.3, 0.2])))).pairs
    assert (against.seeds, against.diverged, against.evidence.sample.n) == (7, 1, 6)
    assert against.differences["val_nll", 1].n == 6
    assert against.differences["loss", 1].n == 7
    assert against.verdict is Verdict.A_BETTER
    assert any("unequal numbers of seeds (logits in 7, probs in 6)" in doubt for doubt in against.evidence.doubts)


def test_diverged_seeds_never_make_a_difference_significant(tmp_path: Path) -> None:
    (against,) = only(compare(trials(tmp_path, by_seed([0.1] * 5 + [None] * 5)))).pairs
    assert (against.verdict, against.evidence.p) == (Verdict.TOO_FEW_SEEDS, None)


def test_the_pairs_of_one_experiment_are_a_family_and_other_experiments_change_nothing(tmp_path: Path) -> None:
    for experiment in ("one", "two"):
        run = store.create_run(tmp_path, run_record(experiment=experiment))
        for seed, rows in enumerate(by_seed([0.1] * 6)):
            publish(run, rows, seed)
    together = compare(store.read([tmp_path]).trials)
    assert [one.pairs[0].evidence.p for one in together] == [2 / 2**6] * 2
    assert [one.pairs[0].verdict for one in together] == [Verdict.A_BETTER] * 2


def test_identical_arms_take_no_part_in_the_family(tmp_path: Path) -> None:
    rows = [[epoch("logits"), epoch("probs"), epoch("raw", val_nll=0.7)]] * 6
    first, second = only(compare(trials(tmp_path, rows))).pairs
    assert (first.verdict, second.verdict, second.evidence.p) == (Verdict.IDENTICAL, Verdict.A_BETTER, 2 / 2**6)


def test_every_metric_and_epoch_has_its_own_differences(real: list[Trial]) -> None:
    first = compare(real, metrics=METRICS)[0]
    for against in first.pairs:
        assert list(against.differences) == [(metric, number) for metric in METRICS for number in first.epochs]
        for (metric, number), sample in against.differences.items():
            ours, theirs = (first.figures[arm][metric][:, number - 1] for arm in (against.arm, against.baseline))
            assert sample.mean == pytest.approx(np.mean(ours - theirs), rel=1e-12, abs=1e-15)
            assert (sample.n, sample.p) == (3, None)


def test_gaps_are_split_for_every_epoch(real: list[Trial]) -> None:
    for against in compare(real)[0].pairs:
        assert [split.epoch for split in against.accuracy] == [split.epoch for split in against.loss] == [1, 2, 3, 4]
        for split in (*against.accuracy, *against.loss):
            assert split.gap == pytest.approx(split.arm - split.baseline, abs=1e-12)


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
    assert [one.run.experiment for one in compare(mixed)] == ["breast-cancer-raw", "language-family"]
    assert compare(mixed) == compare(real)


def test_runs_of_one_experiment_are_pooled_by_seed(tmp_path: Path) -> None:
    for seed, (run_id, loss) in enumerate((("one", 0.25), ("two", 0.75))):
        publish(store.create_run(tmp_path, run_record(run_id=run_id, seeds=seed + 1)), pair(loss), seed)
    comparison = only(compare(store.read([tmp_path]).trials))
    assert [run.run_id for run in comparison.runs] == ["one", "two"]
    assert comparison.seeds == (0, 1)
    assert comparison.cells["loss", 1, "probs"].mean == 0.5


def test_runs_that_differ_are_compared_apart_or_refused_if_strict(tmp_path: Path) -> None:
    for run_id, keras, loss in (("one", "3.15.1", 0.25), ("two", "4.0", 0.75)):
        record = run_record(run_id=run_id).model_copy(update={"environment": {"keras": keras}})
        publish(store.create_run(tmp_path, record), pair(loss))
    found = store.read([tmp_path]).trials
    with pytest.raises(UsageError, match=r"cannot be pooled \(one and two\): keras 3\.15\.1, 4\.0"):
        compare(found, strict=True)
    apart = compare(found)
    assert [(one.run.run_id, one.cells["loss", 1, "probs"].mean) for one in apart] == [("one", 0.25), ("two", 0.75)]
    assert [one.name for one in apart] == ["handmade (keras 3.15.1)", "handmade (keras 4.0)"]
    assert [one.notes for one in apart] == [
        ("runs of handmade that differ are not pooled: keras 3.15.1, 4.0.",),
    ] * 2


def test_an_experiment_without_the_chosen_baseline_is_compared_with_its_default(tmp_path: Path) -> None:
    for run_id, arms in (("one", ("logits", "probs", "raw")), ("two", ("logits", "double"))):
        record = run_record(arms, run_id=run_id)
        publish(store.create_run(tmp_path, record), [epoch(arm) for arm in arms])
    first, second = compare(store.read([tmp_path]).trials, baseline="probs")
    assert {pair.baseline for pair in first.pairs} == {"probs"}
    assert {pair.baseline for pair in second.pairs} == {"logits"}
    assert second.notes[-1] == "there is no arm probs here; the baseline is logits."


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


def by_epochs(
    tmp_path: Path, seeds: Sequence[Sequence[tuple[float | None, float | None]]], at: str = "best:val_nll"
) -> Comparison:
    """Compare trials of which each epoch's val_nll is given, of logits and of probs."""
    by_seed = [
        [
            epoch(arm, number, val_nll=value)
            for number, pair in enumerate(epochs, start=1)
            for arm, value in zip(("logits", "probs"), pair, strict=True)
        ]
        for epochs in seeds
    ]
    return only(compare(trials(tmp_path, by_seed), declared=Declared("val_nll", at)))


@pytest.mark.parametrize("at", ["last", "best:val_nll", "best:val_matched_accuracy"])
def test_an_arm_that_diverges_in_every_seed_after_its_best_epoch_is_diverged(tmp_path: Path, at: str) -> None:
    seeds = [[(0.5 + seed / 100, 0.1), (0.4 + seed / 100, None)] for seed in range(8)]
    (found,) = by_epochs(tmp_path, seeds, at).pairs
    assert (found.verdict, found.evidence.sample.n, found.evidence.p, found.alone) == ("DIVERGED", 0, None, (8, 0))
    said = verdict_of(found, Declared(at=at))
    assert said.startswith("DIVERGED: probs diverged in every seed, so the arms cannot be compared; 8 of 8 seeds")
    assert {name for name, alarm in ALARMS.items() if alarm(found)} == set(ALARMS)


def test_an_arm_that_diverges_after_its_best_epoch_is_not_better_for_its_other_seeds(tmp_path: Path) -> None:
    whole = [(0.5 + seed / 100, 0.4 + seed / 90) for seed in range(10)]
    found = by_epochs(tmp_path, [[whole[0], (0.6, None)], *[[one, one] for one in whole[1:]]])
    evidence = found.pairs[0].evidence
    assert (evidence.sample.n, evidence.verdict, evidence.lost) == (9, "INCONCLUSIVE", (1, 0))
    assert "diverge" in verdict_of(found.pairs[0], found.declared)


def test_an_arm_that_diverges_in_some_seeds_and_is_worse_in_the_others_is_worse(tmp_path: Path) -> None:
    whole = [(0.4 + seed / 90, 0.5 + seed / 100) for seed in range(10)]
    found = by_epochs(tmp_path, [[whole[0], (0.6, None)], *[[one, one] for one in whole[1:]]])
    assert (found.pairs[0].verdict, found.pairs[0].evidence.sample.n) == ("A BETTER", 9)


def test_who_has_no_number_where_the_other_has_one_is_not_better_for_those_left(tmp_path: Path) -> None:
    whole = [(0.5 + seed / 100, 0.4 + seed / 90) for seed in range(6)]
    late = [(0.5, None), (0.4, None)]
    found = by_epochs(tmp_path, [*[[one, one] for one in whole], *[late] * 4])
    evidence = found.pairs[0].evidence
    assert (evidence.sample.n, evidence.verdict, evidence.lost) == (6, "INCONCLUSIVE", (4, 0))
    assert "more seeds do not lead to a verdict while one of them diverges alone" in verdict_of(
        found.pairs[0], found.declared
    )


def test_seeds_in_which_both_diverged_at_any_epoch_are_in_no_mean_and_are_counted(tmp_path: Path) -> None:
    whole = [(0.5 + seed / 100, 0.4 + seed / 90) for seed in range(6)]
    late = [(0.5, None), (None, None)]
    (found,) = by_epochs(tmp_path, [*[[one, one] for one in whole], *[late] * 4]).pairs
    assert (found.evidence.sample.n, found.verdict, found.diverged, found.alone) == (6, "B BETTER", 4, (0, 0))
    assert "; 4 of 10 seeds diverged." in verdict_of(found, Declared())


def test_losses_of_two_paths_are_no_measure_of_what_was_learned(tmp_path: Path) -> None:
    rows = [[epoch("logits", val_loss=0.5 + seed / 100), epoch("raw", val_loss=0.1)] for seed in range(8)]
    found = trials(tmp_path, rows)
    for asked in (Declared("val_loss"), Declared("val_nll", "best:loss")):
        with pytest.raises(UsageError, match="raw computes it on the path raw, logits on fused"):
            compare(found, declared=asked)
    assert compare(found)


def test_a_pair_that_is_identical_because_nothing_was_learned_is_doubted(tmp_path: Path) -> None:
    rows = [replace(epoch(arm), only_class=0) for arm in ("logits", "probs")]
    found = only(compare(trials(tmp_path, [rows, rows])))
    (told,) = found.pairs[0].evidence.doubts
    assert found.pairs[0].verdict is Verdict.IDENTICAL
    assert told.startswith("both arms predict class 0 for every validation example (50.0 %)")


def test_an_arm_alone_that_predicts_one_class_is_named_in_a_note(tmp_path: Path) -> None:
    found = only(compare(trials(tmp_path, [[replace(epoch("logits"), only_class=1)]])))
    assert found.notes == ("logits predicts class 1 for every validation example (50.0 %).",)


def test_a_verdict_that_accuracy_contradicts_is_doubted_and_one_that_is_not_reached_is_not(tmp_path: Path) -> None:
    for name, gaps, doubted in (("clear", [0.3, 0.31] * 4, 1), ("unclear", [0.3, -0.29] * 4, 0)):
        found = trials(tmp_path / name, by_seed(gaps, val_matched_accuracy=0.63))  # type: ignore[arg-type]
        said = [doubt for doubt in only(compare(found)).pairs[0].evidence.doubts if "favours" in doubt]
        assert (
            said == ["val_nll favours logits, but val_matched_accuracy favours probs: 0.6300 against 0.5000"] * doubted
        )
