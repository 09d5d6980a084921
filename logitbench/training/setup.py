"""Everything that the arms of a seed have in common, before the first step."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from logitbench.data.dataset import Dataset
from logitbench.errors import UsageError, first_line
from logitbench.heads import Arm, Task
from logitbench.models import head
from logitbench.models.head import ArmModel
from logitbench.models.trunk import Builder, Inputs, Trunk
from logitbench.records import Progress
from logitbench.spec import TrainingSpec
from logitbench.training.batches import Account, order

ROWS_PER_EVALUATION = 1024
"""Validation examples at a time, in every engine."""


@dataclass
class Setup:
    """One seed, ready to train.

    Args:
        seed: The seed.
        rows: Number of training examples.
        arms: The arms' names.
    """

    seed: int
    rows: int
    arms: Sequence[str]
    accounts: dict[str, Account] = field(init=False)
    """Each arm's account of the rows it was fed."""

    def __post_init__(self) -> None:
        """Open an account for each arm."""
        self.accounts = {name: Account() for name in self.arms}

    def order(self, epoch: int) -> NDArray[np.int32]:
        """Return the training rows in the order of an epoch, numbered from 1; the same for every arm."""
        return order(self.rows, self.seed, epoch)


class SeedBuiltIn(Exception):  # noqa: N818 - no error: the pair has to be built again
    """A model has more of the seed in it than weights and random states: a constant drawn when it was built, say."""


class Pair:
    """The arms of an experiment: built once in a process, and started from the same bytes for every seed.

    Args:
        arms: The arms.
        builder: Builds their trunks.
        dataset: The examples.
        task: What every head has to do.
        training: What every arm is trained with.
        seed: The seed under which the models are built. ``start`` may take another one.

    Raises:
        UsageError: The trunk or the optimizer cannot be built, or arms would share weights.
    """

    models: Sequence[ArmModel]
    """One for each arm, compiled."""

    def __init__(
        self, arms: Sequence[Arm], builder: Builder, dataset: Dataset, task: Task, training: TrainingSpec, seed: int
    ) -> None:
        self.dataset, self.task, self.training = dataset, task, training
        self._builder, self._seed = builder, seed
        self.models = [self._built(arm, seed) for arm in arms]
        _require_own_weights(self.models)

    def start(self, seed: int) -> Setup:
        """Give every arm the weights, random states and optimizer that models built anew under a seed have.

        Raises:
            UsageError: The function that builds the trunk gives another model than before.
            SeedBuiltIn: These models cannot stand for that seed.
        """
        new = self._built(self.models[0].arm, seed)
        _require_own_weights([*self.models, new])
        if seed != self._seed and not isinstance(self._builder, Trunk) and not self._trains_alike(new):
            raise SeedBuiltIn
        # The seed alone would do for layers that draw from it; copying holds for those of a user that do not.
        for model in self.models:
            _copy(new.trunk.variables, model.trunk.variables)
            _copy(new.head_variables, model.head_variables)
            _copy(new.model.optimizer.variables, model.model.optimizer.variables)
        return Setup(seed, len(self.dataset.y_train), [model.arm.name for model in self.models])

    def _trains_alike(self, new: ArmModel) -> bool:
        """Return whether the first arm, given a new model's state, has the new model's state after a step of both."""
        ours, theirs = _state(self.models[0]), _state(new)
        if [variable.shape for variable in ours] != [variable.shape for variable in theirs]:
            return False
        before = [variable.numpy() for variable in theirs]
        _assign(ours, before)
        rows = slice(self.training.batch_size)
        batch = self.dataset.x_train[rows], head.targets(self.task, self.dataset.y_train[rows])
        for model in (self.models[0], new):
            model.model.train_step(batch)
        alike = all(
            np.array_equal(one.numpy(), other.numpy(), equal_nan=True) for one, other in zip(ours, theirs, strict=True)
        )
        _assign(theirs, before)
        return alike

    def _built(self, arm: Arm, seed: int) -> ArmModel:
        _seed(seed, tensorflow=not isinstance(self._builder, Trunk))
        data = self.dataset
        inputs = Inputs(data.input_shape, str(data.x_train.dtype), self.task.num_classes, data.vocabulary_size)
        model = head.put(arm, self._builder.build(inputs), inputs, self.task, _optimizer(self.training))
        model.model.optimizer.build(model.model.trainable_variables)
        return model


class Engine(Protocol):
    """A way to train the arms of a pair, made from the pair."""

    def prepare(self) -> None:
        """Compile what training needs; the pair has to be started after."""

    def train(self, setup: Setup) -> Iterator[Progress]:
        """Train every arm of a seed, and yield how far it has come and what each epoch gave."""


def _seed(seed: int, *, tensorflow: bool) -> None:
    """Seed what layers may draw from when they are built.

    To seed TensorFlow's own generator makes it forget every compiled kernel, and compile them again takes time. The
    shipped trunks have no use for it: Keras's initializers and random layers take their seeds from Python's generator.
    """
    if tensorflow:
        keras.utils.set_random_seed(seed)
    else:
        random.seed(seed)
        np.random.seed(seed)


def _require_own_weights(models: Sequence[ArmModel]) -> None:
    variables = [id(variable) for model in models for variable in model.trunk.variables]
    if len(set(variables)) < len(variables):
        raise UsageError(
            "the models of two arms share weights: the function that builds the trunk gives the same layers twice",
            "Create every layer inside the function, so that each call gives a new model.",
        )


def _state(model: ArmModel) -> list[Any]:
    return [*model.trunk.variables, *model.head_variables, *model.model.optimizer.variables]


def _assign(variables: Sequence[Any], values: Sequence[NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


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
    except (ValueError, TypeError, KeyError) as error:
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
