"""The one place that puts an arm on a trunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from logitbench.errors import UsageError
from logitbench.heads import Activation, Arm, Labels, Task
from logitbench.models.trunk import Inputs

PRE_ACTIVATION = "pre_activation"


@dataclass(frozen=True)
class ArmModel:
    """A trunk with an arm on it, compiled.

    Args:
        arm: The arm.
        task: What the head has to do.
        trunk: From examples to features.
        model: From examples to the head's output; compiled.
        with_logits: From examples to [pre-activation logits, the head's output]; the same layers as ``model``.
        head: From pre-activation logits to the head's output; the same layers again.
    """

    arm: Arm
    task: Task
    trunk: keras.Model
    model: keras.Model
    with_logits: keras.Model
    head: keras.Model

    @property
    def head_variables(self) -> list[Any]:
        """Weights of the head."""
        return list(self.model.get_layer(PRE_ACTIVATION).variables)


def put(arm: Arm, trunk: keras.Model, inputs: Inputs, task: Task, optimizer: keras.optimizers.Optimizer) -> ArmModel:
    """Put an arm on a trunk and compile it with the task's loss and its accuracies.

    Raises:
        UsageError: The trunk's output is not [batch, features].
    """
    examples = keras.Input(inputs.shape, dtype=inputs.dtype)
    features = trunk(examples)
    _require_features(features)
    activation = _activation_layers(arm, task)
    logits = keras.layers.Dense(task.units, name=PRE_ACTIVATION)(features)
    outputs = _chain(activation, logits)
    model = keras.Model(examples, outputs, name="arm")
    model.compile(
        optimizer=optimizer,
        loss=getattr(keras.losses, task.loss)(from_logits=arm.from_logits),
        metrics=["accuracy", _matched_accuracy(arm, task)],
    )
    alone = keras.Input((task.units,), dtype=logits.dtype)
    return ArmModel(
        arm=arm,
        task=task,
        trunk=trunk,
        model=model,
        with_logits=keras.Model(examples, [logits, outputs]),
        head=keras.Model(alone, _chain(activation, alone)),
    )


def targets(task: Task, labels: NDArray[Any]) -> NDArray[Any]:
    """Return class numbers [examples] as the task's loss takes them.

    float32 [examples, 1] for sigmoid; for softmax one-hot rows [examples, classes], or the numbers as they are.
    """
    if task.activation is Activation.SIGMOID:
        return labels.astype(np.float32)[:, None]
    if task.labels is Labels.ONE_HOT:
        rows: NDArray[Any] = np.eye(task.num_classes, dtype=np.float32)[labels]
        return rows
    return labels


def _activation_layers(arm: Arm, task: Task) -> list[keras.layers.Layer]:
    layers = []
    if arm.activated:
        layers.append(keras.layers.Activation(str(task.activation), name="activation"))
    if not arm.recoverable:
        # A layer between activation and loss that changes no value: backends lose sight of the logits behind it.
        layers.append(keras.layers.Reshape((task.units,), name="keep_logits_from_loss"))
    return layers


def _chain(layers: list[keras.layers.Layer], tensor: Any) -> Any:
    for layer in layers:
        tensor = layer(tensor)
    return tensor


def _matched_accuracy(arm: Arm, task: Task) -> keras.metrics.Metric:
    if task.activation is Activation.SIGMOID:
        return keras.metrics.BinaryAccuracy(threshold=arm.threshold, name="matched_accuracy")
    sparse = task.loss == "SparseCategoricalCrossentropy"
    metric = keras.metrics.SparseCategoricalAccuracy if sparse else keras.metrics.CategoricalAccuracy
    return metric(name="matched_accuracy")


def _require_features(features: Any) -> None:
    if isinstance(features, list | dict | tuple) or len(features.shape) != 2:
        got = "several outputs" if isinstance(features, list | dict | tuple) else f"the shape {tuple(features.shape)}"
        raise UsageError(
            f"a model without its head should give [batch, features], got {got}",
            "End it with Flatten or a pooling layer.",
        )
