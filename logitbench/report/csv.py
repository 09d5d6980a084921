"""CSV for reports and spreadsheets, in full precision."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.compare.comparison import Comparison

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("experiment", "run_id", "arm", "loss_path", "metric", "epoch", "mean", "spread", "n", "diverged")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write an epoch table; pandas reads it back with no digit lost."""
    table.to_csv(path, index=False)


def rows(record: Comparison) -> list[dict[str, object]]:
    """Return one row per metric, epoch and arm of a comparison."""
    return [
        {
            "experiment": record.run.experiment,
            "run_id": record.run.run_id,
            "arm": arm,
            "loss_path": "/".join(record.loss_paths[arm]),
            "metric": metric,
            "epoch": epoch,
            "mean": cell.mean,
            "spread": cell.spread,
            "n": cell.n,
            "diverged": cell.diverged,
        }
        for (metric, epoch, arm), cell in record.cells.items()
    ]


def render_comparisons(records: Sequence[Comparison]) -> str:
    """Return a row per run, metric, epoch and arm; mean and spread are empty where there is none."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerows(rows(record))
    return stream.getvalue()
