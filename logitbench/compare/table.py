"""The epoch table: one row per run, seed, arm and epoch."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, repeat
from typing import Any

import numpy as np
import pandas as pd

from logitbench.records import EPOCH_COLUMNS, METRICS
from logitbench.store import Trial


def epoch_table(trials: Iterable[Trial]) -> pd.DataFrame:
    """Return the rows of trials with the columns of ``EPOCH_COLUMNS``; a figure that was not finite is NaN."""
    parts = [_columns(trial) for trial in trials]
    whole = {name: list(chain.from_iterable(part[name] for part in parts)) for name in EPOCH_COLUMNS}
    figures = {name: np.array(whole[name], dtype="float64") for name in (*METRICS, "seconds")}
    return pd.DataFrame(whole | figures)


def _columns(trial: Trial) -> dict[str, Iterable[Any]]:
    """Return a trial's columns, with what its rows leave to its record."""
    arms = trial.columns["arm"]
    paths = {arm: str(record.loss_path) for arm, record in trial.record.arms.items()}
    return {
        **trial.columns,
        "experiment": repeat(trial.run.experiment, len(arms)),
        "run_id": repeat(trial.run.run_id, len(arms)),
        "seed": repeat(trial.record.seed, len(arms)),
        "loss_path": [paths[arm] for arm in arms],
    }
