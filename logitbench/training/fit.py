"""The reference: ``model.fit`` for each arm in turn, on the same batches. Slower, and independent of lockstep."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from logitbench.models.head import ArmModel, targets
from logitbench.records import EpochEnd, Progress, StepProgress
from logitbench.training import backend, measures
from logitbench.training.fingerprints import restored
from logitbench.training.setup import ROWS_PER_EVALUATION, Pair, Setup


class Engine:
    """Trains any seed of a pair.

    Args:
        pair: The arms.
    """

    def __init__(self, pair: Pair) -> None:
        backend.rewrite_arithmetic(True)
        self._pair = pair
        self._y_train = targets(pair.task, pair.dataset.y_train)
        self._y_val = targets(pair.task, pair.dataset.y_val)
        self._still = [StillFractions(model, pair.training.batch_size) for model in pair.models]
        self._predict = [tf.function(model.with_logits, reduce_retracing=True) for model in pair.models]

    def prepare(self) -> None:
        """Compile what training needs, by a step of each arm; the pair has to be started after."""
        for number in range(len(self._pair.models)):
            self._fit(number, np.arange(min(len(self._y_train), self._pair.training.batch_size), dtype=np.int32))

    def train(self, setup: Setup) -> Iterator[Progress]:
        """Train every arm of a seed with ``model.fit``, and yield what each epoch gave; arms take turns by epoch."""
        steps = -(-len(self._y_train) // self._pair.training.batch_size)
        losses: dict[str, float] = {}
        for epoch in range(1, self._pair.training.epochs + 1):
            records = []
            for number, model in enumerate(self._pair.models):
                began = time.perf_counter()
                order = setup.order(epoch)
                setup.accounts[model.arm.name].enter(order)
                figures = self._fit(number, order)
                losses[model.arm.name] = figures["loss"]
                records.append(measures.record(model.arm.name, epoch, figures, time.perf_counter() - began))
                yield StepProgress(setup.seed, epoch, steps, steps, dict(losses))
            yield EpochEnd(setup.seed, tuple(records))

    def _fit(self, number: int, order: NDArray[np.int32]) -> dict[str, float]:
        data, still = self._pair.dataset, self._still[number]
        x, y = data.x_train[order], self._y_train[order]
        still.begin_epoch(x, y)
        history = (
            self._pair.models[number]
            .model.fit(
                x,
                y,
                batch_size=self._pair.training.batch_size,
                shuffle=False,
                validation_data=(data.x_val, self._y_val),
                validation_batch_size=ROWS_PER_EVALUATION,
                callbacks=[still],
                verbose=0,
            )
            .history
        )
        logits = []
        with restored(self._pair.models[number]):  # some layers draw in inference too, and fit has evaluated already
            for first in range(0, len(data.x_val), ROWS_PER_EVALUATION):
                x = tf.constant(data.x_val[first : first + ROWS_PER_EVALUATION])
                logits.append(self._predict[number](x, training=False)[0].numpy())
        return {metric: values[-1] for metric, values in history.items()} | {
            **still.fractions(),
            **measures.of_logits(self._pair.models[number].arm, np.concatenate(logits), data.y_val),
        }


class StillFractions(keras.callbacks.Callback):  # type: ignore[misc]
    """Counts examples without a gradient: it runs each batch forward before its step, and leaves the model as it was.

    Args:
        model: The arm.
        batch_size: Examples a batch.
    """

    def __init__(self, model: ArmModel, batch_size: int) -> None:
        super().__init__()
        self._arm = model
        self._batch_size = batch_size
        self._count = tf.function(self._in_batch, reduce_retracing=True)

    def begin_epoch(self, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Take the epoch's examples and targets, in their order, and count from 0."""
        self._x, self._y, self._counted = x, y, np.zeros(len(measures.STILL))

    def fractions(self) -> dict[str, float]:
        """Return the shares of the epoch's examples that were so when their batch came."""
        return dict(zip(measures.STILL, (self._counted / len(self._y)).tolist(), strict=True))

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002 - Keras's
        """Count those of the batch that is about to be trained on."""
        rows = slice(batch * self._batch_size, (batch + 1) * self._batch_size)
        with restored(self._arm):
            self._counted += self._count(tf.constant(self._x[rows]), tf.constant(self._y[rows])).numpy()

    def _in_batch(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits, outputs = self._arm.with_logits(x, training=True)
            loss = self._arm.model.compute_loss(x, y, outputs, training=True)
            loss = self._arm.model.optimizer.scale_loss(loss)
        return tf.reduce_sum(measures.still(self._arm, y, outputs, tape.gradient(loss, logits)), axis=1)
