import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitbench.data.dataset import Dataset
from logitbench.data.decoding import decoded
from logitbench.data.file import File
from logitbench.data.separated import Wanted, read_separated
from logitbench.errors import DataError

PLACE = Path("a.csv")
EXPECTED = Wanted({"label", "text"}, {"label"})


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("usual", [",", "\t"])
def test_the_separator_is_the_one_that_finds_the_columns_and_is_named(separator: str, usual: str) -> None:
    text = separator.join(("text", "x", "label")) + "\n" + separator.join(('"a, b; c|d\te"', "1.5", "ham")) + "\n"
    frame, notes = read_separated(text, PLACE, EXPECTED, usual)
    assert frame.to_numpy().tolist() == [["a, b; c|d\te", 1.5, "ham"]]
    named = {",": "','", ";": "';'", "\t": "tabs", "|": "'|'"}[separator]
    assert notes == (() if separator == usual else (f"The fields of the file are separated by {named}.",))


def test_commas_in_texts_and_names_do_not_hide_a_semicolon() -> None:
    text = 'text;"a, b, c";label\nwell, well, well;1;ham\nno, no;2;spam\n'
    frame, _ = read_separated(text, PLACE, EXPECTED, ",")
    assert list(frame) == ["text", "a, b, c", "label"]
    assert frame["text"].tolist() == ["well, well, well", "no, no"]


def test_without_the_expected_column_the_separator_with_most_columns_is_taken() -> None:
    assert list(read_separated("v1;v2;v3\nham;hi;\n", PLACE, EXPECTED, ",")[0]) == ["v1", "v2", "v3"]


def test_columns_without_a_name_get_that_of_pandas() -> None:
    text = ",v1,v2,,\n0,ham,hi,,\n"
    frame, _ = read_separated(text, PLACE, EXPECTED, ",")
    assert list(frame) == list(pd.read_csv(io.StringIO(text))) == ["Unnamed: 0", "v1", "v2", "Unnamed: 3", "Unnamed: 4"]


def test_numbers_are_read_to_the_last_bit_with_points_or_commas() -> None:
    numbers = np.random.default_rng(0).normal(size=500) * 10.0 ** np.random.default_rng(1).integers(-300, 300, 500)
    for decimal in ".,":
        rows = "".join(f"{str(number).replace('.', decimal)};a\n" for number in numbers.tolist())
        frame, _ = read_separated("x;label\n" + rows, PLACE, Wanted({"label"}, {"label"}, decimal=decimal), ",")
        assert frame["x"].tolist() == numbers.tolist()


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_a_header_is_empty(text: str) -> None:
    with pytest.raises(DataError, match=r"a\.csv is empty"):
        read_separated(text, PLACE, EXPECTED, ",")


def test_a_header_too_long_for_a_field_is_an_error() -> None:
    with pytest.raises(DataError, match=r"the header of a\.csv cannot be parsed: field larger than field limit"):
        read_separated('"' + "x" * (csv.field_size_limit() + 1), PLACE, EXPECTED, ",")


ENCODINGS = {"utf-8": None, "utf-8-sig": None, "utf-16": None, "latin-1": 0xFF}
"""Encodings, each with its last character."""


@st.composite
def written(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A frame of texts, numbers and labels, and how ``to_csv`` is to write it."""
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    # Without a NUL or a byte order mark; pandas does not quote a "\r" where lines end in "\n".
    left_out = "\0\ufeff" if end == "\r\n" else "\0\ufeff\r"
    last = ENCODINGS[encoding]
    characters = st.characters(max_codepoint=last, exclude_categories=["Cs"], exclude_characters=left_out)
    rows = draw(st.integers(4, 8))
    texts = draw(st.lists(st.text(characters), min_size=rows, max_size=rows))
    texts[0], texts[1] = "one word", "two words"
    columns = {
        "text": texts,
        draw(st.text(characters, min_size=1).filter(lambda name: name not in {"text", "label"})): draw(
            st.lists(st.floats(allow_infinity=False), min_size=rows, max_size=rows)
        ),
        "label": draw(st.lists(st.sampled_from(["a", 'b"', "c;d", "e,f\n"]), min_size=rows, max_size=rows)),
    }
    frame = pd.DataFrame({name: columns[name] for name in draw(st.permutations(list(columns)))})
    how = {
        "sep": draw(st.sampled_from([",", ";", "\t"])),
        "encoding": encoding,
        "index": draw(st.booleans()),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        "lineterminator": end,
    }
    return frame, how


def test_the_index_of_a_file_that_was_written_twice_has_the_names_that_pandas_gives() -> None:
    frame = pd.DataFrame({"text": ["a", "b"], "label": ["x", "y"]})
    twice = pd.read_csv(io.StringIO(frame.to_csv())).to_csv()
    found, _ = read_separated(twice, PLACE, EXPECTED, ",")
    assert list(found) == list(pd.read_csv(io.StringIO(twice))) == ["Unnamed: 0.1", "Unnamed: 0", "text", "label"]


@settings(deadline=None, max_examples=50)
@given(written())
def test_what_pandas_writes_is_read_back(case: tuple[pd.DataFrame, dict[str, Any]]) -> None:
    frame, how = case
    buffer = io.BytesIO()
    frame.to_csv(buffer, **how)
    text = decoded(buffer.getvalue(), PLACE, how["encoding"])
    found, _ = read_separated(text, PLACE, EXPECTED, ",")

    assert list(found) == ["Unnamed: 0"] * how["index"] + list(frame)
    for name in frame:
        np.testing.assert_array_equal(found[name].to_numpy(), frame[name].to_numpy())


@settings(deadline=None, max_examples=50)
@given(written())
def test_however_pandas_writes_a_frame_it_gives_the_same_examples(case: tuple[pd.DataFrame, dict[str, Any]]) -> None:
    frame, how = case
    with tempfile.TemporaryDirectory() as folder:

        def load(how: dict[str, Any]) -> Dataset | str:
            path = Path(folder) / "a.csv"
            frame.to_csv(path, **how)
            try:
                return File(path=str(path), encoding=how["encoding"]).load(lambda line: None)
            except DataError as error:  # a class with a single example, for one
                return error.message

        expected, found = load({"encoding": "utf-8", "index": False, "lineterminator": "\r\n"}), load(how)
    if isinstance(expected, Dataset) and isinstance(found, Dataset):
        assert found.digest() == expected.digest()
    else:
        assert found == expected
