from __future__ import annotations

import pytest

from logitbench import heads
from logitbench.errors import UsageError
from logitbench.heads import ARMS, Activation, Labels, LossPath, Task


@pytest.mark.parametrize(
    ("name", "activated", "from_logits", "recoverable", "intended", "threshold"),
    [
        ("logits", False, True, True, LossPath.FUSED, 0.0),
        ("probs", True, False, True, None, 0.5),
        ("probs-clipped", True, False, False, LossPath.CLIPPED, 0.5),
        ("double", True, True, False, LossPath.DOUBLE, 0.5),
        ("raw", False, False, True, LossPath.RAW, 0.5),
    ],
)
def test_every_arm_is_the_head_its_name_promises(
    name: str, activated: bool, from_logits: bool, recoverable: bool, intended: LossPath | None, threshold: float
) -> None:
    arm = heads.arm(name)
    assert arm.name == name
    assert (arm.activated, arm.from_logits, arm.recoverable) == (activated, from_logits, recoverable)
    assert arm.intended == intended
    assert arm.threshold == threshold


def test_the_arms_are_these_five_each_with_a_line_for_the_user() -> None:
    assert list(ARMS) == ["logits", "probs", "probs-clipped", "double", "raw"]
    assert all(arm.about and "\n" not in arm.about for arm in ARMS.values())


def test_an_unknown_arm_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="there is no arm 'prob-clipped'") as caught:
        heads.arm("prob-clipped")
    assert caught.value.hint == "Did you mean 'probs-clipped'?"


@pytest.mark.parametrize(
    ("task", "units", "loss"),
    [
        (Task(Activation.SIGMOID, 2), 1, "BinaryCrossentropy"),
        (Task(Activation.SIGMOID, 2, Labels.ONE_HOT), 1, "BinaryCrossentropy"),
        (Task(Activation.SOFTMAX, 2), 2, "SparseCategoricalCrossentropy"),
        (Task(Activation.SOFTMAX, 7), 7, "SparseCategoricalCrossentropy"),
        (Task(Activation.SOFTMAX, 7, Labels.ONE_HOT), 7, "CategoricalCrossentropy"),
    ],
)
def test_a_task_says_how_wide_its_heads_are_and_which_loss_they_take(task: Task, units: int, loss: str) -> None:
    assert task.units == units
    assert task.loss == loss
