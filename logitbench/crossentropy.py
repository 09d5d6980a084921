"""The cross-entropy that is fair to every arm: in float64, from the pre-activation logits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special


def nll(logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
    """Return the negative log-likelihood of each example, in nats, >= 0.

    It is log(1 + e^-m) of the margin m by which the label is ahead: z or -z for sigmoid, z_y - log(sum of the others'
    e^z) for softmax. No probability is formed and nothing cancels, so neither tail overflows or is lost.

    Args:
        logits: [examples, 1] of a sigmoid head, [examples, classes] of a softmax head.
        labels: [examples], class numbers from 0.

    Raises:
        ValueError: The shapes do not fit each other.
    """
    z = np.asarray(logits, dtype=np.float64)
    y = np.asarray(labels, dtype=np.int64)
    if z.ndim != 2 or y.shape != z.shape[:1]:
        raise ValueError(f"expected logits [examples, units] and labels [examples], got {z.shape} and {y.shape}")
    if z.shape[1] == 1:
        return np.asarray(np.logaddexp(0.0, np.where(y == 1, -z[:, 0], z[:, 0])))
    of_label = np.arange(z.shape[1]) == y[:, None]
    others = special.logsumexp(np.where(of_label, -np.inf, z), axis=1)
    return np.asarray(np.logaddexp(0.0, others - np.take_along_axis(z, y[:, None], axis=1)[:, 0]))
