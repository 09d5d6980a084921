"""Everything that the arms of a seed have in common, before the first step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from logitbench.data.dataset import Dataset
from logitbench.errors import UsageError, first_line
from logitbench.heads import Arm, Task
from logitbench.models import head
from logitbench.models.head import ArmModel
from logitbench.models.trunk import Builder, Inputs
from logitbench.spec import TrainingSpec
from logitbench.training.batches import Account, order

ROWS_PER_EVALUATION = 4096
"""Validation examples at a time, in every engine."""


@dataclass
class Setup:
    """One seed, ready to train.

    Args:
        seed: The seed.
        training: What every arm is trained with.
        dataset: The examples.
        task: What every head has to do.
        arms: The arms' models; they start from the same weights and random states.
        accounts: Each arm's account of the rows it was fed, by name.
    """

    seed: int
    training: TrainingSpec
    dataset: Dataset
    task: Task
    arms: Sequence[ArmModel]
    accounts: dict[str, Account] = field(init=False)

    def __post_init__(self) -> None:
        """Open an account for each arm."""
        self.accounts = {model.arm.name: Account() for model in self.arms}

    def order(self, epoch: int) -> NDArray[np.int32]:
        """Return the training rows in the order of an epoch, numbered from 1; the same for every arm."""
        return order(len(self.dataset.y_train), self.seed, epoch)


def pair(
    arms: Sequence[Arm], builder: Builder, dataset: Dataset, task: Task, training: TrainingSpec, seed: int
) -> Setup:
    """Build the arms of a seed from the same bytes: weights, and the states of every random layer.

    Raises:
        UsageError: The trunk or the optimizer cannot be built, or arms would share weights.
    """
    inputs = Inputs(dataset.input_shape, str(dataset.x_train.dtype), task.num_classes, dataset.vocabulary_size)
    models = []
    for arm in arms:
        keras.utils.set_random_seed(seed)
        models.append(head.put(arm, builder.build(inputs), inputs, task, _optimizer(training)))
    _require_own_weights(models)
    for model in models[1:]:
        # The seed alone would do for layers that draw from it; copying holds for those of a user that do not.
        _copy(models[0].trunk.variables, model.trunk.variables)
        _copy(models[0].head_variables, model.head_variables)
    return Setup(seed, training, dataset, task, models)


def _require_own_weights(models: Sequence[ArmModel]) -> None:
    variables = [id(variable) for model in models for variable in model.trunk.variables]
    if len(set(variables)) < len(variables):
        raise UsageError(
            "the models of two arms share weights: the function that builds the trunk gives the same layers twice",
            "Create every layer inside the function, so that each call gives a new model.",
        )


def _copy(sources: Sequence[Any], targets: Sequence[Any]) -> None:
    if [variable.shape for variable in sources] != [variable.shape for variable in targets]:
        raise UsageError(
            "the arms' trunks differ: the function that builds the trunk gives another model when it is called again",
            "It may depend on its arguments alone.",
        )
    for source, target in zip(sources, targets, strict=True):
        target.assign(source.value)


def _optimizer(training: TrainingSpec) -> keras.optimizers.Optimizer:
    options = {name: _located(value) for name, value in training.optimizer_options.items()}
    try:
        optimizer = keras.optimizers.get({"class_name": training.optimizer, "config": options})
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"training.optimizer {training.optimizer!r} with {training.optimizer_options} is not one Keras knows: "
            f"{first_line(error)}",
            "For example optimizer = 'adam' and optimizer_options = {learning_rate = 0.001}.",
        ) from error
    if optimizer.use_ema:
        raise UsageError(
            "training.optimizer_options has use_ema, which swaps weights when a training ends: not supported",
            "Leave use_ema out.",
        )
    return optimizer


def _located(option: Any) -> Any:
    """Say where Keras finds a learning-rate schedule that is written ``{class_name = ..., config = {...}}``."""
    if isinstance(option, dict) and "class_name" in option:
        return {"module": "keras.optimizers.schedules", **option}
    return option
