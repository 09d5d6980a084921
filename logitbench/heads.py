"""Heads and arms: what differs between the models of a pair, and nothing else does.

A head is the last activation and the loss's ``from_logits``, together. An arm is a head as an experiment trains it.
A new arm is one entry in ``ARMS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from logitbench.errors import UsageError, did_you_mean


class LossPath(StrEnum):
    """What the backend really computes for a head. Measured from a compiled model, never assumed."""

    FUSED = "fused"
    """Cross-entropy from the pre-activation: exact for every logit."""
    CLIPPED = "clipped"
    """Probability, clipped to [epsilon, 1 - epsilon], then log: no gradient past the clip."""
    DOUBLE = "double"
    """The activation applied twice."""
    RAW = "raw"
    """Logits read as if they were probabilities."""
    OTHER = "other"
    """None of the four."""


class Activation(StrEnum):
    """The activation of a head that gives probabilities."""

    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"


OVER_BATCH = "softmax over the batch"
"""What ``check`` and ``probe`` call a softmax over axis 0."""


class Labels(StrEnum):
    """How a softmax head's labels are given to its loss."""

    SPARSE = "sparse"
    ONE_HOT = "one-hot"


@dataclass(frozen=True)
class Task:
    """What every head of an experiment has to do.

    Args:
        activation: Sigmoid for two classes on one unit, softmax for one unit a class.
        num_classes: Number of classes, at least 2.
        labels: Class numbers or one-hot rows; only a softmax head can take the latter.
    """

    activation: Activation
    num_classes: int
    labels: Labels = Labels.SPARSE

    @property
    def units(self) -> int:
        """Width of the head's output."""
        return 1 if self.activation is Activation.SIGMOID else self.num_classes

    @property
    def loss(self) -> str:
        """Name of the Keras loss class."""
        if self.activation is Activation.SIGMOID:
            return "BinaryCrossentropy"
        return "CategoricalCrossentropy" if self.labels is Labels.ONE_HOT else "SparseCategoricalCrossentropy"


@dataclass(frozen=True)
class Arm:
    """One head as trained in an experiment.

    Args:
        name: Its name on the command line and in every table.
        activated: Whether the model ends in the task's activation.
        from_logits: What the loss is told.
        recoverable: Whether the backend may take the logits back from the activation.
        intended: The loss path the arm is there to show; None where the backend decides.
        about: One line for the user.
    """

    name: str
    activated: bool
    from_logits: bool
    recoverable: bool
    intended: LossPath | None
    about: str

    @property
    def threshold(self) -> float:
        """The cut on the model's output that separates two classes as the loss does.

        0 where the output is a logit and the loss reads it as one; 0.5 where either reads it as a probability.
        """
        return 0.0 if self.from_logits and not self.activated else 0.5

    @property
    def logit_threshold(self) -> float:
        """The threshold on the pre-activation that separates two classes as ``threshold`` does on the output."""
        return 0.0 if self.activated else self.threshold


ARMS: dict[str, Arm] = {
    arm.name: arm
    for arm in (
        Arm("logits", False, True, True, LossPath.FUSED, "no activation, from_logits=True: right"),
        Arm(
            "probs",
            True,
            False,
            True,
            None,
            "sigmoid or softmax, from_logits=False, as the backend does it: right",
        ),
        Arm(
            "probs-clipped",
            True,
            False,
            False,
            LossPath.CLIPPED,
            "the same, the logits kept from the loss: clip, then log",
        ),
        Arm(
            "double",
            True,
            True,
            False,
            LossPath.DOUBLE,
            "an activation and from_logits=True: a common mistake",
        ),
        Arm("raw", False, False, True, LossPath.RAW, "no activation and from_logits=False: a common mistake"),
    )
}


def arm(name: str) -> Arm:
    """Return the arm of that name.

    Raises:
        UsageError: There is none; the hint names the nearest.
    """
    if name not in ARMS:
        raise UsageError(f"there is no arm {name!r}", did_you_mean(name, ARMS))
    return ARMS[name]
