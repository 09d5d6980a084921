"""JSON for programs; what is not a finite number is null."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.compare.attribution import Split
from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.compare.overview import Overall
from logitbench.report.csv import OF_FIGURES, rows

if TYPE_CHECKING:
    import pandas as pd


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write an epoch table as a list of rows, no digit lost; a figure that was not finite is null."""
    # Not to_json of pandas, which writes 15 digits where a float has 17.
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    path.write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n", encoding="utf-8")


SCHEMA_VERSION = 2
"""Schema version of the JSON that ``render_comparisons`` writes; ``comparison.schema.json`` says what each key is.

History: 1, the first; 2, ``interval`` of a sample is gone, and ``median``, ``skewness``, ``p_error``, ``look``,
``least_p`` and ``settings`` are new.
"""


def render_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> str:
    """Return an object with a list of comparisons, as ``comparison.schema.json`` describes it."""
    whole = {
        "schema_version": SCHEMA_VERSION,
        "comparisons": [_comparison(record) for record in records],
        "groups": [dataclasses.asdict(group) for group in groups],
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def _comparison(record: Comparison) -> dict[str, object]:
    return {
        "experiment": record.run.experiment,
        "settings": record.apart,
        "run_ids": [run.run_id for run in record.runs],
        "seeds": record.seeds,
        "epochs": len(record.epochs),
        "loss_paths": record.loss_paths,
        "declared": {
            "metric": record.declared.metric,
            "at": record.declared.at,
            "margin": record.declared.equivalence_margin,
        },
        "pairs": [_pair(pair) for pair in record.pairs],
        "findings": record.findings,
        "notes": [*record.notes, *record.warnings],
        "figures": [{key: row[key] for key in FIGURE_KEYS} for row in rows(record)],
    }


FIGURE_KEYS = tuple(key for key in OF_FIGURES if key not in {"experiment", "settings", "run_id", "loss_path"})


def _pair(pair: ArmPair) -> dict[str, object]:
    evidence = pair.evidence
    return {
        "arm": pair.arm,
        "baseline": pair.baseline,
        "verdict": str(pair.verdict),
        "seeds": pair.seeds,
        "identical": pair.identical,
        "diverged": pair.diverged,
        "diverged_alone": pair.alone,
        "declared": dataclasses.asdict(evidence.sample),
        "p": evidence.p,
        "equivalence_p": evidence.equivalence_p,
        "tests": evidence.tests,
        "seeds_needed": evidence.needed,
        "look": evidence.look,
        "least_p": evidence.least_p,
        "p_error": evidence.p_error,
        "doubts": evidence.doubts,
        "differences": [
            {"metric": metric, "epoch": epoch, **dataclasses.asdict(sample)}
            for (metric, epoch), sample in pair.differences.items()
        ],
        "accuracy_gap": [_split(split, "threshold") for split in pair.accuracy],
        "loss_gap": [_split(split, "arithmetic") for split in pair.loss],
    }


def _split(split: Split, measuring: str) -> dict[str, object]:
    return {
        "epoch": split.epoch,
        "n": split.n,
        "baseline": split.baseline,
        "arm": split.arm,
        "gap": split.gap,
        measuring: split.of_measuring,
        "training": split.of_weights,
    }
