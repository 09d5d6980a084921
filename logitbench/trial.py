"""One seed with all its arms: prove the pair, measure the loss paths, train, publish."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from logitbench import keras_settings, tables
from logitbench.data.cache import open_dataset
from logitbench.errors import PairingError, UsageError
from logitbench.heads import ARMS, Activation, LossPath, Task
from logitbench.keras_settings import DEFAULTS, KerasSettings
from logitbench.models.choice import trunk
from logitbench.models.user import UserTrunk
from logitbench.records import (
    SCHEMA_VERSION,
    ArmRecord,
    EpochEnd,
    Fingerprints,
    Progress,
    TrialRecord,
    broken_promises,
)
from logitbench.spec import ExperimentSpec, HeadSpec
from logitbench.store import TrialWriter
from logitbench.training import ENGINES, backend

if TYPE_CHECKING:
    from logitbench.training.fingerprints import DropoutProof
    from logitbench.training.setup import Engine, Pair, Setup


@dataclass(frozen=True)
class TrialJob:
    """All that a process needs to run a trial.

    Args:
        spec: The experiment.
        seed: The trial.
        dataset: Folder of the prepared dataset.
        run: Folder of the run.
        keras: The settings of Keras that it is trained with.
    """

    spec: ExperimentSpec
    seed: int
    dataset: Path
    run: Path
    keras: KerasSettings = DEFAULTS


def keras_settings_of(spec: ExperimentSpec) -> KerasSettings:
    """Return the settings of Keras for an experiment: the user's own for a user's model, Keras's defaults otherwise.

    Raises:
        UsageError: Keras's settings file has a value that Keras refuses.
    """
    of_user = keras_settings.read()
    return of_user if isinstance(trunk(spec.model), UserTrunk) else DEFAULTS


def task_of(head: HeadSpec, num_classes: int) -> Task:
    """Return what the heads have to do for so many classes.

    Raises:
        UsageError: A sigmoid head is asked for, and there are more than two classes.
    """
    fitting = Activation.SIGMOID if num_classes == 2 else Activation.SOFTMAX
    activation = fitting if head.activation == "auto" else Activation(head.activation)
    if activation is Activation.SIGMOID and num_classes > 2:
        raise UsageError(
            f"head.activation = 'sigmoid' is for two classes, and the data has {num_classes}",
            "Use head.activation = 'softmax' or leave it out.",
        )
    return Task(activation, num_classes, head.labels)


class Trainer:
    """Trains trials one after another in this process; what their seeds have in common is built once."""

    def __init__(self) -> None:
        self._ready: _Ready | None = None

    def run(self, job: TrialJob, report: Callable[[Progress], None]) -> None:
        """Train every arm of a seed and publish the trial.

        Args:
            job: The trial.
            report: Told how far it has come.

        Raises:
            LogitbenchError: It cannot be trained; nothing is published.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ready, setup = self._started(job)
            prints = _initial_fingerprints(ready, setup)
            with TrialWriter(job.run, job.seed) as writer:
                for progress in ready.engine.train(setup):
                    if isinstance(progress, EpochEnd):
                        writer.append(progress.records)
                    report(progress)
                prints = _final_fingerprints(ready, setup, prints)
                arms = {
                    name: ArmRecord(loss_path=ready.paths[name], fingerprints=Fingerprints(**prints[name]))
                    for name in prints
                }
                warned = dict.fromkeys((*_unintended(ready.paths), *ready.warned, *_worth_keeping(caught)))
                writer.publish(_record(job, arms, tuple(warned), writer))

    def _started(self, job: TrialJob) -> tuple[_Ready, Setup]:
        from logitbench.training.setup import SeedBuiltIn

        ready = self._ready if self._ready and self._ready.serves(job) else self._make_ready(job)
        try:
            return ready, ready.pair.start(job.seed)
        except SeedBuiltIn:
            ready = self._make_ready(job)
            return ready, ready.pair.start(job.seed)

    def _make_ready(self, job: TrialJob) -> _Ready:
        if self._ready:
            self._ready = None  # frees its memory before the next takes as much
            backend.forget()
        self._ready = _ready(job)
        return self._ready


def validation_logits(spec: ExperimentSpec, seed: int, dataset: Path, rows: int) -> NDArray[np.float64]:
    """Train the first arm of an experiment in this process, and keep nothing of it but what it says in the end.

    Args:
        spec: The experiment.
        seed: The seed.
        dataset: Folder of the prepared dataset.
        rows: How many validation examples, spread evenly over all of them.

    Returns:
        Pre-activation logits, [rows, units].
    """
    with backend.unheard():
        ready = _ready(TrialJob(spec, seed, dataset, run=Path(), keras=keras_settings_of(spec)))
        for _ in ready.engine.train(ready.pair.start(seed)):
            pass
    x = ready.pair.dataset.x_val
    spread = np.linspace(0, len(x) - 1, min(rows, len(x))).astype(np.intp)
    logits, _ = ready.pair.models[0].with_logits(x[spread], training=False)
    return np.asarray(logits, np.float64)


@dataclass
class _Ready:
    """Models, compiled functions and measurements that serve every seed, and what was warned of in compiling."""

    spec: ExperimentSpec
    dataset: Path
    keras: KerasSettings
    pair: Pair
    engine: Engine
    dropout: DropoutProof
    paths: dict[str, LossPath]
    warned: list[str]

    def serves(self, job: TrialJob) -> bool:
        return (self.spec, self.dataset, self.keras) == (job.spec, job.dataset, job.keras)


def _ready(job: TrialJob) -> _Ready:
    training = job.spec.training
    backend.start(deterministic=training.deterministic, precision=training.precision, settings=job.keras)
    from logitbench.training import losspath
    from logitbench.training.fingerprints import DropoutProof
    from logitbench.training.setup import Pair

    dataset = open_dataset(job.dataset)
    arms = [ARMS[name] for name in job.spec.pairs.arms]
    task = task_of(job.spec.head, dataset.num_classes)
    pair = Pair(arms, trunk(job.spec.model), dataset, task, training, job.seed)
    engine: Engine = tables.load(ENGINES[training.engine])(pair)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        paths = {model.arm.name: losspath.measure(model) for model in pair.models}
        engine.prepare()
    return _Ready(
        job.spec, job.dataset, job.keras, pair, engine, DropoutProof(pair.models), paths, _worth_keeping(caught)
    )


def _record(job: TrialJob, arms: dict[str, ArmRecord], warned: tuple[str, ...], writer: TrialWriter) -> TrialRecord:
    return TrialRecord(
        schema_version=SCHEMA_VERSION,
        status="finished",
        seed=job.seed,
        engine=job.spec.training.engine,
        device=backend.device(),
        epochs=job.spec.training.epochs,
        arms=arms,
        warnings=warned,
        epochs_sha256=writer.epochs_sha256,
        run_id=writer.run.run_id,
        spec_sha256=writer.run.spec_sha256,
    )


def _initial_fingerprints(ready: _Ready, setup: Setup) -> dict[str, dict[str, str]]:
    from logitbench.training.fingerprints import digest_variables

    pair = ready.pair
    first_batch = pair.dataset.x_train[setup.order(epoch=1)[: pair.training.batch_size]]
    return _require_pair(
        {
            model.arm.name: {
                "trunk": digest_variables(model.trunk.variables),
                "head": digest_variables(model.head_variables),
                "dropout": dropout,
            }
            for model, dropout in zip(pair.models, ready.dropout.digests(first_batch), strict=True)
        }
    )


def _final_fingerprints(ready: _Ready, setup: Setup, initial: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    from logitbench.training.fingerprints import digest_variables

    return _require_pair(
        {
            model.arm.name: {
                **initial[model.arm.name],
                "batches": setup.accounts[model.arm.name].digest,
                "final": digest_variables(model.model.weights),
            }
            for model in ready.pair.models
        }
    )


def _require_pair(fingerprints: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    if broken := broken_promises(fingerprints):
        raise PairingError(
            f"the arms of this seed are no pair: they do not have {' nor '.join(broken)}",
            "Dropout masks differ where a layer draws random numbers that no seed of Keras controls, tf.nn.dropout for "
            "one: use Keras's layers, or a keras.random.SeedGenerator. For the other promises, please report it.",
        )
    return fingerprints


def _unintended(paths: dict[str, LossPath]) -> list[str]:
    return [
        f"the arm {name} is there to show the loss path {ARMS[name].intended}, and {path} was measured"
        for name, path in paths.items()
        if ARMS[name].intended not in (None, path)
    ]


def _worth_keeping(caught: list[warnings.WarningMessage]) -> list[str]:
    """Return what was warned of, once each, without what is meant for the authors of libraries."""
    for_authors = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
    return list(dict.fromkeys(str(one.message) for one in caught if not issubclass(one.category, for_authors)))
