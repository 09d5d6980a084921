import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logitbench.data.dataset import Dataset
from logitbench.data.file import File
from logitbench.errors import DataError, UsageError
from logitbench.spec import validate

NUMBERS = "a,b,c,d,label\n" + "".join(f"{n % 7},{n % 7 / 2},w{n},,{'xy'[n % 2]}\n" for n in range(20))


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Dataset]:
    """Load a file of the given content."""

    def loaded(name: str, content: str, **options: Any) -> Dataset:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return File(path=str(path), **options).load(lambda line: None)

    return loaded


def test_real_sentences_are_read_and_split_by_class(shared: Callable[[str], Path], said: list[str]) -> None:
    data = File(path=str(shared("rt-polarity.csv"))).load(said.append)
    assert (len(data.y_train), len(data.y_val)) == (8530, 2132)
    assert data.y_train.mean() == data.y_val.mean() == 0.5
    assert data.classes == ("0", "1")
    assert data.vocabulary_size == 10_000
    assert data.notes == ("The input is the column 'text'.",)


def test_every_format_gives_the_same_dataset(
    load: Callable[..., Dataset], sentences: list[str], tmp_path: Path, said: list[str]
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rows = [{"text": sentence, "label": number % 2} for number, sentence in enumerate(sentences[:60])]
    table = tmp_path / "a.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), table)
    digests = {File(path=str(table)).load(said.append).digest()}
    digests.add(load("a.jsonl", "\n".join(map(json.dumps, rows))).digest())
    for name, dialect in (("a.csv", "excel"), ("a.tsv", "excel-tab")):
        with (tmp_path / "rows").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["text", "label"], dialect=dialect)
            writer.writeheader()
            writer.writerows(rows)
        digests.add(load(name, (tmp_path / "rows").read_text(encoding="utf-8")).digest())
    assert len(digests) == 1


def test_without_a_text_column_every_numeric_column_is_taken_and_named(load: Callable[..., Dataset]) -> None:
    data = load("a.csv", NUMBERS, standardise=False)
    assert data.x_train.shape == (16, 2)
    assert data.x_train.dtype == np.float32
    assert data.vocabulary_size is None
    assert data.notes == ("The input is 2 numeric columns: 'a', 'b'; left out: 'c', 'd'.",)
    np.testing.assert_array_equal(data.x_train[:, 0], data.x_train[:, 1] * 2)


def test_chosen_columns_are_taken_without_a_note(load: Callable[..., Dataset]) -> None:
    assert load("a.csv", NUMBERS, features=["b"]).input_shape == (1,)
    data = load("a.csv", NUMBERS, text="c", sequence_length=7)
    assert data.input_shape == (7,)
    assert data.notes == ()


def test_numeric_columns_are_scaled_by_the_training_rows(load: Callable[..., Dataset]) -> None:
    data = load("a.csv", NUMBERS)
    np.testing.assert_allclose(data.x_train.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(data.x_train.std(0), 1, rtol=1e-6)


def test_texts_that_look_like_numbers_or_nothing_stay_as_they_are(load: Callable[..., Dataset]) -> None:
    rows = "".join(f"{word},{number % 2}\n" for number, word in enumerate(["007", "NA", "null", "1.0"] * 3))
    data = load("a.csv", f"text,label\n{rows}", validation_split=0.1)
    assert data.vocabulary_size == 2 + 4  # "7" would be a fifth; "10" is what the tutorial makes of 1.0
    assert len(data.y_train) + len(data.y_val) == 12


def test_rows_that_miss_a_used_value_are_left_out_and_noted(load: Callable[..., Dataset]) -> None:
    data = load("a.csv", NUMBERS + "NaN,1,w,,x\n1,NA,w,,y\n1,2,w,,\n3,4,,,x\n", features=["a", "b"])
    assert len(data.y_train) + len(data.y_val) == 21
    assert data.notes == (
        "3 of 24 rows were left out for a missing value: 21, 22, 23 (the first row of data is row 1).",
    )


def test_the_split_follows_its_seed_and_share(load: Callable[..., Dataset]) -> None:
    options: dict[str, Any] = {"features": ["a"], "standardise": False}
    first, again, other = (load("a.csv", NUMBERS, split_seed=seed, **options) for seed in (1, 1, 2))
    assert first.digest() == again.digest() != other.digest()
    assert len(load("a.csv", NUMBERS, validation_split=0.5, **options).y_val) == 10


@pytest.mark.parametrize(
    ("options", "message", "hints"),
    [
        ({"label": "lable"}, "no column 'lable' (data.label)", ["Did you mean 'label'?", "--set data.label=NAME"]),
        ({"text": "C"}, "no column 'C' (data.text)", ["Known: a, b, c, d, label.", "--set data.text=NAME"]),
        ({"features": ["a", "bb"]}, "no column 'bb' (data.features)", ["Did you mean 'b'?", "data.features="]),
    ],
)
def test_an_unknown_column_is_a_wrong_key(
    load: Callable[..., Dataset], options: dict[str, Any], message: str, hints: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        load("a.csv", NUMBERS, **options)
    assert f"the file has {message}" in caught.value.message
    for hint in hints:
        assert hint in caught.value.hint
    assert "separated" not in caught.value.hint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": "c", "features": ["a"]}, "data.text and data.features are both given"),
        ({"features": ["a", "label"]}, "the label column 'label' is also named as an input"),
        ({"text": "y", "label": "y"}, "the label column 'y' is also named as an input"),
        ({"features": ["a", "a"]}, "data.features names a column twice"),
        ({"features": []}, "features should have at least one entry"),
        ({"encoding": "utf-9"}, "a text encoding that Python knows, got 'utf-9'"),
        ({"decimal": ";"}, "decimal should be '.' or ',', got ';'"),
        ({"validation_split": 1.0}, "validation_split should be less than 1"),
        ({"txt": "c"}, "unknown key 'txt'"),
        (
            {"path": "a.PARQUET", "encoding": "latin-1"},
            "data.encoding is 'latin-1', which a .PARQUET file does not use",
        ),
        ({"path": "a.parquet", "decimal": ","}, "data.decimal is ',', which a .parquet file does not use"),
        ({"path": "a.jsonl", "decimal": ","}, "data.decimal is ',', which a .jsonl file does not use"),
    ],
)
def test_keys_that_contradict_each_other_are_refused_before_reading(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        validate(File, options, where="[data]")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("content", "options", "message", "hint"),
    [
        ("x,label\na,1\n", {}, "no column 'text' and no numeric column", "--set data.text=NAME"),
        ("text,label\n!,1\n?,1\n-,0\n.,0\n", {}, "the column 'text' holds no words", "--set data.text=NAME"),
        ("x,label\n1e39,1\n1e39,1\n1,0\n1,0\n", {"standardise": False}, "column 'x' holds values too large", "Rescale"),
        ("x,label\n,1\n,0\n", {"features": ["x"]}, "every one of the 2 rows misses a value", "data.features"),
    ],
)
def test_content_that_cannot_be_used_is_said(
    load: Callable[..., Dataset], content: str, options: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(DataError) as caught:
        load("a.csv", content, **options)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_home_folder_that_is_not_there_is_named(said: list[str]) -> None:
    with pytest.raises(DataError, match=r"cannot expand '~nosuch/x\.csv'"):
        File(path="~nosuch/x.csv").load(said.append)


def test_a_missing_relative_path_is_told_with_the_folder_it_was_looked_for_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        File(path="nowhere.csv").load(said.append)
    assert caught.value.message == f"there is no file 'nowhere.csv' in {tmp_path}"
    assert "--data" in caught.value.hint
    assert "data.path" in caught.value.hint


def test_no_file_named_asks_for_one(said: list[str]) -> None:
    for use in (File().content_digest, File().load):
        with pytest.raises(UsageError, match="say which file: --data PATH") as caught:
            use(said.append)
        assert ".csv" in caught.value.hint
        assert caught.value.exit_code == 2


def test_a_missing_file_is_named_before_it_is_read(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(DataError, match="there is no file"):
        File(path=str(tmp_path / "nowhere.csv")).content_digest(said.append)


def test_the_digest_follows_content_and_ending_but_not_the_place(tmp_path: Path, said: list[str]) -> None:
    def digest(name: str, content: str) -> str:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return File(path=str(path)).content_digest(said.append)

    assert digest("a.csv", "x") == digest("b.csv", "x")
    assert len({digest("a.csv", "x"), digest("a.tsv", "x"), digest("a.csv", "y")}) == 3


SPAM = "v1,v2,,,\n" + "".join(f'{("ham", "spam")[n % 4 == 0]},"Free £{n} now, call",,,\n' for n in range(28))


def test_a_spam_file_as_it_is_published_is_read_with_the_flag_that_the_error_names(tmp_path: Path) -> None:
    path = tmp_path / "spam.csv"
    path.write_bytes(SPAM.encode("latin-1"))
    columns: dict[str, Any] = {"path": str(path), "label": "v1", "text": "v2"}
    with pytest.raises(DataError, match="is not UTF-8: byte 0xa3") as caught:
        File(**columns).load(print)
    assert "--set data.encoding=cp1252." in caught.value.hint
    data = File(**columns, encoding="cp1252").load(print)
    assert data.classes == ("ham", "spam")
    assert len(data.y_train) + len(data.y_val) == 28


def test_without_its_columns_a_spam_file_is_answered_with_the_names_it_has(load: Callable[..., Dataset]) -> None:
    with pytest.raises(UsageError, match=r"no column 'label' \(data\.label\)") as caught:
        load("spam.csv", SPAM)
    assert caught.value.hint == (
        "Known: Unnamed: 2, Unnamed: 3, Unnamed: 4, v1, v2. Name the column of classes with --set data.label=NAME. "
        "The first line of a CSV or TSV file names its columns."
    )


def test_a_file_of_excel_with_semicolons_and_decimal_commas(load: Callable[..., Dataset]) -> None:
    rows = "".join(f"{n % 5},{n % 3};{n % 7};{'xy'[n % 2]}\r\n" for n in range(20))
    content = f"\ufeffprice;size;label\r\n{rows}"
    semicolons = "The fields of the file are separated by ';'."
    data = load("a.csv", content)
    assert data.notes == (
        semicolons,
        "The input is 1 numeric column: 'size'; left out: 'price'.",
        "'price' seems to hold numbers. To read decimal commas: --set 'data.decimal=,'.",
    )
    data = load("a.csv", content, decimal=",")
    assert data.notes == (semicolons, "The input is 2 numeric columns: 'price', 'size'.")
    with pytest.raises(DataError, match="holds '0,0' in row 1, which is not a number") as caught:
        load("a.csv", content, features=["price"])
    assert "--set 'data.decimal=,'" in caught.value.hint


def test_row_numbers_alone_are_not_trained_on_where_the_input_has_decimal_commas(load: Callable[..., Dataset]) -> None:
    content = "id;v;label\n" + "".join(f"{n};{n % 5},{n % 3};{'xy'[n % 2]}\n" for n in range(20))
    with pytest.raises(DataError, match="'id' seems to number the rows, and 'v' is not numeric") as caught:
        load("a.csv", content)
    assert caught.value.hint.endswith("--set 'data.decimal=,'.")
    assert load("a.csv", content, decimal=",").input_shape == (1,)


def test_years_beside_measurements_are_an_input(load: Callable[..., Dataset]) -> None:
    content = "year,temp,label\n" + "".join(f"{1990 + n},{n % 5},{'xy'[n % 2]}\n" for n in range(20))
    assert load("a.csv", content).notes == ("The input is 2 numeric columns: 'year', 'temp'.",)


def test_thousands_separators_are_not_taken_for_decimal_commas(load: Callable[..., Dataset]) -> None:
    content = "price,size,label\n" + "".join(f'"{n + 1},037",{n % 7},{"xy"[n % 2]}\n' for n in range(20))
    assert "may be thousands separators" in load("a.csv", content).notes[-1]


def test_an_integer_too_large_for_float64_is_an_error_that_names_it(load: Callable[..., Dataset]) -> None:
    rows = "".join(f'{{"x": {n}, "label": {n % 2}}}\n' for n in range(12))
    with pytest.raises(DataError, match="the column 'x' is infinite in row 13"):
        load("a.jsonl", rows + f'{{"x": 1{"0" * 400}, "label": 1}}\n')


def test_numbers_with_commas_in_json_are_not_answered_with_a_flag_for_csv(load: Callable[..., Dataset]) -> None:
    rows = "".join(f'{{"x": "{n % 5},5", "y": {n % 7}, "label": {n % 2}}}\n' for n in range(12))
    assert load("a.jsonl", rows).notes[-1] == (
        "'x' seems to hold numbers. Write numbers with a decimal point, without quotes and thousands separators."
    )
    with pytest.raises(DataError, match="which is not a number") as caught:
        load("a.jsonl", rows, features=["x"])
    assert "data.decimal" not in caught.value.hint


def test_labels_that_are_lists_are_said(load: Callable[..., Dataset]) -> None:
    data = load("a.csv", "text,label\n" + "an offer,spam;ad\na note,ham\n" * 5)
    assert data.notes[-1].startswith("Labels such as 'spam;ad' look like several labels per example.")


@pytest.mark.parametrize("rows", range(4, 40))
def test_every_size_gives_both_sides_all_classes(load: Callable[..., Dataset], rows: int) -> None:
    for content in (
        "text,label\n" + "".join(f"some words {n},{n % 2}\n" for n in range(rows)),
        "x,label\n" + "".join(f"{n},{n % 2}\n" for n in range(rows)),
    ):
        data = load("a.csv", content)
        assert len(data.y_train) + len(data.y_val) == rows
        assert set(data.y_train) == set(data.y_val) == {0, 1}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("a", "every row has the same label, 'a'"),
        ("aa", "every row has the same label, 'a'"),
        ("ab", "the class 'a' has a single example, and so has 1 more"),
        ("aab", "the class 'b' has a single example"),
    ],
)
def test_a_file_too_small_to_split_is_refused(load: Callable[..., Dataset], labels: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load("a.csv", "text,label\n" + "".join(f"words,{label}\n" for label in labels))
