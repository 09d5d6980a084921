"""The epoch table: one row per run, seed, arm and epoch."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from logitbench.records import EPOCH_COLUMNS, METRICS
from logitbench.store import Trial


def epoch_table(trials: Iterable[Trial]) -> pd.DataFrame:
    """Return the rows of trials with the columns of ``EPOCH_COLUMNS``; a figure that was not finite is NaN."""
    rows = [
        {
            **vars(row),
            "experiment": trial.run.experiment,
            "run_id": trial.run.run_id,
            "seed": trial.record.seed,
            "loss_path": str(trial.record.arms[row.arm].loss_path),
        }
        for trial in trials
        for row in trial.rows
    ]
    table = pd.DataFrame(rows, columns=list(EPOCH_COLUMNS))
    return table.astype(dict.fromkeys(METRICS, "float64"))
