from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from logitbench import store
from logitbench.compare.table import epoch_table
from logitbench.records import EPOCH_COLUMNS, METRICS
from tests.handmade import ASSETS, epoch, trials


def test_the_table_has_a_row_for_each_run_seed_arm_and_epoch() -> None:
    table = epoch_table(store.read([ASSETS]).trials)
    assert tuple(table.columns) == EPOCH_COLUMNS
    assert len(table) == 3 * 4 * 4 + 2 * 2 * 3
    assert not table.duplicated(["experiment", "run_id", "seed", "arm", "epoch"]).any()


def test_every_column_has_the_type_of_what_it_holds() -> None:
    table = epoch_table(store.read([ASSETS]).trials)
    for column in (*METRICS, "seconds"):
        assert table[column].dtype == "float64"
    for column in ("seed", "epoch"):
        assert table[column].dtype == "int64"
    for column in ("experiment", "run_id", "arm", "loss_path", "status"):
        assert pd.api.types.is_string_dtype(table[column])


def test_types_do_not_depend_on_the_figures(tmp_path: Path) -> None:
    nothing = dict.fromkeys(METRICS)
    table = epoch_table(trials(tmp_path, [[epoch("logits", **nothing), epoch("probs", **nothing)]]))
    for column in (*METRICS, "seconds"):
        assert table[column].dtype == "float64"


def test_a_row_says_what_its_file_says(tmp_path: Path) -> None:
    rows = [epoch("logits", loss=0.1, val_nll=1 / 3), epoch("probs-clipped", loss=0.1 + 2**-54, val_nll=None)]
    table = epoch_table(trials(tmp_path, [rows]))
    first, second = table.to_dict(orient="records")
    assert (first["experiment"], first["run_id"], first["seed"]) == ("handmade", "first", 0)
    assert (first["arm"], first["loss_path"], first["status"]) == ("logits", "fused", "ok")
    assert (first["loss"], first["val_nll"]) == (0.1, 1 / 3)
    assert (second["arm"], second["loss_path"], second["status"]) == ("probs-clipped", "clipped", "diverged")
    assert second["loss"] == 0.1 + 2**-54
    assert math.isnan(second["val_nll"])
