from __future__ import annotations

import keras
import numpy as np
import pytest

from logitbench.errors import UsageError
from logitbench.heads import ARMS, Activation, Labels, Task
from logitbench.models import head
from logitbench.models.linear import Linear
from logitbench.models.trunk import Inputs
from logitbench.training import backend
from tests import trunks

SIGMOID = Task(Activation.SIGMOID, 2)
SOFTMAX = Task(Activation.SOFTMAX, 3)
INPUTS = Inputs((4,), "float32", 2, None)
EXAMPLES = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)


@pytest.fixture(autouse=True)
def plain_backend() -> None:
    backend.start(deterministic=True, precision="float32")


def put(arm: str, task: Task) -> head.ArmModel:
    return head.put(ARMS[arm], Linear().build(INPUTS), INPUTS, task, keras.optimizers.SGD())


@pytest.mark.parametrize("task", [SIGMOID, SOFTMAX])
@pytest.mark.parametrize("arm", list(ARMS))
def test_the_output_is_the_activation_of_the_logits_where_the_arm_has_one(arm: str, task: Task) -> None:
    model = put(arm, task)

    logits, outputs = (part.numpy() for part in model.with_logits(EXAMPLES))

    activation = getattr(keras.activations, task.activation) if ARMS[arm].activated else keras.activations.linear
    np.testing.assert_array_equal(outputs, keras.ops.convert_to_numpy(activation(logits)))
    np.testing.assert_array_equal(outputs, model.model(EXAMPLES).numpy())
    np.testing.assert_array_equal(outputs, model.head(logits).numpy())


@pytest.mark.parametrize("task", [SIGMOID, SOFTMAX, Task(Activation.SOFTMAX, 3, Labels.ONE_HOT)])
@pytest.mark.parametrize("arm", list(ARMS))
def test_the_loss_is_told_what_the_arm_says(arm: str, task: Task) -> None:
    loss = put(arm, task).model.loss

    assert type(loss).__name__ == task.loss
    assert loss.get_config()["from_logits"] is ARMS[arm].from_logits


def test_arms_differ_in_nothing_else() -> None:
    described = []
    for arm in ARMS:
        keras.backend.clear_session()  # numbers the names of layers from 1 again
        model = put(arm, SIGMOID).model
        layers = [layer for layer in model.layers if layer.name not in {"activation", "keep_logits_from_loss"}]
        config = [layer.get_config() for layer in layers]
        described.append((config, model.optimizer.get_config(), [metric.name for metric in model.metrics]))

    assert all(other == described[0] for other in described[1:])


def test_targets_have_the_shape_that_the_loss_takes() -> None:
    labels = np.array([0, 1, 1], dtype=np.int32)

    assert head.targets(SIGMOID, labels).tolist() == [[0.0], [1.0], [1.0]]
    assert head.targets(SOFTMAX, labels).tolist() == [0, 1, 1]
    one_hot = Task(Activation.SOFTMAX, 3, Labels.ONE_HOT)
    assert head.targets(one_hot, labels).tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]


def test_a_trunk_that_does_not_end_in_features_is_refused() -> None:
    with pytest.raises(UsageError, match=r"\(None, 1, 4\)") as refusal:
        head.put(ARMS["logits"], trunks.unpooled((4,), 2), INPUTS, SIGMOID, keras.optimizers.SGD())

    assert "pooling" in refusal.value.hint
