from typing import Any

import numpy as np
import pandas as pd
import pytest

from logitbench.data.choice import choose, numbers_the_rows
from logitbench.errors import DataError

ROWS = 12
SIZES = [n * n % 7 for n in range(ROWS)]
LABELS = ["a", "b"] * (ROWS // 2)
SCATTERED = [842302, 842517, 84300903, 84348301, 84358402, 843786, 844359, 84458202, 844981, 84501001, 845636, 84610002]


def column(name: str, values: Any) -> "pd.Series[Any]":
    return pd.Series(list(values), name=name)


@pytest.mark.parametrize(
    "series",
    [
        column("Unnamed: 0", [0, 0, 1, 1]),
        column("Unnamed: 0.1", [0, 0, 1, 1]),
        column("n", range(ROWS)),
        column("n", np.arange(1.0, ROWS)),
        column("n", [0, None, *range(1, ROWS)]),
        *(column(name, SCATTERED) for name in ("id", "ID", "customer_id", "PassengerId", "user id")),
        *(column(name, SCATTERED) for name in ("index", "row", "Key", "idx", "uuid")),
        column("tweet_id", [2**60 + n for n in range(ROWS)]),  # equal as float64
    ],
    ids=lambda series: str(series.name),
)
def test_a_column_that_numbers_the_rows_is_recognised(series: "pd.Series[Any]") -> None:
    assert numbers_the_rows(series)


@pytest.mark.parametrize(
    "series",
    [
        column("size", SCATTERED),
        column("n", [n + 0.5 for n in range(ROWS)]),
        column("n", [0, *range(ROWS)]),
        column("id", SIZES),
        column("n", range(9)),  # too few to tell
        column("n", range(ROWS, 0, -1)),
        column("n", range(0, 2 * ROWS, 2)),
        column("rank", [*range(0, ROWS, 2), *range(1, ROWS, 2)]),
        column("year", range(1990, 1990 + ROWS)),
        *(column(name, SCATTERED) for name in ("speed_index", "public_key", "front_row", "Unnamed: 7")),
        pd.Series([*SCATTERED, 10**400], name="id", dtype=object),
        column("n", [*range(ROWS), np.inf]),
        column("paid", SCATTERED),
        column("humid", SCATTERED),
        column("flag", [True, False]),
    ],
    ids=lambda series: str(series.name),
)
def test_a_column_that_measures_something_is_kept(series: "pd.Series[Any]") -> None:
    assert not numbers_the_rows(series)


def test_columns_that_number_the_rows_are_left_out_and_named() -> None:
    frame = pd.DataFrame(
        {"Unnamed: 0": range(ROWS), "customer id": SCATTERED, "size": SIZES, "word": LABELS, "label": LABELS}
    )
    chosen = choose(frame, None, None, "label")
    assert chosen.features == ("size",)
    assert chosen.notes == (
        "The input is 1 numeric column: 'size'; left out: 'Unnamed: 0', 'customer id', 'word'.",
        "'Unnamed: 0', 'customer id' seem to number the rows. "
        'To use all columns: --set \'data.features=["Unnamed: 0", "customer id", "size"]\'',
    )
    assert choose(frame, None, ["customer id"], "label").features == ("customer id",)


def test_a_column_that_numbers_the_rows_is_taken_where_there_is_no_other() -> None:
    chosen = choose(pd.DataFrame({"x": range(ROWS), "label": LABELS}), None, None, "label")
    assert chosen.features == ("x",)
    assert chosen.notes == (
        "The input is 1 numeric column: 'x'.",
        "'x' seems to number the rows, but there is no other numeric column.",
    )


@pytest.mark.parametrize("name", ["id", "x"])
def test_a_run_never_trains_on_row_numbers_alone_beside_other_columns(name: str) -> None:
    frame = pd.DataFrame({name: range(ROWS), "v": ["1,5", "2"] * 6, "label": LABELS})
    with pytest.raises(DataError) as caught:
        choose(frame, None, None, "label")
    assert caught.value.message == (
        f"the file has no numeric column to train on: {name!r} seems to number the rows, and 'v' is not numeric"
    )
    assert caught.value.hint == "'v' seems to hold numbers. To read decimal commas: --set 'data.decimal=,'."
    frame["v"] = LABELS
    with pytest.raises(DataError, match="no numeric column to train on") as caught:
        choose(frame, None, None, "label")
    assert "--set data.text=NAME" in caught.value.hint
    assert choose(frame, None, [name], "label").features == (name,)


def test_a_text_column_is_chosen_whatever_the_others_hold() -> None:
    frame = pd.DataFrame({"id": range(ROWS), "text": LABELS, "label": LABELS})
    assert choose(frame, None, None, "label").text == "text"


def test_a_file_of_decimal_commas_alone_is_answered_with_the_flag() -> None:
    frame = pd.DataFrame({"x": ["1,5", "2"] * 6, "label": LABELS})
    with pytest.raises(DataError, match="no numeric column beside the label") as caught:
        choose(frame, None, None, "label")
    assert "--set 'data.decimal=,'. " in caught.value.hint
    assert "Known: label, x." in caught.value.hint
