from __future__ import annotations

from typing import Any

import keras
import pytest

from logitbench.data.dataset import Dataset
from logitbench.heads import ARMS, Labels, LossPath
from logitbench.training import losspath
from tests.training.conftest import MakePair

EVERY_ARM = tuple(ARMS)
INTENDED = [LossPath.FUSED, LossPath.FUSED, LossPath.CLIPPED, LossPath.DOUBLE, LossPath.RAW]


def measured(pair: Any) -> list[LossPath]:
    return [losspath.measure(model) for model in pair.models]


def test_every_arm_of_a_sigmoid_head_takes_its_path(make_pair: MakePair, features: Dataset) -> None:
    assert measured(make_pair(features, arms=EVERY_ARM)) == INTENDED


@pytest.mark.parametrize("labels", list(Labels))
def test_every_arm_of_a_softmax_head_takes_its_path(
    make_pair: MakePair, three_classes: Dataset, labels: Labels
) -> None:
    assert measured(make_pair(three_classes, arms=EVERY_ARM, labels=labels)) == INTENDED


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_a_cast_between_activation_and_loss_keeps_the_logits_from_the_loss(
    make_pair: MakePair, features: Dataset, three_classes: Dataset, precision: str
) -> None:
    in_mixed_precision = [LossPath.FUSED, LossPath.CLIPPED, LossPath.CLIPPED, LossPath.DOUBLE, LossPath.RAW]

    assert measured(make_pair(features, arms=EVERY_ARM, precision=precision)) == in_mixed_precision
    assert measured(make_pair(three_classes, arms=EVERY_ARM, precision=precision)) == in_mixed_precision


def test_a_regulariser_does_not_hide_the_path(make_pair: MakePair, features: Dataset) -> None:
    pair = make_pair(features, arms=EVERY_ARM, model="tests.trunks:normalised")

    assert measured(pair) == INTENDED


def test_measuring_changes_no_weight(make_pair: MakePair, features: Dataset) -> None:
    pair = make_pair(features)
    before = [variable.numpy().tolist() for variable in pair.models[0].model.variables]

    measured(pair)

    assert [variable.numpy().tolist() for variable in pair.models[0].model.variables] == before


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.MeanSquaredError(),
        keras.losses.Huber(),
        lambda _, outputs: keras.ops.mean(outputs * 0.0, axis=-1),
    ],
)
def test_a_loss_that_is_none_of_the_four_is_called_other(make_pair: MakePair, features: Dataset, loss: Any) -> None:
    (model,) = make_pair(features, arms=("logits",)).models
    model.model.compile(loss=loss)

    assert losspath.measure(model) is LossPath.OTHER


def test_the_right_value_with_a_wrong_gradient_is_called_other(make_pair: MakePair, features: Dataset) -> None:
    def half_taught(target: Any, outputs: Any) -> Any:
        loss = keras.losses.binary_crossentropy(target, outputs, from_logits=True)
        return loss / 2 + keras.ops.stop_gradient(loss) / 2

    (model,) = make_pair(features, arms=("logits",)).models
    model.model.compile(loss=half_taught)

    assert losspath.measure(model) is LossPath.OTHER


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2),
        keras.losses.BinaryFocalCrossentropy(from_logits=True),
    ],
)
def test_smoothed_and_focal_losses_take_the_same_paths(make_pair: MakePair, features: Dataset, loss: Any) -> None:
    (model,) = make_pair(features, arms=("logits",)).models
    model.model.compile(loss=loss)

    assert losspath.measure(model) is LossPath.FUSED
