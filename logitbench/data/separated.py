"""CSV and TSV files: which separator they use, their header, their rows."""

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from logitbench.data import columns
from logitbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = {",": "','", ";": "';'", "\t": "tabs", "|": "'|'"}
"""Separators that a file may use, each with its name in messages."""

_NO_NUMBER = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None")
"""What stands in a numeric column of a CSV file where there is no number."""

_AS_MANY_FIELDS = "Every row needs as many fields as the header; a field that holds the separator needs quotes."


@dataclass(frozen=True)
class Wanted:
    """What a reader must know of the columns and of the file's dialect.

    Args:
        exact: Columns whose values stay as the file has them: in CSV as text ("007" and "NA" included).
        expected: Columns that the header must have; the separator of a CSV file is the one that finds them.
        encoding: Of a text file.
        decimal: What stands before the fraction of a number in a CSV file, ``.`` or ``,``.
    """

    exact: Collection[str]
    expected: Collection[str] = field(default=frozenset())
    encoding: str = "utf-8"
    decimal: str = "."


def read_separated(text: str, place: Path, wanted: Wanted, usual: str) -> tuple["pd.DataFrame", tuple[str, ...]]:
    """Read a CSV file.

    Args:
        text: Its content.
        place: The file, for messages.
        wanted: Its columns and dialect.
        usual: The separator that its ending stands for; another one is named in a note.

    Returns:
        Its rows, and a note where the separator is not the usual one.

    Raises:
        DataError: It cannot be parsed; the message says where.
    """
    separator, header = _dialect(text, place, wanted.expected, usual)
    note = f"The fields of the file are separated by {SEPARATORS[separator]}."
    return _rows(text, place, wanted, separator, header), () if separator == usual else (note,)


def _dialect(text: str, place: Path, expected: Collection[str], usual: str) -> tuple[str, list[str]]:
    """Return the separator that finds the most expected columns, then the most columns, and the header by it.

    csv.Sniffer looks at letters alone and takes a frequent one for the separator; here the names are known.
    """
    headers = {}
    for separator in (usual, *SEPARATORS):
        try:
            headers[separator] = _header(text, separator)
        except csv.Error as error:
            failed = error
            continue
        if expected and set(expected) <= set(headers[separator]):
            break
    if not headers:
        raise DataError(f"the header of {place} cannot be parsed: {failed}") from failed
    separator = max(headers, key=lambda key: (len(set(expected) & set(headers[key])), len(headers[key])))
    header = headers[separator]
    if not header:
        raise DataError(f"{place} is empty")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DataError(f"{place} has two columns named {twice[0]!r}", "Give each column its own name.")
    return separator, header


def _header(text: str, separator: str) -> list[str]:
    """Return the names of the columns; one without a name gets the name that pandas gives it."""
    header = next(_lines(text, separator), [])
    unnamed = (f"Unnamed: {position}" for position in range(len(header)))
    return [
        name or (other if other not in header else f"{other}.1") for name, other in zip(header, unnamed, strict=True)
    ]


def _lines(text: str, separator: str) -> Iterator[list[str]]:
    return (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row)


def _rows(text: str, place: Path, wanted: Wanted, separator: str, header: list[str]) -> "pd.DataFrame":
    import pandas as pd

    if "\n" not in text:
        text = text.replace("\r", "\n")  # pandas before 3.1 cannot parse every file with old line ends
    first = next(islice(_lines(text, separator), 1, None), [])
    if len(first) > len(header):
        raise DataError(f"{place} has rows with more fields than its header", _AS_MANY_FIELDS)
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            names=header,
            header=0,
            index_col=False,
            dtype={name: str for name in header if name in wanted.exact},
            keep_default_na=False,
            na_values={name: list(_NO_NUMBER) for name in header if name not in wanted.exact},
            decimal=wanted.decimal,
            float_precision=float_precision(pd.__version__),
            low_memory=False,
        )
    except ValueError as error:
        detail = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        raise DataError(f"{place} cannot be parsed: {detail}", _AS_MANY_FIELDS) from error
    point = re.escape(wanted.decimal)
    number = re.compile(rf"[+-]?\d+({point}\d*)?(e[+-]?\d+)?", re.IGNORECASE)
    for name in set(header) - set(wanted.exact):  # pandas before 3.1 leaves 1e400 and 2**64 as text
        if pd.api.types.infer_dtype(frame[name]) == "string" and all(map(number.fullmatch, frame[name].dropna())):
            frame[name] = columns.floats(frame[name].str.replace(wanted.decimal, ".", regex=False))
    return frame


def float_precision(version: str) -> Literal["round_trip"] | None:
    """Return what makes pandas read numbers to the last bit: nothing from 3.1, where the argument is deprecated."""
    major, minor = version.split(".")[:2]
    return "round_trip" if (int(major), int(minor)) < (3, 1) else None
