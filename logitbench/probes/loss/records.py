"""What probes find: plain records, which need no Keras."""

from __future__ import annotations

from dataclasses import dataclass

from logitbench.heads import Activation, LossPath


@dataclass(frozen=True)
class Setting:
    """A head, its loss, and how they are computed.

    Args:
        loss: One of ``settings.OWN``, or a framework's own in ``settings.REFERENCES``.
        activation: ``sigmoid``, ``softmax``, or None for a linear head.
        from_logits: What the loss is told.
        policy: Keras's dtype policy.
        topology: One of ``settings.TOPOLOGIES``.
        execution: ``eager``, ``graph`` or ``jit``.
    """

    loss: str
    activation: str | None
    from_logits: bool
    policy: str = "float32"
    topology: str = "direct"
    execution: str = "eager"


@dataclass(frozen=True)
class Point:
    """A loss and its gradient at one logit.

    Args:
        logit: The first unit's logit; the others' are 0.
        right: Whether the label is the one that the logit's sign speaks for.
        loss: As computed, in nats; may be infinite or NaN.
        exact: As it should be, of the same logit.
        relative_error: Of the loss; infinite or NaN where the loss is.
        ulps: How far the loss is off, in units in the last place of the exact one, in the loss's own dtype.
        gradient: By the first unit's logit, as computed.
        exact_gradient: As it should be.
    """

    logit: float
    right: bool
    loss: float
    exact: float
    relative_error: float
    ulps: float
    gradient: float
    exact_gradient: float


@dataclass(frozen=True)
class LossProbe:
    """What a head and a loss compute.

    Args:
        backend: Keras's backend.
        version: Keras's version, or the framework's where the loss is its own.
        setting: The head and the loss.
        path: What is computed, told by values and gradients.
        through: The activation that is in it, where there is one.
        dtype: Of the losses.
        points: At chosen logits.
        wrong_dead_from: The least logit, in absolute value, at which a wrong prediction has a gradient of exactly 0;
            None if it has one up to the greatest logit tried.
        right_dead_from: The same of a right prediction.
        largest: The largest finite loss met.
        warnings: What Keras warned of.
    """

    backend: str
    version: str
    setting: Setting
    path: LossPath
    through: Activation | None
    dtype: str
    points: tuple[Point, ...]
    wrong_dead_from: float | None
    right_dead_from: float | None
    largest: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A setting that a backend cannot compute.

    Args:
        backend: Its name.
        setting: What it was asked.
        why: What it said.
    """

    backend: str
    setting: Setting
    why: str
