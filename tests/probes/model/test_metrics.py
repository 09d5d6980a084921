"""What metrics do to logits and probabilities, told by what they say."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import metrics as km
from keras import ops

from logitbench.probes.model.metrics import read_metric
from logitbench.probes.model.records import MetricReading, Reads


def read(metric: Any, activation: str, units: int = 1, labels: str = "numbers") -> MetricReading:
    return read_metric(metric, units, labels, activation, "sigmoid" if units == 1 else "softmax")


@pytest.mark.parametrize(
    ("metric", "code"),
    [
        ("accuracy", 'keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")'),
        ("acc", 'keras.metrics.BinaryAccuracy(threshold=0.0, name="acc")'),
        (km.BinaryAccuracy(), "keras.metrics.BinaryAccuracy(threshold=0.0)"),
        (km.Precision(name="precision"), "keras.metrics.Precision(thresholds=0.0)"),
        (km.Recall(name="r"), 'keras.metrics.Recall(thresholds=0.0, name="r")'),
    ],
)
def test_a_cut_at_a_half_does_not_fit_logits_and_one_at_0_mends_it(metric: Any, code: str) -> None:
    found = read(metric, "none")
    assert (found.reads, found.cuts, found.fits, found.code) == (Reads.CUT, (0.5,), False, code)
    assert "0.5 on a logit is p = 0.62" in found.why
    assert read(metric, "sigmoid").fits is True
    again = read(eval(code, {"keras": keras}), "none")  # noqa: S307 - the code that a user is given runs, and fits
    assert (again.cuts, again.fits) == ((0.0,), True)


@pytest.mark.parametrize(
    ("metric", "code"),
    [
        ("AUC", 'keras.metrics.AUC(from_logits=True, name="AUC")'),
        (km.AUC(curve="PR", name="auc"), 'keras.metrics.AUC(curve="PR", from_logits=True)'),
        (km.BinaryCrossentropy(), "keras.metrics.BinaryCrossentropy(from_logits=True)"),
    ],
)
def test_a_metric_of_probabilities_is_told_that_it_gets_logits(metric: Any, code: str) -> None:
    found = read(metric, "none")
    if found.kind == "keras.metrics.AUC" and found.name != "AUC":
        code = code.replace("from_logits=True", "from_logits=True")
    assert (found.reads, found.fits, found.code) == (Reads.PROBABILITIES, False, code)
    assert read(metric, "sigmoid").fits is True


def test_a_metric_that_expects_logits_does_not_fit_probabilities() -> None:
    for metric in (km.AUC(from_logits=True), km.BinaryCrossentropy(from_logits=True)):
        assert read(metric, "none").fits is True
        found = read(metric, "sigmoid")
        assert (found.reads, found.fits, "from_logits" in found.code) == (Reads.LOGITS, False, False)
        assert found.code


def test_nothing_mends_f1_on_logits() -> None:
    found = read(km.F1Score(threshold=0.5), "none")
    assert (found.cuts, found.fits, found.code) == ((0.5,), False, "")


def test_f1_without_a_threshold_says_the_same_of_every_single_unit() -> None:
    found = read(km.F1Score(), "sigmoid")
    assert (found.reads, found.fits, found.code) == (Reads.CONSTANT, False, "keras.metrics.F1Score(threshold=0.5)")


def test_a_cut_at_a_logit_does_not_fit_probabilities() -> None:
    found = read(km.BinaryAccuracy(threshold=0.0), "sigmoid")
    assert (found.cuts, found.fits, found.code) == ((0.0,), False, "keras.metrics.BinaryAccuracy()")


def test_several_cuts_are_all_found() -> None:
    assert read(km.Recall(thresholds=[0.2, 0.5]), "sigmoid").cuts == (0.2, 0.5)


def test_a_function_of_the_users_is_told_like_any_other() -> None:
    def strict(target: Any, output: Any) -> Any:
        return ops.cast(ops.equal(target, ops.cast(output > 0.9, "float32")), "float32")

    found = read(strict, "sigmoid")
    assert (found.kind, found.cuts, found.fits) == ("strict", (0.9,), True)
    on_logits = read(strict, "none")
    assert (on_logits.fits, "p = 0.71" in on_logits.why) == (None, True)


def test_what_ranks_by_thresholds_has_no_cut() -> None:
    assert read(km.PrecisionAtRecall(0.5), "none").reads is Reads.PROBABILITIES


@pytest.mark.parametrize("activation", ["none", "softmax"])
@pytest.mark.parametrize(
    ("metric", "labels"),
    [
        ("accuracy", "one-hot"),
        ("accuracy", "class numbers"),
        (km.TopKCategoricalAccuracy(k=2), "one-hot"),
        (km.Precision(top_k=1), "one-hot"),
    ],
)
def test_what_reads_the_greatest_unit_fits_every_head(activation: str, metric: Any, labels: str) -> None:
    found = read(metric, activation, 3, labels)
    assert (found.reads, found.fits) == (Reads.ORDER, True)


def test_cross_entropy_of_several_classes() -> None:
    of_numbers = km.SparseCategoricalCrossentropy()
    assert read(of_numbers, "softmax", 3, "class numbers").fits is True
    found = read(of_numbers, "none", 3, "class numbers")
    assert (found.fits, found.code) == (False, "keras.metrics.SparseCategoricalCrossentropy(from_logits=True)")
    found = read(km.CategoricalCrossentropy(), "none", 3, "one-hot")
    assert (found.fits, found.code) == (False, "keras.metrics.CategoricalCrossentropy(from_logits=True)")


def test_no_cut_and_no_sigmoid_stands_for_a_softmax() -> None:
    for metric in (km.Precision(), km.AUC()):
        found = read(metric, "none", 3, "one-hot")
        assert (found.fits, found.code) == (False, "")


def test_a_metric_that_cannot_take_the_labels_is_said_so() -> None:
    found = read(km.AUC(), "softmax", 3, "class numbers")
    assert (found.reads, found.fits) == (Reads.UNKNOWN, None)
    assert found.why.startswith("it could not be tried: ")


def test_the_users_metric_keeps_its_state() -> None:
    metric = km.Precision()
    metric.update_state([1, 0], [0.9, 0.8])
    read(metric, "none")
    assert float(metric.result()) == pytest.approx(0.5)


@pytest.mark.parametrize("metric", ["mae", "cosine_similarity", km.PearsonCorrelation(), "accuracy", km.R2Score()])
@pytest.mark.parametrize("units", [1, 3])
def test_without_a_known_loss_no_metric_of_numbers_is_judged(metric: Any, units: int) -> None:
    found = read_metric(metric, units, "numbers" if units == 1 else "one-hot", "none", None)
    assert (found.fits, found.why, found.code) == (None, "", "")


@pytest.mark.parametrize("metric", ["mae", "mse", "cosine_similarity"])
@pytest.mark.parametrize("activation", ["none", "sigmoid"])
def test_an_error_of_single_numbers_is_not_taken_for_blind(metric: str, activation: str) -> None:
    assert (read(metric, activation).reads, read(metric, activation).fits) == (Reads.NUMBERS, None)


@pytest.mark.parametrize("units", [2, 3])
@pytest.mark.parametrize("metric", [km.Precision(class_id=1), km.Recall(class_id=1)])
def test_a_metric_of_another_class_than_the_first_is_asked_about_that(metric: Any, units: int) -> None:
    found = read(metric, "softmax", units, "one-hot")
    assert (found.cuts, found.fits) == ((0.5,), True)
    several = read_metric(type(metric)(class_id=1, thresholds=0), units, "one-hot", "none", "sigmoid")
    assert (several.cuts, several.fits) == ((0.0,), True)


def test_a_function_that_looks_at_one_unit_alone_is_asked_about_that() -> None:
    def second(target: Any, output: Any) -> Any:
        return ops.cast(ops.equal(target[:, 1], ops.cast(output[:, 1] > 0.5, "float32")), "float32")

    assert read(second, "softmax", 3, "one-hot").cuts == (0.5,)


@pytest.mark.parametrize("kind", [km.TrueNegatives, km.FalsePositives, km.TruePositives, km.FalseNegatives])
def test_counts_are_asked_with_both_labels(kind: Any) -> None:
    assert read(kind(thresholds=0), "none").fits is True
    found = read(kind(), "none")
    assert (found.cuts, found.fits, "thresholds=0.0" in found.code) == ((0.5,), False, True)


def test_a_metric_that_looks_for_its_own_threshold_is_no_cut() -> None:
    for kind in (km.RecallAtPrecision, km.PrecisionAtRecall, km.SensitivityAtSpecificity):
        assert read(kind(0.5), "sigmoid").fits is not False


@pytest.mark.parametrize(("activation", "threshold"), [("none", "threshold=0.0, "), ("sigmoid", "")])
def test_the_greatest_unit_says_nothing_of_labels_that_do_not_exclude_each_other(
    activation: str, threshold: str
) -> None:
    found = read_metric("accuracy", 5, "one-hot", activation, "sigmoid")
    code = f'keras.metrics.BinaryAccuracy({threshold}name="accuracy")'
    assert (found.reads, found.fits, found.code) == (Reads.ORDER, False, code)
    asked_for = read_metric(km.CategoricalAccuracy(), 5, "one-hot", activation, "sigmoid")
    assert (asked_for.fits, asked_for.why) == (None, "")


def test_a_sigmoid_of_each_logit_does_not_stand_for_their_softmax() -> None:
    found = read(km.AUC(from_logits=True), "none", 3, "one-hot")
    assert (found.reads, found.fits, found.code) == (Reads.LOGITS, False, "")
    assert read(km.CategoricalCrossentropy(from_logits=True), "none", 3, "one-hot").fits is True


def test_a_metric_of_the_users_may_say_the_same_of_every_output() -> None:
    def rate(target: Any, output: Any) -> Any:
        return 0.1 + 0.0 * ops.mean(output, axis=-1)

    assert (read(rate, "sigmoid").reads, read(rate, "sigmoid").fits) == (Reads.CONSTANT, None)


@pytest.mark.parametrize("activation", ["none", "softmax"])
@pytest.mark.parametrize(
    ("metric", "units", "labels", "code"),
    [
        (km.CategoricalAccuracy(), 3, "class numbers", "keras.metrics.SparseCategoricalAccuracy()"),
        ("categorical_accuracy", 3, "class numbers", "keras.metrics.SparseCategoricalAccuracy()"),
        (
            km.TopKCategoricalAccuracy(k=2, name="top"),
            3,
            "class numbers",
            'keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top")',
        ),
        ("sparse_categorical_accuracy", 3, "one-hot", "keras.metrics.CategoricalAccuracy()"),
        ("binary_accuracy", 3, "one-hot", "keras.metrics.CategoricalAccuracy()"),
        (km.BinaryAccuracy(name="right"), 10, "one-hot", 'keras.metrics.CategoricalAccuracy(name="right")'),
        (km.BinaryAccuracy(), 3, "class numbers", "keras.metrics.SparseCategoricalAccuracy()"),
        (km.Accuracy(), 3, "one-hot", "keras.metrics.CategoricalAccuracy()"),
        (km.MeanIoU(3), 3, "class numbers", "keras.metrics.MeanIoU(num_classes=3, sparse_y_pred=False)"),
        (
            km.MeanIoU(3),
            3,
            "one-hot",
            "keras.metrics.MeanIoU(num_classes=3, sparse_y_true=False, sparse_y_pred=False)",
        ),
    ],
)
def test_a_metric_of_other_labels_or_another_head_does_not_fit_and_one_that_does_is_named(
    metric: Any, units: int, labels: str, code: str, activation: str
) -> None:
    found = read(metric, activation, units, labels)
    assert (found.fits, found.other_kind, found.code) == (False, True, code)
    again = read(eval(code, {"keras": keras}), activation, units, labels)  # noqa: S307 - the code that a user is given
    assert (again.fits, again.other_kind) == (True, False)


def test_accuracy_that_compares_floats_is_replaced_by_one_with_a_threshold() -> None:
    for activation, code in (
        ("sigmoid", "keras.metrics.BinaryAccuracy()"),
        ("none", "keras.metrics.BinaryAccuracy(threshold=0.0)"),
    ):
        found = read(km.Accuracy(), activation)
        assert (found.fits, found.other_kind, found.code) == (False, True, code)


@pytest.mark.parametrize(
    ("metric", "units", "labels"),
    [
        ("binary_accuracy", 2, "one-hot"),
        (km.Precision(), 3, "one-hot"),
        (km.Recall(class_id=1), 3, "one-hot"),
        (km.TrueNegatives(), 3, "one-hot"),
        (km.AUC(), 3, "one-hot"),
        (km.OneHotIoU(3, [1]), 3, "one-hot"),
        (km.MeanIoU(3, sparse_y_pred=False), 3, "class numbers"),
        (km.SparseCategoricalAccuracy(), 3, "class numbers"),
        (km.SparseTopKCategoricalAccuracy(k=2), 3, "class numbers"),
    ],
)
def test_metrics_of_the_labels_and_the_head_fit(metric: Any, units: int, labels: str) -> None:
    found = read(metric, "softmax", units, labels)
    assert (found.fits, found.other_kind) == (True, False)


def test_where_the_labels_are_not_known_no_metric_is_one_of_other_labels() -> None:
    for metric in (km.SparseCategoricalAccuracy(), km.CategoricalAccuracy(), "sparse_top_k_categorical_accuracy"):
        found = read_metric(metric, 3, None, "softmax", "softmax")
        assert (found.other_kind, found.fits is not False) == (False, True)


def test_a_metric_of_the_users_may_ignore_the_labels() -> None:
    def confidence(target: Any, output: Any) -> Any:
        return ops.max(output, axis=-1)

    assert read(confidence, "softmax", 3, "one-hot").fits is not False
