"""JSON for programs; what is not a finite number is null."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.compare.comparison import Comparison
from logitbench.report import figures
from logitbench.report.csv import rows

if TYPE_CHECKING:
    import pandas as pd


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write an epoch table as a list of rows, no digit lost; a figure that was not finite is null."""
    # Not to_json of pandas, which writes 15 digits where a float has 17.
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    path.write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def render_comparisons(records: Sequence[Comparison]) -> str:
    """Return a list with an object for each run."""
    return json.dumps([_object(record) for record in records], indent=1, allow_nan=False) + "\n"


def _object(record: Comparison) -> dict[str, object]:
    return {
        "experiment": record.run.experiment,
        "run_id": record.run.run_id,
        "seeds": record.seeds,
        "loss_paths": record.loss_paths,
        "pairs": [dataclasses.asdict(pair) | {"verdict": pair.verdict} for pair in record.pairs],
        "notes": list(figures.notes(record)),
        "figures": rows(record),
    }
