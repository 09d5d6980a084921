"""What ``probe sweep`` is asked and finds; needs no Keras."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logitbench.errors import UsageError
from logitbench.probes.loss.records import Setting

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wanted:
    """What to sweep.

    Args:
        setting: The head and its loss; its own precision does not count.
        policies: Precisions.
        label: 1: the first unit's class is the right one; 0: it is not.
        low: Where the logit begins.
        high: Where it ends.
        points: How many there are, evenly spaced.

    Raises:
        UsageError: There is no such range.
    """

    setting: Setting
    policies: tuple[str, ...]
    label: int = 0
    low: float = -100.0
    high: float = 100.0
    points: int = 100_000

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise UsageError(f"logits should go from a lower to a higher one, got {self.low:g} to {self.high:g}")
        if self.points < 2:
            raise UsageError(f"a curve has at least 2 points, got {self.points}")
        if self.label not in (0, 1):
            raise UsageError(f"the label should be 0 or 1, got {self.label}")


@dataclass(frozen=True)
class Sweep:
    """A loss over logits in one precision, each [points].

    Args:
        policy: The precision.
        logits: The first unit's logit; the others' are 0.
        losses: As computed, in nats.
        exact: As they should be.
        errors: Relative.
        gradients: By the first unit's logit, as computed.
        slopes: As they should be.
    """

    policy: str
    logits: Floats
    losses: Floats
    exact: Floats
    errors: Floats
    gradients: Floats
    slopes: Floats
