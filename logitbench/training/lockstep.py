"""All arms of a seed in lockstep: one compiled function takes a batch and steps every arm on it.

Layers, loss, optimizer and metrics are Keras's own. The arms cannot see different batches: there is one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from logitbench.data.dataset import let_go
from logitbench.models.head import ArmModel, targets
from logitbench.records import EpochEnd, Progress, StepProgress
from logitbench.training import backend, measures
from logitbench.training.gradients import fast_sums
from logitbench.training.masks import SharedMasks
from logitbench.training.setup import ROWS_PER_EVALUATION, Pair, Setup

STEPS_PER_CALL = 64
"""Steps between two reports of progress; each report costs a return from the compiled function to Python."""


class Engine:
    """Trains any seed of a pair.

    Args:
        pair: The arms; their training step is compiled once.
    """

    def __init__(self, pair: Pair) -> None:
        backend.rewrite_arithmetic(False)
        self._pair = pair
        self._y_train = targets(pair.task, pair.dataset.y_train)
        self._y_val = targets(pair.task, pair.dataset.y_val)
        self._arms = [_Arm(model) for model in pair.models]
        for arm in self._arms:
            arm.build_state(pair.dataset.x_val[:1], self._y_val[:1])
        self._masks = SharedMasks([model.trunk for model in pair.models])
        # The batch size is a constant in each function: TensorFlow knows every shape.
        self._train_on = {size: self._training_function(size) for size in self._batch_sizes()}
        self._evaluate = self._evaluation_function()

    def prepare(self) -> None:
        """Compile what training needs, by a step of every arm; the pair has to be started after."""
        data = self._pair.dataset
        for size, train_on in self._train_on.items():
            train_on(tf.constant(data.x_train[:size]), tf.constant(self._y_train[:size]))
        self._evaluate(tf.constant(data.x_val[:1]), tf.constant(self._y_val[:1]))

    def train(self, setup: Setup) -> Iterator[Progress]:
        """Train every arm of a seed, and yield how far it has come and what each epoch gave."""
        for epoch in range(1, self._pair.training.epochs + 1):
            began = time.perf_counter()
            for arm in self._arms:
                arm.reset()
            yield from self._train_epoch(setup, epoch)
            trained = [arm.figures() for arm in self._arms]
            for arm in self._arms:
                arm.reset()
            logits = self._evaluate_all()
            seconds = (time.perf_counter() - began) / len(self._arms)
            yield EpochEnd(
                setup.seed,
                tuple(
                    measures.record(
                        arm.name,
                        epoch,
                        figures
                        | {f"val_{name}": value for name, value in arm.figures().items()}
                        | measures.of_logits(arm.model.arm, rows, self._pair.dataset.y_val),
                        seconds,
                    )
                    for arm, figures, rows in zip(self._arms, trained, logits, strict=True)
                ),
            )

    def _train_epoch(self, setup: Setup, epoch: int) -> Iterator[StepProgress]:
        batch_size = self._pair.training.batch_size
        order = setup.order(epoch)
        steps = -(-len(order) // batch_size)
        whole = len(order) - len(order) % batch_size
        ends = [*range(0, whole, STEPS_PER_CALL * batch_size), whole, len(order)]
        for first, end in pairwise(dict.fromkeys(ends)):
            rows = order[first:end]
            x = self._pair.dataset.x_train[rows]
            let_go(self._pair.dataset.x_train)
            train_on = self._train_on[min(batch_size, len(rows))]
            losses = train_on(tf.constant(x), tf.constant(self._y_train[rows]))
            for account in setup.accounts.values():
                account.enter(rows)
            named = {arm.name: float(loss) for arm, loss in zip(self._arms, losses, strict=True)}
            yield StepProgress(setup.seed, epoch, -(-end // batch_size), steps, named)

    def _evaluate_all(self) -> list[NDArray[Any]]:
        """Evaluate every arm on the validation set and return its logits, [examples, units] each."""
        x, y = self._pair.dataset.x_val, self._y_val
        parts = []
        for first in range(0, len(x), ROWS_PER_EVALUATION):
            rows = slice(first, first + ROWS_PER_EVALUATION)
            parts.append([logits.numpy() for logits in self._evaluate(tf.constant(x[rows]), tf.constant(y[rows]))])
            let_go(x)
        return [np.concatenate(chunks) for chunks in zip(*parts, strict=True)]

    def _batch_sizes(self) -> set[int]:
        """Return the sizes of an epoch's batches: the last may be shorter, or the only one."""
        batch_size, rows = self._pair.training.batch_size, len(self._y_train)
        return {min(batch_size, rows), rows % batch_size} - {0}

    def _training_function(self, batch_size: int) -> Any:
        @tf.function(input_signature=self._signature(), autograph=False)  # type: ignore[untyped-decorator]
        def train_on(x: Any, y: Any) -> list[Any]:
            """Step every arm through whole batches of examples, and return each arm's mean loss so far."""
            steps = tf.shape(y)[0] // batch_size

            def step(number: Any, logs: list[_Log]) -> tuple[Any, list[_Log]]:
                x_batch, y_batch = (_batch(array, number, batch_size) for array in (x, y))
                written = []
                with self._masks.drawn_once() as next_arm, fast_sums():
                    for arm, log in zip(self._arms, logs, strict=True):
                        next_arm()
                        values = arm.step(x_batch, y_batch)
                        written.append([array.write(number, value) for array, value in zip(log, values, strict=True)])
                return number + 1, written

            _, logs = tf.while_loop(
                lambda number, _: number < steps,
                step,
                [tf.constant(0), [_log(arm.model, steps, batch_size) for arm in self._arms]],
                parallel_iterations=1,
            )
            for arm, (losses, outputs, by_logits) in zip(self._arms, logs, strict=True):
                arm.account(losses.stack(), float(batch_size), y, outputs.concat())
                arm.account_still(y, outputs.concat(), by_logits.concat())
            return [arm.mean_loss() for arm in self._arms]

        return train_on

    def _evaluation_function(self) -> Any:
        @tf.function(input_signature=self._signature(), autograph=False)  # type: ignore[untyped-decorator]
        def evaluate(x: Any, y: Any) -> list[Any]:
            """Enter examples into every arm's account and return each arm's logits."""
            rows = []
            for arm in self._arms:
                logits, outputs = arm.model.with_logits(x, training=False)
                loss = arm.model.model.compute_loss(x, y, outputs, training=False)
                arm.account(loss, tf.cast(tf.shape(y)[0], tf.float32), y, outputs)
                rows.append(logits)
            return rows

        return evaluate

    def _signature(self) -> list[tf.TensorSpec]:
        return [
            tf.TensorSpec([None, *array.shape[1:]], array.dtype)
            for array in (self._pair.dataset.x_train, self._y_train)
        ]


class _Arm:
    """An arm and its accounts of an epoch.

    Args:
        model: The arm.
    """

    def __init__(self, model: ArmModel) -> None:
        self.model = model
        self.name = model.arm.name
        self._still = [keras.metrics.Mean() for _ in measures.STILL]

    def build_state(self, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Create the variables of losses and metrics, which a compiled function may not."""
        keras_model = self.model.model
        outputs = keras_model(x, training=False)
        keras_model.compute_loss(x, y, outputs, training=False)
        keras_model.compute_metrics(x, y, outputs)

    def reset(self) -> None:
        """Begin an account."""
        self.model.model.reset_metrics()
        for share in self._still:
            share.reset_state()

    def step(self, x: Any, y: Any) -> tuple[Any, Any, Any]:
        """Do what ``keras.Model.train_step`` does; return loss, outputs and the loss's gradient by the logits."""
        keras_model = self.model.model
        with tf.GradientTape() as tape:
            logits, outputs = self.model.with_logits(x, training=True)
            loss = keras_model.compute_loss(x, y, outputs, training=True)
            scaled_loss = keras_model.optimizer.scale_loss(loss)
        variables = keras_model.trainable_variables
        *gradients, by_logits = tape.gradient(scaled_loss, [*variables, logits])
        keras_model.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss, outputs, by_logits

    def account(self, losses: Any, examples: Any, y: Any, outputs: Any) -> None:
        """Enter the losses of batches of so many examples each, [] or [batches], and the outputs of them all."""
        loss_tracker, *_ = self.model.model.metrics
        loss_tracker.update_state(losses, sample_weight=examples * tf.ones_like(losses))
        self.model.model.compute_metrics(None, y, outputs)

    def account_still(self, y: Any, outputs: Any, by_logits: Any) -> None:
        """Enter which examples have no gradient."""
        examples = tf.unstack(measures.still(self.model, y, outputs, by_logits))
        for share, of_examples in zip(self._still, examples, strict=True):
            share.update_state(of_examples)

    def mean_loss(self) -> Any:
        """Return the mean loss of the examples entered."""
        return self.model.model.metrics[0].result()

    def figures(self) -> dict[str, float]:
        """Return what Keras would print now, and the shares of examples without a gradient."""
        shares = {name: share.result() for name, share in zip(measures.STILL, self._still, strict=True)}
        results = self.model.model.get_metrics_result() | shares
        return {name: float(value) for name, value in results.items()}


_Log = list[Any]
"""Of each step: loss [], outputs [batch, units] and gradients by logits [batch, units], as ``tf.TensorArray``."""


def _log(model: ArmModel, steps: Any, batch_size: int) -> _Log:
    logits, outputs = model.with_logits.outputs
    return [
        tf.TensorArray(tf.float32, steps, element_shape=[]),
        tf.TensorArray(outputs.dtype, steps, element_shape=[batch_size, model.task.units]),
        tf.TensorArray(logits.dtype, steps, element_shape=[batch_size, model.task.units]),
    ]


def _batch(array: Any, number: Any, batch_size: int) -> Any:
    batch = array[number * batch_size : (number + 1) * batch_size]
    return tf.ensure_shape(batch, [batch_size, *array.shape[1:]])
