"""Which rows make up which batch: the same for every arm of a seed."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def order(rows: int, seed: int, epoch: int) -> NDArray[np.int32]:
    """Return all rows in the order in which an epoch takes them, [rows]; seed and epoch alone decide it."""
    return np.random.default_rng([seed, epoch]).permutation(rows).astype(np.int32)


class Account:
    """Digests the rows that an arm is trained on, as they are fed to it."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def enter(self, rows: NDArray[np.int32]) -> None:
        """Enter rows in the order in which they are fed."""
        self._digest.update(rows.tobytes())

    @property
    def digest(self) -> str:
        """SHA-256 of every row entered so far, in order."""
        return self._digest.hexdigest()
