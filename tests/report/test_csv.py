from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Comparison
from logitbench.compare.table import epoch_table
from logitbench.data.separated import float_precision
from logitbench.records import METRICS
from logitbench.report.csv import COLUMNS, render_comparisons, write_table
from tests.handmade import ASSETS


def test_a_table_is_read_back_with_no_digit_lost(table: pd.DataFrame, tmp_path: Path) -> None:
    write_table(table, tmp_path / "epochs.csv")
    back = pd.read_csv(tmp_path / "epochs.csv", float_precision=float_precision(pd.__version__))
    pd.testing.assert_frame_equal(back, table, check_exact=True)


def test_real_results_are_read_back_with_no_digit_lost(tmp_path: Path) -> None:
    table = epoch_table(store.read([ASSETS]).trials)
    write_table(table, tmp_path / "epochs.csv")
    back = pd.read_csv(tmp_path / "epochs.csv", float_precision=float_precision(pd.__version__))
    pd.testing.assert_frame_equal(back, table, check_exact=True)


def test_a_comparison_has_a_row_for_each_figure_in_full_precision() -> None:
    comparisons = compare(store.read([ASSETS]).trials, metrics=METRICS)
    rows = list(csv.DictReader(io.StringIO(render_comparisons(comparisons))))
    assert len(rows) == sum(len(comparison.cells) for comparison in comparisons)
    assert tuple(rows[0]) == COLUMNS
    for row in rows:
        (comparison,) = (one for one in comparisons if one.run.experiment == row["experiment"])
        cell = comparison.cells[row["metric"], int(row["epoch"]), row["arm"]]
        assert (float(row["mean"]), float(row["spread"])) == (cell.mean, cell.spread)
        assert (int(row["n"]), int(row["diverged"])) == (cell.n, cell.diverged)


def test_what_is_not_a_number_is_an_empty_cell_and_counted(awkward: list[Comparison]) -> None:
    rows = {row["arm"]: row for row in csv.DictReader(io.StringIO(render_comparisons(awkward)))}
    figures: dict[str, Any] = {
        arm: (row["mean"], row["spread"], row["n"], row["diverged"]) for arm, row in rows.items()
    }
    assert figures["probs"] == ("12345.678", "", "1", "1")
    assert figures["raw"] == ("", "", "0", "2")


@pytest.mark.parametrize("rendered", [True, False])
def test_no_cell_is_a_formula_to_a_spreadsheet(awkward: list[Comparison], tmp_path: Path, rendered: bool) -> None:
    """Names cannot begin as a formula does (tests/test_records.py); every other text is one of ours."""
    if rendered:
        text = render_comparisons([*awkward, *compare(store.read([ASSETS]).trials, metrics=METRICS)])
    else:
        write_table(epoch_table(store.read([ASSETS]).trials), tmp_path / "epochs.csv")
        text = (tmp_path / "epochs.csv").read_text(encoding="utf-8")
    number = re.compile(r"-?\d+(\.\d+)?(e[-+]\d+)?")
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert not {
        cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not number.fullmatch(cell)
    }
