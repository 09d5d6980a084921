"""All arms of a seed in lockstep: one compiled function takes a batch and steps every arm on it.

Layers, loss, optimizer and metrics are Keras's own. The arms cannot see different batches: there is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from logitbench.models.head import ArmModel, targets
from logitbench.records import EpochEnd, Progress, StepProgress
from logitbench.training import measures
from logitbench.training.setup import ROWS_PER_EVALUATION, Setup

STEPS_PER_CALL = 64
"""Steps between two reports of progress; each report costs a return from the compiled function to Python."""


@dataclass(frozen=True)
class _Arm:
    model: ArmModel
    dead: keras.metrics.Mean


def train(setup: Setup) -> Iterator[Progress]:
    """Train every arm of a seed, and yield how far it has come and what each epoch gave."""
    arms = [_Arm(model, keras.metrics.Mean()) for model in setup.arms]
    data = setup.dataset
    x_val, y_val = tf.constant(data.x_val), tf.constant(targets(setup.task, data.y_val))
    _build_state(arms, x_val[:1], y_val[:1])
    train_on = _training_function(arms, data.x_train, targets(setup.task, data.y_train), setup.training.batch_size)
    evaluate = _evaluation_function(arms)
    steps = -(-len(data.y_train) // setup.training.batch_size)
    rows_per_call = STEPS_PER_CALL * setup.training.batch_size
    for epoch in range(1, setup.training.epochs + 1):
        began = time.perf_counter()
        _reset(arms)
        order = setup.order(epoch)
        for call, first in enumerate(range(0, len(order), rows_per_call), start=1):
            rows = order[first : first + rows_per_call]
            train_on(tf.constant(rows))
            for account in setup.accounts.values():
                account.enter(rows)
            losses = {arm.model.arm.name: float(arm.model.model.metrics[0].result()) for arm in arms}
            yield StepProgress(setup.seed, epoch, min(call * STEPS_PER_CALL, steps), steps, losses)
        trained = [_figures(arm) for arm in arms]
        _reset(arms)
        logits = _validation_logits(evaluate, x_val, y_val)
        seconds = (time.perf_counter() - began) / len(arms)
        yield EpochEnd(
            setup.seed,
            tuple(
                measures.record(
                    arm.model.arm.name,
                    epoch,
                    figures
                    | {f"val_{name}": value for name, value in _figures(arm).items()}
                    | {"val_nll": measures.mean_nll(rows, data.y_val)},
                    seconds,
                )
                for arm, figures, rows in zip(arms, trained, logits, strict=True)
            ),
        )


def _build_state(arms: list[_Arm], x: Any, y: Any) -> None:
    """Create the variables of optimizers, losses and metrics, which a compiled function may not."""
    for arm in arms:
        keras_model = arm.model.model
        keras_model.optimizer.build(keras_model.trainable_variables)
        outputs = keras_model(x, training=False)
        keras_model.compute_loss(x, y, outputs, training=False)
        keras_model.compute_metrics(x, y, outputs)


def _training_function(
    arms: list[_Arm], x_train: NDArray[Any], y_train: NDArray[Any], batch_size: int
) -> Callable[[Any], None]:
    x_all, y_all = tf.constant(x_train), tf.constant(y_train)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)], autograph=False)  # type: ignore[untyped-decorator]
    def train_on(rows: Any) -> None:
        def step(first: Any) -> Any:
            batch = rows[first : first + batch_size]
            x, y = tf.gather(x_all, batch), tf.gather(y_all, batch)
            for arm in arms:
                _step(arm, x, y)
            return first + batch_size

        tf.while_loop(lambda first: first < tf.size(rows), step, [tf.constant(0)], parallel_iterations=1)

    return train_on  # type: ignore[no-any-return]


def _step(arm: _Arm, x: Any, y: Any) -> None:
    """Do what ``keras.Model.train_step`` does, and take the gradient at the pre-activation too."""
    keras_model = arm.model.model
    with tf.GradientTape() as tape:
        logits, outputs = arm.model.with_logits(x, training=True)
        loss = keras_model.compute_loss(x, y, outputs, training=True)
        scaled_loss = keras_model.optimizer.scale_loss(loss)
    variables = keras_model.trainable_variables
    *gradients, by_logits = tape.gradient(scaled_loss, [*variables, logits])
    keras_model.optimizer.apply_gradients(zip(gradients, variables, strict=True))
    _account(arm, x, y, outputs, loss)
    arm.dead.update_state(measures.dead(arm.model, y, outputs, by_logits))


def _evaluation_function(arms: list[_Arm]) -> Callable[[Any, Any], list[Any]]:
    @tf.function(reduce_retracing=True, autograph=False)  # type: ignore[untyped-decorator]
    def evaluate(x: Any, y: Any) -> list[Any]:
        rows = []
        for arm in arms:
            logits, outputs = arm.model.with_logits(x, training=False)
            _account(arm, x, y, outputs, arm.model.model.compute_loss(x, y, outputs, training=False))
            rows.append(logits)
        return rows

    return evaluate  # type: ignore[no-any-return]


def _account(arm: _Arm, x: Any, y: Any, outputs: Any, loss: Any) -> None:
    """Update the metrics that Keras prints; the first of them is the loss, weighted by batch size."""
    loss_tracker, *_ = arm.model.model.metrics
    loss_tracker.update_state(loss, sample_weight=tf.shape(outputs)[0])
    arm.model.model.compute_metrics(x, y, outputs)


def _validation_logits(evaluate: Callable[[Any, Any], list[Any]], x: Any, y: Any) -> list[NDArray[Any]]:
    """Evaluate every arm on the validation set and return its logits, [examples, units] each."""
    parts = [
        [logits.numpy() for logits in evaluate(x[i : i + ROWS_PER_EVALUATION], y[i : i + ROWS_PER_EVALUATION])]
        for i in range(0, len(x), ROWS_PER_EVALUATION)
    ]
    return [np.concatenate(chunks) for chunks in zip(*parts, strict=True)]


def _reset(arms: list[_Arm]) -> None:
    for arm in arms:
        arm.model.model.reset_metrics()
        arm.dead.reset_state()


def _figures(arm: _Arm) -> dict[str, float]:
    """Return what Keras would print now, and the dead fraction."""
    results = arm.model.model.get_metrics_result() | {"dead_fraction": arm.dead.result()}
    return {name: float(value) for name, value in results.items()}
