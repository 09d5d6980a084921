"""Which rows make up which batch: the same for every arm of a seed."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


class Batches:
    """The order of the training rows, epoch by epoch, and a digest of what was taken.

    Args:
        rows: Number of training examples.
        seed: The trial; with the epoch it alone decides the order.
    """

    def __init__(self, rows: int, seed: int) -> None:
        self._rows = rows
        self._seed = seed
        self._digest = hashlib.sha256()

    def take(self, epoch: int) -> NDArray[np.int32]:
        """Return all rows in the order of an epoch, numbered from 1, and enter them into the digest."""
        order = np.random.default_rng([self._seed, epoch]).permutation(self._rows).astype(np.int32)
        self._digest.update(order.tobytes())
        return order

    @property
    def digest(self) -> str:
        """SHA-256 of every row taken so far, in order."""
        return self._digest.hexdigest()
