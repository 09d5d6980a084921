"""Figures of trials as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from logitbench.compare.statistics import Array
from logitbench.records import MEASURED_SINCE, METRICS, ONLY_CLASS
from logitbench.store import Trial

Figures = Mapping[str, Mapping[str, Array]]
"""By arm and metric: [seeds, epochs]; NaN where a figure is not a finite number; all arms have the same metrics.

``only_class`` stands beside the metrics; NaN where predictions differ.
"""


def oldest(trials: Iterable[Trial]) -> int:
    """Return the least schema of trials."""
    return min(trial.record.schema_version for trial in trials)


def figures(trials: Sequence[Trial], schema: int | None = None) -> Figures:
    """Return the figures of trials that have the same arms and number of epochs, in the order of the trials.

    A metric that is newer than ``schema``, by default that of the oldest of them, is left out.
    """
    schema = oldest(trials) if schema is None else schema
    arms = list(trials[0].record.arms)
    numbers = {arm: number for number, arm in enumerate(arms)}
    of_rows = np.array([numbers[arm] for trial in trials for arm in trial.columns["arm"]]).reshape(len(trials), -1)
    by_arm = np.argsort(of_rows, axis=1, kind="stable")  # rows are in the order of epochs already
    found: dict[str, dict[str, Array]] = {arm: {} for arm in arms}
    for metric in (*(metric for metric in METRICS if MEASURED_SINCE.get(metric, 1) <= schema), ONLY_CLASS):
        values = np.array(list(chain.from_iterable(trial.columns[metric] for trial in trials)), dtype="float64")
        cube = np.take_along_axis(values.reshape(of_rows.shape), by_arm, axis=1).reshape(len(trials), len(arms), -1)
        for arm, number in numbers.items():
            found[arm][metric] = cube[:, number]
    return found
