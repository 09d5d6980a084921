"""What a run leaves behind: the columns of a trial, what a pair must share, and the schema's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from logitbench.heads import LossPath
from logitbench.spec import AUTO, MOST_SEEDS, Name

SCHEMA_VERSION = 3
"""Every results file carries it; older ones are upgraded as they are read.

History: 1, the first. 2: a trial names its run and the digest of what that was asked, and a run its seeds.
3: ``saturated_fraction``. Optional in 3, from logitbench 0.2.0 on: ``only_class`` of an epoch, ``val_counts`` of the
dataset.
"""

METRICS = (
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "matched_accuracy",
    "val_matched_accuracy",
    "val_nll",
    "saturated_fraction",
    "dead_fraction",
)
"""What is measured of every arm at every epoch, in the order of the tables."""

MEASURED_SINCE = {"saturated_fraction": 3}
"""The schema in which a metric was new; trials of older ones have None for it."""

ONLY_CLASS = "only_class"
"""What is recorded of an arm's epoch beside its metrics; see ``EpochRecord``."""

EPOCH_COLUMNS = ("experiment", "run_id", "seed", "arm", "epoch", *METRICS, "seconds", "loss_path", "status")
"""Columns of the epoch table, one row per run, seed, arm and epoch."""

REPORTED = frozenset({"accuracy", "val_accuracy"})
"""What Keras's ``"accuracy"`` prints; its threshold does not depend on the head, so equal models may differ in it."""

LEARNED = tuple(metric for metric in METRICS if metric not in REPORTED)
"""What two arms that learned the same share to the last bit."""

Seed = Annotated[int, Field(ge=0, lt=2**63)]

EpochStatus = Literal["ok", "diverged"]


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One arm at the end of one epoch. A figure that is not a finite number is None, and the status says so.

    Args:
        arm: The arm's name.
        epoch: Number of the epoch, from 1.
        loss: Mean training loss over the epoch as Keras prints it, in nats.
        accuracy: What Keras's ``"accuracy"`` prints for the training batches, 0 to 1.
        val_loss: Validation loss as Keras prints it, in nats.
        val_accuracy: What Keras's ``"accuracy"`` prints for the validation set, 0 to 1.
        matched_accuracy: Training accuracy at the threshold that fits the head, 0 to 1.
        val_matched_accuracy: Validation accuracy at the threshold that fits the head, 0 to 1.
        val_nll: Validation cross-entropy in float64 from the pre-activation logits, in nats.
        saturated_fraction: Share of the epoch's training examples whose gradient at the pre-activation was exactly 0,
            right or wrong, 0 to 1; on a clipped loss path those are the examples past the clip. None before schema 3.
        dead_fraction: Share of them that were predicted wrong as well, 0 to 1.
        seconds: Wall time of the epoch, training and validation; arms that train in lockstep share it evenly.
        status: ``diverged`` where a figure is not a finite number.
        only_class: Number of the class that the arm predicts for every validation example; None where predictions
            differ, where it diverged, and in results written before logitbench 0.2.0.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, allow_inf_nan=False)  # for who reads it back

    arm: str
    epoch: int
    loss: float | None
    accuracy: float | None
    val_loss: float | None
    val_accuracy: float | None
    matched_accuracy: float | None
    val_matched_accuracy: float | None
    val_nll: float | None
    saturated_fraction: float | None = None
    dead_fraction: float | None
    seconds: float
    status: EpochStatus
    only_class: int | None = None


@dataclass(frozen=True)
class StepProgress:
    """How far a trial has come, for a display: not stored.

    Args:
        seed: The trial.
        epoch: Number of the epoch, from 1.
        step: Steps done in this epoch, of ``steps``.
        steps: Steps of an epoch.
        losses: Running mean loss of each arm in training, by name.
    """

    seed: int
    epoch: int
    step: int
    steps: int
    losses: Mapping[str, float]


@dataclass(frozen=True)
class EpochEnd:
    """One epoch of a trial, done: a record for each arm that trained."""

    seed: int
    records: tuple[EpochRecord, ...]


Progress = StepProgress | EpochEnd


class Stored(BaseModel):
    """A part of a results file."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fingerprints(Stored):
    """SHA-256 digests of what the arms of a seed must share, and of what came of it.

    Args:
        trunk: Initial weights of the trunk.
        head: Initial weights of the head.
        batches: The rows of every batch, in the order in which this arm was trained on them.
        dropout: Pre-activations of the first batch in training mode, before the first step: equal only if the
            dropout masks are.
        final: All weights after the last epoch. Arms need not share it; where they do, they are the same model.
    """

    trunk: str
    head: str
    batches: str
    dropout: str
    final: str


PROMISES: Mapping[str, str] = {
    "trunk": "the same initial weights of the trunk",
    "head": "the same initial weights of the head",
    "batches": "the same batches in the same order",
    "dropout": "the same dropout masks",
}
"""What the arms of a seed must share, by the fingerprint that shows it."""


class ArmRecord(Stored):
    """What is known of an arm of a trial beside its epochs."""

    loss_path: LossPath
    fingerprints: Fingerprints


class TrialRecord(Stored):
    """``trial.json``: one seed with all its arms."""

    schema_version: int
    status: Literal["finished"]
    seed: Seed
    engine: str
    device: str
    epochs: Annotated[int, Field(ge=1)]
    arms: Annotated[dict[Name, ArmRecord], Field(min_length=1)]
    warnings: tuple[str, ...]
    epochs_sha256: str
    run_id: Name | None = None
    spec_sha256: str | None = None


class FailureRecord(Stored):
    """``failed/seed-0003.json``: why a trial is not to be had."""

    schema_version: int
    seed: Seed
    kind: str
    message: str
    hint: str


class RunRecord(Stored):
    """``run.json``: what was asked, and on what it ran."""

    schema_version: int
    experiment: Name
    run_id: Name
    created: str
    spec: dict[str, Any]
    spec_sha256: str
    dataset: dict[str, Any]
    environment: dict[str, Any]
    seeds: Annotated[tuple[Seed, ...], Field(max_length=MOST_SEEDS)] | None = None

    @property
    def sequential(self) -> bool:
        """Whether seeds are added until there is a verdict."""
        return bool(self.spec.get("pairs", {}).get("seeds") == AUTO)

    @property
    def planned(self) -> tuple[int, ...]:
        """The seeds that it is to have: those that it names, or in schema 1 all that were asked for.

        Raises:
            KeyError, TypeError, ValueError: It was written by another, and names none or asks for no such number.
        """
        if self.seeds is not None:
            return self.seeds
        asked = self.spec["pairs"]["seeds"]
        if not 1 <= asked <= MOST_SEEDS:
            raise ValueError(f"{asked!r} is no number of seeds")
        return tuple(range(asked))


def broken_promises(fingerprints: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what the arms of a seed should share and do not, in words; empty for a true pair.

    Args:
        fingerprints: Digests by the name of ``PROMISES``, for each arm; a promise that none has yet is passed over.
    """
    broken = []
    for name, promise in PROMISES.items():
        digests = {arm: prints[name] for arm, prints in fingerprints.items() if name in prints}
        if len(set(digests.values())) > 1:
            broken.append(f"{promise} ({', '.join(f'{arm} {digest[:12]}' for arm, digest in digests.items())})")
    return broken
