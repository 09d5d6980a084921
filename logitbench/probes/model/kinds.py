"""Metrics of other labels than the loss takes, or of another head: which one of Keras's fits instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from logitbench.probes.model.asking import Tried
from logitbench.probes.model.configured import config_of, defaults_of

METRICS = keras.metrics

SPARSE = {
    METRICS.CategoricalAccuracy: METRICS.SparseCategoricalAccuracy,
    METRICS.TopKCategoricalAccuracy: METRICS.SparseTopKCategoricalAccuracy,
    METRICS.CategoricalCrossentropy: METRICS.SparseCategoricalCrossentropy,
}
"""The metrics of one-hot labels, and those of class numbers that count the same."""

ONE_HOT = {of_numbers: of_rows for of_rows, of_numbers in SPARSE.items()}

MOST_CLASSES = 12
"""Of how many classes labels are tried."""


def counterparts(asked: Any, units: int, labels: str, activation: str | None) -> Iterator[Any]:
    """Yield metrics of Keras that count what a metric of Keras is meant to count, for these labels and this head.

    Args:
        asked: As ``compile`` was given it.
        units: Of the output.
        labels: How the loss takes its labels.
        activation: The head's.
    """
    metric = METRICS.get(asked) if isinstance(asked, str) else asked
    if not isinstance(metric, METRICS.Metric):
        return
    kind, config = type(metric), config_of(metric)
    if kind is METRICS.MeanIoU and units > 1:
        yield _made(kind, {**config, "sparse_y_true": labels == "class numbers", "sparse_y_pred": False})
    elif kind in {METRICS.Accuracy, METRICS.BinaryAccuracy}:
        if units == 1:
            yield _made(METRICS.BinaryAccuracy, {**config, "threshold": 0.0 if activation == "none" else 0.5})
        else:
            yield _made(
                METRICS.SparseCategoricalAccuracy if labels == "class numbers" else METRICS.CategoricalAccuracy, config
            )
    elif other := (SPARSE if labels == "class numbers" else ONE_HOT).get(kind):
        yield _made(other, config)


def _made(kind: Any, config: dict[str, Any]) -> Any:
    """Make a metric with the settings that another one has too; a name that nobody chose is left out."""
    known = {"num_classes", *defaults_of(kind.__init__)} - {"name", "dtype"}
    kept = {key: value for key, value in config.items() if key in known}
    return kind(**kept) if config.get("name") in USUAL_NAMES else kind(**kept, name=config.get("name"))


USUAL_NAMES = {kind().name for kind in (*SPARSE, *ONE_HOT, METRICS.Accuracy, METRICS.BinaryAccuracy)}


def ignores_labels(tried: Tried, units: int) -> bool:
    """Return whether a metric says the same of outputs, whatever their labels are: the right ones or others."""
    classes = np.arange(min(max(units, 2), MOST_CLASSES))
    if units == 1:
        ranks, truths = classes[:, None], [classes[:, None], 1 - classes[:, None]]
    else:
        ranks = -((np.arange(units) - classes[:, None]) % units)  # 0 for its own class, and least for the one before
        truths = [_one_hot((classes - back) % units, units) for back in (0, 1, units // 2)]
    shares = (ranks - ranks.min()) / (ranks.max() - ranks.min())
    return all(
        np.allclose(said[0], other, rtol=1e-5, equal_nan=True)
        for outputs in (6 * shares - 3, 0.05 + 0.9 * shares)
        for said in [[tried.says(truth, outputs) for truth in truths]]
        for other in said[1:]
    )


def _one_hot(classes: NDArray[Any], units: int) -> NDArray[Any]:
    rows = np.zeros((len(classes), units))
    rows[np.arange(len(classes)), classes] = 1
    return rows


def counts_each_unit(tried: Tried, units: int) -> bool:
    """Return whether a metric counts a wrong class as right in all units but two: so does a binary accuracy.

    Of three units, it says 33 % of predictions that are all wrong.
    """
    if units < 3:
        return False
    truth = np.eye(2, units)
    right, wrong = (tried.says(truth, 6 * rows - 3) for rows in (truth, truth[::-1]))
    return right.size == 1 and bool(np.allclose([*right, *wrong], [1, 1 - 2 / units], atol=1e-4))
