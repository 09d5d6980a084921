"""Which examples are for training and which for validation."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from logitbench.errors import DataError

ValidationSplit = Annotated[float, Field(gt=0, lt=1)]
"""Share of the examples kept for validation."""

SplitSeed = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""Seed of the split; not a seed of the training."""


def shuffled(examples: int, validation: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Shuffle and keep the last for validation, as ``keras.utils.text_dataset_from_directory`` does.

    ``RandomState`` because Keras uses it, and because NumPy promises never to change its stream.

    Args:
        examples: How many there are.
        validation: How many of them are for validation.
        seed: Seed of the shuffle.

    Returns:
        Positions of the training examples and of the validation examples, shuffled.

    Raises:
        DataError: One side would be empty.
    """
    if not 0 < validation < examples:
        raise DataError(
            f"{examples} examples cannot be split: {examples - validation} would be for training and "
            f"{validation} for validation",
            "Give more examples, or set data.validation_split so that both sides get some.",
        )
    order = np.arange(examples)
    np.random.RandomState(seed).shuffle(order)
    return order[:-validation], order[-validation:]


def stratified(labels: NDArray[np.int32], share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Split so that every class has about its share, and at least one example, on each side.

    Args:
        labels: [examples], class numbers from 0; each class has at least 2 examples.
        share: Share of each class for validation.
        seed: Seed of the choice.

    Returns:
        Positions of the training examples and of the validation examples, shuffled.
    """
    order = np.random.RandomState(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    counts = np.bincount(labels)
    wanted = np.clip(np.rint(counts * share).astype(np.intp), 1, counts - 1)
    rank = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    chosen = np.zeros(len(labels), bool)
    chosen[by_class[rank < np.repeat(wanted, counts)]] = True
    return order[~chosen[order]], order[chosen[order]]
