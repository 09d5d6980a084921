from typing import Any

import numpy as np
import pandas as pd
import pytest

from logitbench.data import columns
from logitbench.errors import DataError


def series(*values: Any) -> "pd.Series[Any]":
    return pd.Series(list(values), dtype=object, name="column")


def test_in_a_text_column_only_nothing_is_missing() -> None:
    found, missing = columns.texts(series("NA", "null", " ", "", None, float("nan")))
    assert found == ["NA", "null", " ", "", "", ""]
    assert missing.tolist() == [False, False, False, True, True, True]


@pytest.mark.parametrize("value", [1, 2.5, True, b"bytes", ["a"]])
def test_a_text_column_that_is_not_text_is_refused_by_row(value: Any) -> None:
    with pytest.raises(DataError, match=r"the column 'column' holds .* in row 2, which is not text") as caught:
        columns.texts(series("a", value))
    assert "data.text" in caught.value.hint


def test_numbers_true_and_false_and_nothing_are_numeric() -> None:
    frame = pd.DataFrame({"a": series(1, None, True), "b": series("2.5", 3.5, 0)})
    table, missing = columns.numbers(frame, ["a", "b"])
    np.testing.assert_array_equal(table, [[1, 2.5], [np.nan, 3.5], [1, 0]])
    assert missing.tolist() == [False, True, False]


def test_a_word_in_a_numeric_column_is_named() -> None:
    with pytest.raises(DataError, match="'column' holds 'two' in row 3, which is not a number") as caught:
        columns.numbers(series(1, 2, "two").to_frame(), ["column"])
    assert "data.features" in caught.value.hint


@pytest.mark.parametrize("value", [float("inf"), -float("inf"), 10**400])
def test_infinity_is_an_error_by_column_and_row(value: Any) -> None:
    with pytest.raises(DataError, match="the column 'column' is infinite in row 2") as caught:
        columns.numbers(series(1.0, value).to_frame(), ["column"])
    assert "leave it empty" in caught.value.hint


@pytest.mark.parametrize(
    ("values", "numeric"),
    [((1, 2.5, None), True), ((True, None), True), (("1", 2), False), ((None, None), False), (([1],), False)],
)
def test_which_columns_are_taken_for_numeric(values: tuple[Any, ...], numeric: bool) -> None:
    assert columns.is_numeric(series(*values)) is numeric
    assert columns.is_numeric(pd.Series([1.5, np.nan]))
    assert not columns.is_numeric(pd.Series([np.nan, np.nan]))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((True, False), ("False", "True")),
        ((10, 9, -1), ("-1", "9", "10")),
        ((1.0, 0.0), ("0.0", "1.0")),
        (("b", "a", "10"), ("10", "a", "b")),
        (("01", "1"), ("01", "1")),
        (("NA", "DE"), ("DE", "NA")),
    ],
)
def test_classes_are_sorted_as_numbers_where_all_are_numbers(
    values: tuple[Any, ...], expected: tuple[str, ...]
) -> None:
    names, missing = columns.labels(series(*values, *values))
    found, numbers, doubts = columns.classes(names, "label")
    assert doubts == ()
    assert found == expected
    assert [found[number] for number in numbers] == [str(value) for value in values] * 2
    assert numbers.dtype == np.int32
    assert not missing.any()


def test_empty_labels_are_missing() -> None:
    assert columns.labels(series("", None, float("nan"), 0, "0", False))[1].tolist() == [True] * 3 + [False] * 3


def test_a_label_that_can_name_no_class_is_refused() -> None:
    with pytest.raises(DataError, match=r"the label in row 2 is neither text nor a number: \['a'\]") as caught:
        columns.labels(series("a", ["a"]))
    assert "data.label" in caught.value.hint


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        (["1"] * 5, "every row has the same label, '1', in column 'y'", "two classes"),
        (["a", "a", "b", "c"], "the class 'b' has a single example, and so has 1 more", "needs 2"),
        (["a", "a", "b", "c", "d"], "the class 'b' has a single example, and so have 2 more", "needs 2"),
        (["a", "a", "b"], "the class 'b' has a single example", "needs 2"),
        ([str(n / 2) for n in range(30)] * 2, "holds 30 different numbers with fractions", "data.label"),
        ([f"id{n}" for n in range(1001)] * 2, "holds 1,001 values, more than 1,000 classes", "data.label"),
    ],
)
def test_labels_that_are_no_classes_are_refused(names: list[str], message: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        columns.classes(names, "y")
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "names", [[f"{n / 2}" for n in range(20)], [str(n) for n in range(1000)], [f"v{n}.5" for n in range(30)]]
)
def test_many_classes_that_may_well_be_classes_are_taken(names: list[str]) -> None:
    assert len(columns.classes(names * 2, "y")[0]) == len(names)


@pytest.mark.parametrize(
    ("names", "example"),
    [
        (["spam;ad", "ham", "spam"], "spam;ad"),
        (["b | c", "a"], "b | c"),
        (["a,b", "a", "b"], "a,b"),
        (["b, a", "a, c", "c, b"], "a, c"),
    ],
)
def test_lists_of_labels_taken_for_classes_are_said(names: list[str], example: str) -> None:
    *_, (note,) = columns.classes(names * 2, "label")
    assert note.startswith(f"Labels such as {example!r} look like several labels per example.")
    assert note.endswith(f"({len(set(names))} classes).")
    with pytest.raises(DataError, match="has a single example") as caught:
        columns.classes([*names, *names[1:]], "label")
    assert caught.value.hint.startswith(f"Labels such as {example!r} look like")


@pytest.mark.parametrize(
    "names", [["Albany, NY", "Ithaca, NY"], ["a;", "b"], [";", "|"], ["yes, sir", "no"], [":-)", ";-)"]]
)
def test_punctuation_in_a_class_name_is_no_list(names: list[str]) -> None:
    assert columns.classes(names * 2, "label")[2] == ()


DECIMAL = "To read decimal commas: --set 'data.decimal=,'."
THOUSANDS = "The commas may be thousands separators: remove them from the file."


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        (("1,5", "2", None), DECIMAL),
        (("-1,5", " +2,25 "), DECIMAL),
        (("1,5e3", "2,0E-7"), DECIMAL),
        (("1,500", "2,5"), DECIMAL),
        (("0,125", "2,037"), DECIMAL),
        (("12345,678", "2,037"), DECIMAL),
        (("1,500", "-2,037", None), THOUSANDS),
        (("1,500", "12", "2000"), THOUSANDS),
        (("1,500,000", "2,500.25"), THOUSANDS),
        (("1", "2"), ""),
        (("1,5", "a"), ""),
        (("1,500,000", "2,5"), ""),
        (("1, 2", "3"), ""),
        ((None, None), ""),
    ],
)
def test_how_to_read_numbers_with_commas(values: tuple[Any, ...], remedy: str) -> None:
    found = columns.remedy_for_commas(series(*values))
    assert found.startswith(remedy)
    assert bool(found) is bool(remedy)
    found = columns.remedy_for_commas(series(*values), separated=False)
    assert found == ("Write numbers with a decimal point, without quotes and thousands separators." if remedy else "")


@pytest.mark.parametrize(("values", "remedy"), [(("1,5", "2,5"), DECIMAL), (("1,500", "2", "?"), THOUSANDS)])
def test_a_comma_in_a_chosen_column_is_answered_with_how_to_read_it(values: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(DataError, match=f"holds '{values[0]}' in row 1, which is not a number") as caught:
        columns.numbers(series(*values).to_frame(), ["column"])
    assert caught.value.hint.startswith(remedy)
    with pytest.raises(DataError) as caught:
        columns.numbers(series(*values).to_frame(), ["column"], separated=False)
    assert "data.decimal" not in caught.value.hint
    with pytest.raises(DataError) as caught:
        columns.numbers(series("?", *values).to_frame(), ["column"])
    assert "data.features" in caught.value.hint


def test_rows_left_out_are_counted_and_the_first_five_named() -> None:
    missing = np.zeros(1000, bool)
    assert columns.complete(missing)[1] == ()
    missing[[2, 9, 10, 11, 500, 998]] = True
    kept, notes = columns.complete(missing)
    assert len(kept) == 994
    assert notes == (
        "6 of 1,000 rows were left out for a missing value: 3, 10, 11, 12, 501 and 1 more "
        "(the first row of data is row 1).",
    )


def test_no_complete_row_is_an_error() -> None:
    with pytest.raises(DataError, match="every one of the 3 rows misses a value") as caught:
        columns.complete(np.ones(3, bool))
    assert "data.features" in caught.value.hint
