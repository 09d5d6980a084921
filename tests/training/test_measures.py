from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from logitbench.data.dataset import Dataset
from logitbench.heads import ARMS
from logitbench.records import METRICS
from logitbench.training import fit, lockstep, measures
from tests.training.conftest import MakePair
from tests.training.test_lockstep import epochs


@pytest.mark.parametrize(
    ("logits", "only_class"),
    [
        ([[0.5], [2.0]], 1),
        ([[-0.5], [0.0]], 0),
        ([[-0.5], [0.5]], None),
        ([[1.0, 3.0, 2.0], [-2.0, 0.0, -1.0]], 1),
        ([[1.0, 3.0, 2.0], [5.0, 0.0, -1.0]], None),
        ([[np.nan], [np.nan]], None),
        ([[np.nan, 1.0], [0.0, 1.0]], None),
    ],
)
def test_the_only_class_is_the_one_predicted_for_every_example(logits: list[Any], only_class: int | None) -> None:
    assert only_class_of("logits", logits) == only_class


def only_class_of(arm: str, logits: list[Any]) -> int | None:
    found = measures.of_logits(ARMS[arm], np.array(logits, "float32"), np.array([0, 1], "int32"))["only_class"]
    return None if np.isnan(found) else int(found)


@pytest.mark.parametrize(("arm", "only_class"), [("logits", 1), ("probs", 1), ("double", 1), ("raw", 0)])
def test_the_only_class_is_decided_at_the_threshold_of_the_matched_accuracy(arm: str, only_class: int) -> None:
    assert only_class_of(arm, [[0.1], [0.4]]) == only_class


@pytest.mark.parametrize("engine", [lockstep, fit])
def test_a_model_that_cannot_tell_examples_apart_is_recorded_with_its_only_class(
    make_pair: MakePair, three_classes: Dataset, features: Dataset, engine: Any
) -> None:
    for dataset, most_frequent in ((features, 1), (three_classes, 2)):
        same = replace(dataset, x_train=np.zeros_like(dataset.x_train), x_val=np.zeros_like(dataset.x_val))
        same = replace(same, y_train=np.where(np.arange(200) % 10, most_frequent, same.y_train).astype("int32"))
        records = epochs(engine, make_pair(same, epochs=2, optimizer_options={"learning_rate": 0.1}))
        assert [record.only_class for record in records] == [most_frequent] * 4


@pytest.mark.parametrize("diverged", ["val_loss", "val_nll"])
def test_an_epoch_without_a_validation_accuracy_has_no_only_class(diverged: str) -> None:
    figures = {**dict.fromkeys(METRICS, 0.5), "only_class": 1.0}
    assert measures.record("logits", 1, figures, 0.1).only_class == 1
    record = measures.record("logits", 1, {**figures, diverged: math.inf}, 0.1)
    assert (record.val_matched_accuracy, record.only_class) == (None, None)


@pytest.mark.parametrize("engine", [lockstep, fit])
def test_a_model_that_tells_examples_apart_has_no_only_class(
    make_pair: MakePair, three_classes: Dataset, engine: Any
) -> None:
    records = epochs(engine, make_pair(three_classes, epochs=1))
    assert [record.only_class for record in records] == [None, None]
