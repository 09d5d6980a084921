import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from logitbench.data import columns, readers
from logitbench.data.separated import Wanted
from logitbench.errors import DataError

EXACT = Wanted({"text", "label"})


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(("ending", "separator"), [("csv", ","), ("tsv", "\t"), ("CSV", ",")])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separated_values_are_read_as_they_stand(
    tmp_path: Path, ending: str, separator: str, newline: str, mark: str
) -> None:
    rows = [["text", "label"], ["007", "1.0"], ["NA", "null"], [" é ", "01"], ["1e3", "True"]]
    path = write(tmp_path, f"a.{ending}", mark + newline.join(separator.join(row) for row in rows))
    frame = readers.read(path, EXACT)[0]
    assert frame.to_numpy().tolist() == rows[1:]


def test_numbers_of_other_columns_are_read_as_numbers(tmp_path: Path) -> None:
    frame = readers.read(write(tmp_path, "a.csv", "x,y,label\n1,NA,a\n-2.5,3,b\n"), EXACT)[0]
    assert frame["x"].tolist() == [1.0, -2.5]
    assert frame["y"].isna().tolist() == [True, False]


def test_numbers_of_a_csv_file_are_read_to_the_last_bit(tmp_path: Path) -> None:
    written = ["3.14159265358979323846", "0.30000000000000004", "9223372036854775807", "1e-320"]
    frame = readers.read(write(tmp_path, "a.csv", "x,label\n" + "".join(f"{one},a\n" for one in written)), EXACT)[0]
    assert frame["x"].tolist() == [float(one) for one in written]


@pytest.mark.parametrize(
    ("written", "expected"), [("1e400", np.inf), ("1.5E400", np.inf), (str(2**64), 2.0**64), (f"-{10**30}", -1e30)]
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_number_beyond_float64_or_int64_makes_no_text_of_its_column(
    tmp_path: Path, written: str, expected: float, decimal: str
) -> None:
    path = write(tmp_path, "a.csv", f"x;label\n1;a\n{written.replace('.', decimal)};b\nNA;c\n")
    frame = readers.read(path, Wanted({"label"}, {"label"}, decimal=decimal))[0]
    np.testing.assert_array_equal(
        columns.numbers(frame, ["x"])[0][:, 0] if np.isfinite(expected) else frame["x"], [1.0, expected, np.nan]
    )


def test_points_beside_decimal_commas_make_no_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "x;label\n1.500;a\n2.500;b\n")
    assert readers.read(path, Wanted({"label"}, {"label"}, decimal=","))[0]["x"].tolist() == ["1.500", "2.500"]


def test_a_quoted_field_may_hold_separators_and_lines(tmp_path: Path) -> None:
    frame = readers.read(write(tmp_path, "a.csv", 'text,label\n"one, two\nthree ""four""",1\n'), EXACT)[0]
    assert frame["text"].tolist() == ['one, two\nthree "four"']


def test_json_lines_keep_their_types_and_may_lack_keys(tmp_path: Path) -> None:
    lines = '{"text": "a\u2028b", "label": true}\n\n{"label": 7, "x": 1.5}\n'
    frame = readers.read(write(tmp_path, "a.jsonl", lines), EXACT)[0]
    assert frame["label"].tolist() == [True, 7]
    assert frame["text"].tolist() == ["a\u2028b", None]
    assert frame["x"].tolist() == [None, 1.5]


def test_parquet_keeps_whole_numbers_whole_beside_missing_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = {"text": pa.array(["a", "b", None]).dictionary_encode(), "label": [1, 2, None], "x": [1.5, None, 2.0]}
    parquet.write_table(pa.table(table), path)
    frame = readers.read(path, EXACT)[0]
    assert frame["label"].tolist() == [1, 2, None]
    assert frame["text"].tolist() == ["a", "b", None]
    assert frame["x"].isna().tolist() == [False, True, False]


ROWS = "text,label\na,1\nb,0\n"


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("a.xlsx", "PK", "a.xlsx has an ending that is not known", ".csv, .tsv, .jsonl"),
        ("a.csv", "", "a.csv is empty", ""),
        ("a.csv", " \n\n", "a.csv is empty", ""),
        ("a.csv", "text,label\n", "a.csv holds no rows", ""),
        ("a.csv", ROWS.encode() + b"caf\xe9,1\n", "a.csv is not UTF-8: byte 0xe9 at position 22, line 4", "UTF-8"),
        (
            "a.csv",
            b"\xef\xbb\xbf" + ROWS.encode() + b"\xff,1\n",
            "a.csv is not UTF-8: byte 0xff at position 22, line 4",
            "UTF-8",
        ),
        ("a.csv", ROWS + "c,1,2\n", "Expected 2 fields in line 4, saw 3", "quotes"),
        ("a.csv", "text,label\na,1,\nb,0,\n", "a.csv has rows with more fields than its header", "quotes"),
        ("a.csv", ROWS + '"c,1\n', "EOF inside string", "quotes"),
        ("a.csv", "text,text\na,b\n", "a.csv has two columns named 'text'", "its own name"),
        ("a.jsonl", '{"a": 1}\n{"a": 1', "line 2 of a.jsonl is not JSON", "one object a line"),
        ("a.jsonl", "[1, 2]\n", "line 1 of a.jsonl holds list, not an object", "one object a line"),
        ("a.json", '[\n{"a": 1}\n]\n', "line 1 of a.json is not JSON", "one object a line"),
        ("a.ndjson", "[" * 100_000, "line 1 of a.ndjson is not JSON", "one object a line"),
        ("a.parquet", b"PAR1....", "a.parquet is not a whole Parquet file", ""),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes, message: str, hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        readers.read(Path(name), EXACT)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_code == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file '.*nowhere\.csv'") as caught:
        readers.read(tmp_path / "nowhere.csv", EXACT)
    assert "--data" in caught.value.hint


def test_a_folder_is_answered_with_its_data_files_and_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder, and there is no data file in it") as caught:
        readers.read(tmp_path, EXACT)
    assert ".csv, .tsv, .jsonl" in caught.value.hint
    (tmp_path / "sub.csv").mkdir()
    for name in ("a spam.csv", "notes.txt", "z.TSV", *(f"{number}.jsonl" for number in range(5))):
        (tmp_path / name).touch()
    with pytest.raises(DataError) as caught:
        readers.read(tmp_path, EXACT)
    assert caught.value.message.endswith(
        "is a folder; the data files in it: 0.jsonl, 1.jsonl, 2.jsonl, 3.jsonl, 4.jsonl and 2 more"
    )
    for number in range(5):
        (tmp_path / f"{number}.jsonl").unlink()
    with pytest.raises(DataError) as caught:
        readers.read(tmp_path, EXACT)
    assert caught.value.hint == f"Name one of them: --data '{tmp_path}/a spam.csv'"


def test_without_pyarrow_the_package_to_install_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.parquet", b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match="needs pyarrow") as caught:
        readers.read(path, EXACT)
    assert caught.value.hint == "Run: pip install pyarrow"


def test_a_lone_surrogate_in_json_is_read(tmp_path: Path) -> None:
    line = json.dumps({"text": "a\ud800", "label": 1})
    assert readers.read(write(tmp_path, "a.json", line), EXACT)[0]["text"].tolist() == ["a\ud800"]


def test_a_column_of_json_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    line = json.dumps({"text": "a", "\ud800label": 1})
    with pytest.raises(DataError, match=r"has a column '\\ud800label', which is no text"):
        readers.read(write(tmp_path, "a.json", line), EXACT)


def test_a_file_of_nothing_but_a_byte_order_mark_is_empty(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(b"\xef\xbb\xbf")

    with pytest.raises(DataError, match="is empty"):
        readers.read(tmp_path / "mine.csv", Wanted(()))
