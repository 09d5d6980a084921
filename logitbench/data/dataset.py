"""Examples as the training takes them: NumPy arrays, split, with a digest."""

import hashlib
import mmap
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitbench.spec import Section


@dataclass(frozen=True)
class Dataset:
    """A task's examples, split into training and validation.

    Args:
        x_train: [examples, ...]: int32 token numbers, 0 for padding, or float32 features.
        y_train: [examples], int32 class numbers from 0.
        x_val: As ``x_train``.
        y_val: As ``y_train``.
        classes: What each class number stands for; their count is the number of classes.
        vocabulary_size: Number of token numbers, padding and unknown included; None for features.
        notes: What the user should know, one sentence each: rows left out, for one.
    """

    x_train: NDArray[Any]
    y_train: NDArray[np.int32]
    x_val: NDArray[Any]
    y_val: NDArray[np.int32]
    classes: tuple[str, ...]
    vocabulary_size: int | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return tuple(self.x_train.shape[1:])

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def digest(self) -> str:
        """Return the SHA-256 of all that training depends on: arrays, classes, vocabulary size."""
        sha = hashlib.sha256(repr((self.classes, self.vocabulary_size)).encode())
        for array in (self.x_train, self.y_train, self.x_val, self.y_val):
            sha.update(f"{array.dtype.str}{array.shape}".encode())
            rows = max(1, LARGE * len(array) // max(1, array.nbytes))
            for first in range(0, len(array), rows):
                sha.update(np.ascontiguousarray(array[first : first + rows]).data)
                let_go(array)
        return sha.hexdigest()


LARGE = 1 << 28
"""Bytes from which a mapped array is not kept in memory; the page cache may keep it as long as there is room."""


def let_go(array: NDArray[Any]) -> None:
    """Give back the memory of a large mapped array; what is needed again is read again."""
    if array.nbytes > LARGE and isinstance(array, np.memmap) and hasattr(mmap, "MADV_DONTNEED"):
        array._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]


Notify = Callable[[str], None]
"""Takes one line for the user, on what takes time."""


class Source(Section, ABC):
    """A source's own keys of ``[data]``, and how to get its examples."""

    @abstractmethod
    def content_digest(self, notify: Notify) -> str:
        """Return a digest of the content that ``load`` would read, faster than that where possible.

        Together with the source's keys it names the cached dataset.

        Raises:
            DataError: The data cannot be had; the hint says the ways to get it.
        """

    @abstractmethod
    def load(self, notify: Notify) -> Dataset:
        """Read and vectorise the examples.

        Raises:
            DataError: The data cannot be had or used; the message says what was found.
        """
