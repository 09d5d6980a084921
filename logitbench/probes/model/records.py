"""What the probe of a model finds: plain records, which need no Keras."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from logitbench.heads import Activation, LossPath


class Level(StrEnum):
    """How much a finding matters."""

    WRONG = "wrong"
    """What is computed is not what was meant."""
    RISK = "risk"
    """Right as far as it goes: it fails at large logits, in low precision, or on another backend."""
    UNKNOWN = "unknown"
    """The probe could not tell."""
    NOTE = "note"
    """Right, and worth knowing."""


@dataclass(frozen=True)
class Advice:
    """What is the matter and what to change.

    Args:
        level: How much it matters.
        output: The model's output that it is about.
        what: What was found, in sentences.
        code: Python that puts it right; empty where nothing has to change or nothing can.
        rule: Of ``logitbench check``, which says the same of source, such as ``LB101``; empty where none does.
    """

    level: Level
    output: str
    what: str
    code: str = ""
    rule: str = ""


@dataclass(frozen=True)
class LossReading:
    """What a loss computes of a head's logits.

    Args:
        path: The one whose exact value and gradient it has; None where it could not be measured.
        through: The activation in that path.
        family: The loss that it is, such as ``binary cross-entropy``; None where it is none of those known.
        labels: How it takes its labels: ``numbers`` (one a unit), ``one-hot`` or ``class numbers``.
        dead_from: The least absolute logit at which a wrong prediction has a gradient of exactly 0; None if it has one
            up to the greatest logit tried.
        broken_at: The least logit, in absolute value, of those tried at which the loss or its gradient is no number.
        why: Why it could not be measured.
    """

    path: LossPath | None
    through: Activation | None = None
    family: str | None = None
    labels: str | None = None
    dead_from: float | None = None
    broken_at: float | None = None
    why: str = ""


class Batch(StrEnum):
    """What the output of one example makes of the other examples in its batch, when only their logits change."""

    SOFTMAX = "softmax"
    """It is a softmax over the batch, and the loss is of each example alone."""
    MIXED = "mixed"
    """It depends on them in another way, or the loss may expect it."""


class Reads(StrEnum):
    """What a metric makes of a model's output."""

    CUT = "cut"
    """It is above a number or not."""
    PROBABILITIES = "probabilities"
    """Numbers from 0 to 1; past either end it sees no difference."""
    LOGITS = "logits"
    """It applies the activation itself."""
    ORDER = "order"
    """Only which unit has the greatest number."""
    CONSTANT = "constant"
    """It says the same of every output."""
    NUMBERS = "numbers"
    """The numbers as they are."""
    UNKNOWN = "unknown"
    """It could not be tried."""


@dataclass(frozen=True)
class MetricReading:
    """What a metric does to a model's output.

    Args:
        name: As Keras prints it.
        kind: Its class, or its function's name.
        reads: What it makes of the output.
        cuts: The numbers above which an output counts as the class.
        fits: Whether that fits the head; None where that cannot be said.
        why: Why it fits or not.
        code: The metric that fits; empty where it does, or where none of its kind can.
        weighted: Whether it was given as one of ``weighted_metrics``.
        other_kind: Whether it is a metric of other labels or of another head, such as of one-hot labels.
    """

    name: str
    kind: str
    reads: Reads
    cuts: tuple[float, ...] = ()
    fits: bool | None = None
    why: str = ""
    code: str = ""
    weighted: bool = False
    other_kind: bool = False


@dataclass(frozen=True)
class OutputProbe:
    """What one output of a model, its loss and its metrics compute.

    Args:
        name: The output's.
        layer: The layer that its logits arise in; None where none was found.
        units: Of that layer.
        activation: What stands between those logits and the output, told by values: ``none``, ``sigmoid``,
            ``softmax``, or the name of another; None where it could not be told.
        precision: The dtype that the activation is computed in.
        loss: The compiled loss's name; None where there is none.
        from_logits: As configured; None where the loss does not say.
        reading: What the loss computes.
        metrics: What each metric does.
        batch: Whether it depends on the other examples of a batch; None where it does not, or that is undetermined.
        given_loss: How ``compile`` is given a loss for this output: ``{}`` where there is no other output, else
            ``{"name": {}, "other": "mse"}``, or ``["mse", {}]`` where outputs have no names.
        given_metrics: How it is given metrics for this output, in the same form; the other outputs have no entry, or
            None.
    """

    name: str
    layer: str | None
    units: int | None
    activation: str | None
    precision: str | None
    loss: str | None
    from_logits: bool | None
    reading: LossReading
    metrics: tuple[MetricReading, ...] = ()
    batch: Batch | None = None
    given_loss: str = "{}"
    given_metrics: str = "{}"


@dataclass(frozen=True)
class ModelProbe:
    """What a compiled model computes, output by output.

    Args:
        backend: Keras's backend.
        keras: Its version.
        execution: How ``fit`` computes there: ``eager``, ``graph`` or ``jit``.
        outputs: One by one.
        advice: What to change, the gravest first.
        warnings: What Keras warned of meanwhile.
    """

    backend: str
    keras: str
    execution: str
    outputs: tuple[OutputProbe, ...]
    advice: tuple[Advice, ...]
    warnings: tuple[str, ...] = ()
