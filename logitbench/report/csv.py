"""CSV for reports and spreadsheets, in full precision."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.compare.declared import Declared
from logitbench.compare.overview import Overall

if TYPE_CHECKING:
    import pandas as pd

OF_FIGURES = (
    *("experiment", "settings", "run_id", "arm", "loss_path"),
    *("metric", "epoch", "mean", "spread", "n", "diverged"),
)

OF_VERDICTS = ("verdict", "verdict_on", "verdict_at", "verdict_margin", "verdict_p", "verdict_equivalence_p")

COLUMNS = (*OF_FIGURES, "baseline", "difference", "low", "high", "paired_n", "p", *OF_VERDICTS)
"""``settings`` set the runs apart from others of the experiment. Columns from ``baseline`` on are of the paired
differences from it, and a baseline's rows have none. ``p`` is of the row alone. The verdict is on the declared number,
whatever the row is, its p-values corrected for all pairs compared."""


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write an epoch table; pandas reads it back with no digit lost."""
    table.to_csv(path, index=False)


def rows(record: Comparison) -> list[dict[str, object]]:
    """Return one row per metric, epoch and arm of a comparison."""
    pairs = {pair.arm: pair for pair in record.pairs}
    return [
        {
            "experiment": record.run.experiment,
            "settings": "; ".join(record.apart),
            "run_id": " ".join(run.run_id for run in record.runs),
            "arm": arm,
            "loss_path": "/".join(record.loss_paths[arm]),
            "metric": metric,
            "epoch": epoch,
            "mean": cell.mean,
            "spread": cell.spread,
            "n": cell.n,
            "diverged": cell.diverged,
            **(
                _difference(pairs[arm], record.declared, metric, epoch)
                if arm in pairs
                else dict.fromkeys(COLUMNS[len(OF_FIGURES) :])
            ),
        }
        for (metric, epoch, arm), cell in record.cells.items()
    ]


def _difference(pair: ArmPair, declared: Declared, metric: str, epoch: int) -> dict[str, object]:
    sample = pair.differences[metric, epoch]
    return {
        "baseline": pair.baseline,
        "difference": sample.mean,
        "low": sample.low,
        "high": sample.high,
        "paired_n": sample.n,
        "p": sample.p,
        "verdict": str(pair.verdict),
        "verdict_on": declared.metric,
        "verdict_at": declared.at,
        "verdict_margin": declared.equivalence_margin,
        "verdict_p": pair.evidence.p,
        "verdict_equivalence_p": pair.evidence.equivalence_p,
    }


def render_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> str:
    """Return a row per run, metric, epoch and arm; mean and spread are empty where there is none."""
    del groups  # of them a table of figures has no rows
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerows(rows(record))
    return stream.getvalue()
