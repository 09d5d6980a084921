"""Numeric columns into the float32 features a network is given."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitbench.errors import DataError


def standardise(
    train: NDArray[np.float64], val: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give every column mean 0 and standard deviation 1, by the training rows alone.

    Args:
        train: [rows, columns].
        val: [rows, columns]; takes no part in the mean and the deviation.

    Returns:
        Both, scaled. A column that is constant in training is only centred.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # as_float32 names the column
        mean = train.mean(axis=0)
        # The computed deviation of a constant column is rounding, and not always 0.
        constant = train.min(axis=0) == train.max(axis=0)
        reach = np.where(constant, 1.0, np.abs(train - mean).max(axis=0))  # divided out: squares of 1e200 overflow
        deviation = np.where(constant, 1.0, reach * ((train - mean) / reach).std(axis=0))
        return (train - mean) / deviation, (val - mean) / deviation


def as_float32(values: NDArray[Any], names: Sequence[str]) -> NDArray[np.float32]:
    """Round to float32.

    Args:
        values: [rows, columns].
        names: Name of each column.

    Raises:
        DataError: A value lies outside float32; the message names the column.
    """
    with np.errstate(over="ignore"):
        rounded = values.astype(np.float32)
    outside = ~np.isfinite(rounded).all(axis=0)
    if outside.any():
        raise DataError(
            f"column {names[int(outside.argmax())]!r} holds values too large for float32 (3.4e38)",
            "Rescale the column, or leave it out with data.features.",
        )
    return rounded
