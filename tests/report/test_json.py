from __future__ import annotations

import json
import math
from importlib.resources import files
from pathlib import Path
from typing import NoReturn

import jsonschema
import pandas as pd
import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Comparison
from logitbench.compare.overview import Estimate, Overall
from logitbench.records import METRICS
from logitbench.report.json import SCHEMA_VERSION, render_comparisons, write_table
from tests.handmade import ASSETS
from tests.report.conftest import Hostile


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"JSON has no {constant}")


def test_a_table_is_read_back_with_no_digit_lost(table: pd.DataFrame, tmp_path: Path) -> None:
    write_table(table, tmp_path / "epochs.json")
    rows = json.loads((tmp_path / "epochs.json").read_text(encoding="utf-8"), parse_constant=refuse)
    back = pd.DataFrame(rows).astype(table.dtypes.to_dict())
    pd.testing.assert_frame_equal(back, table, check_exact=True)
    assert type(rows[0]["seed"]) is int
    assert rows[1]["val_loss"] is None
    assert math.isnan(table["val_loss"][1])


def test_every_figure_of_real_results_is_there_in_full_precision() -> None:
    comparisons = compare(store.read([ASSETS]).trials, metrics=METRICS)
    for read, comparison in zip(json.loads(render_comparisons(comparisons))["comparisons"], comparisons, strict=True):
        assert read["experiment"] == comparison.run.experiment
        assert read["seeds"] == list(comparison.seeds)
        assert read["loss_paths"] == {arm: list(paths) for arm, paths in comparison.loss_paths.items()}
        assert [one["verdict"] for one in read["pairs"]] == [one.verdict for one in comparison.pairs]
        for one, pair in zip(read["pairs"], comparison.pairs, strict=True):
            found = {(row["metric"], row["epoch"]): row for row in one["differences"]}
            assert {key: (row["mean"], row["low"], row["p"]) for key, row in found.items()} == {
                key: (sample.mean, sample.low, sample.p) for key, sample in pair.differences.items()
            }
            for row in one["accuracy_gap"]:
                assert row["gap"] == row["threshold"] + row["training"]
        cells = {(row["metric"], row["epoch"], row["arm"]): row for row in read["figures"]}
        assert set(cells) == set(comparison.cells)
        for key, cell in comparison.cells.items():
            assert (cells[key]["mean"], cells[key]["spread"]) == (cell.mean, cell.spread)


def test_what_is_not_a_number_is_null_and_counted(awkward: list[Comparison]) -> None:
    (read,) = json.loads(render_comparisons(awkward), parse_constant=refuse)["comparisons"]
    rows = {row["arm"]: row for row in read["figures"]}
    assert (rows["raw"]["mean"], rows["raw"]["spread"], rows["raw"]["diverged"]) == (None, None, 2)


def test_a_hostile_text_comes_through_as_data(warned: Hostile) -> None:
    text = '</script>"\x1b[31m \ud83d'
    rendered = render_comparisons(warned(text))
    rendered.encode("ascii")
    assert json.loads(rendered)["comparisons"][0]["notes"][-1] == text


def test_nothing_is_an_empty_list() -> None:
    assert json.loads(render_comparisons([]))["comparisons"] == []


def test_what_is_written_is_what_the_schema_says(awkward: list[Comparison]) -> None:
    schema = json.loads(files("logitbench.report").joinpath("comparison.schema.json").read_text(encoding="utf-8"))
    real = compare(store.read([ASSETS]).trials, metrics=METRICS)

    jsonschema.Draft202012Validator.check_schema(schema)
    group = Overall(
        "", 3, False, 24, 2, ("few",), "double", "logits", Estimate(0.25, 0.1, 0.4), Estimate(0.5, 0.25, 0.75)
    )
    jsonschema.validate(json.loads(render_comparisons([*awkward, *real], [group])), schema)

    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(render_comparisons(real)) | {"schema_version": SCHEMA_VERSION + 1}, schema)
