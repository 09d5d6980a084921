"""The files a user may bring, one reader for each ending."""

import csv
import io
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logitbench.data import paths
from logitbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_NO_NUMBER = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None")
"""What stands in a numeric column of a CSV file where there is no number."""


def read(place: Path, exact: Collection[str]) -> "pd.DataFrame":
    """Read a file into a frame.

    Args:
        place: The file; its ending says the format.
        exact: Columns whose values are kept as the file has them: in CSV as text ("007" and "NA" included),
            elsewhere as they are typed. In any other column of a CSV file, what can be read as numbers is.

    Returns:
        One row per example, numbered from 0 in the order of the file.

    Raises:
        DataError: The file cannot be read or parsed; the message says where.
    """
    reader = READERS.get(place.suffix.lower())
    if reader is None:
        raise DataError(f"{place} has an ending that is not known", f"Known endings: {', '.join(READERS)}.")
    try:
        content = place.read_bytes()
    except OSError as error:
        raise unreadable(place, error) from error
    if not content.strip():
        raise DataError(f"{place} is empty")
    frame = reader(content, place, exact)
    if frame.empty:
        raise DataError(f"{place} holds no rows")
    return frame


def unreadable(place: Path, error: OSError) -> DataError:
    """Return the error to raise for a file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return DataError(f"there is no file {paths.shown(place)}", "Check the path after --data, or data.path.")
    return DataError(f"cannot read {place}: {error.strerror}", "Check the path and who may read it.")


def _decoded(content: bytes, place: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind the byte order mark, where there is one.
        start = error.start + len(content) - len(error.object)
        line = content.count(b"\n", 0, start) + 1
        raise DataError(
            f"{place} is not UTF-8: byte {content[start]:#04x} at position {start}, line {line}",
            "Save the file as UTF-8.",
        ) from error


def _csv(content: bytes, place: Path, exact: Collection[str]) -> "pd.DataFrame":
    return _separated(content, place, exact, ",")


def _tsv(content: bytes, place: Path, exact: Collection[str]) -> "pd.DataFrame":
    return _separated(content, place, exact, "\t")


def _separated(content: bytes, place: Path, exact: Collection[str], separator: str) -> "pd.DataFrame":
    import warnings

    import pandas as pd

    text = _decoded(content, place)
    header = _header(text, place, separator)
    typed = [name for name in header if name not in exact]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # "loss of data", it says
            return pd.read_csv(
                io.StringIO(text),
                sep=separator,
                names=header,
                header=0,
                index_col=False,
                dtype={name: str for name in header if name in exact},
                keep_default_na=False,
                na_values={name: list(_NO_NUMBER) for name in typed},
                low_memory=False,
            )
    except pd.errors.ParserWarning as error:
        raise DataError(f"{place} has rows with more fields than its header", _AS_MANY_FIELDS) from error
    except ValueError as error:
        detail = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        raise DataError(f"{place} cannot be parsed: {detail}", _AS_MANY_FIELDS) from error


_AS_MANY_FIELDS = "Every row needs as many fields as the header; a field that holds the separator needs quotes."


def _header(text: str, place: Path, separator: str) -> list[str]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        header = next((row for row in rows if row), None)
    except csv.Error as error:
        raise DataError(f"the header of {place} cannot be parsed: {error}") from error
    if header is None:
        raise DataError(f"{place} is empty")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DataError(f"{place} has two columns named {twice[0]!r}", "Give each column its own name.")
    return header


def _json_lines(content: bytes, place: Path, exact: Collection[str]) -> "pd.DataFrame":  # noqa: ARG001
    import pandas as pd

    rows: list[dict[str, Any]] = []
    # Not str.splitlines: it also splits at U+2028, which may stand inside a JSON string.
    for number, line in enumerate(_decoded(content, place).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"line {number} of {place} is not JSON: {error}", _ONE_A_LINE) from error
        if not isinstance(row, dict):
            raise DataError(f"line {number} of {place} holds {type(row).__name__}, not an object", _ONE_A_LINE)
        rows.append(row)
    names = dict.fromkeys(name for row in rows for name in row)
    for name in names:
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise DataError(f"{place} has a column {name!r}, which is no text", "Give it another name.")
    columns = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names}
    return pd.DataFrame(columns)


_ONE_A_LINE = 'JSON lines hold one object a line, for example {"text": "a fine film", "label": 1}.'


def _parquet(content: bytes, place: Path, exact: Collection[str]) -> "pd.DataFrame":
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise DataError(
            f"reading {place} needs pyarrow, which is not installed",
            "Run: pip install pyarrow",
        ) from error
    import pandas as pd

    try:
        table = parquet.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{place} is not a whole Parquet file: {error}") from error
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        as_numbers = numeric and name not in exact
        columns[name] = column.to_pandas() if as_numbers else pd.Series(column.to_pylist(), dtype=object)
    return pd.DataFrame(columns)


READERS: dict[str, Callable[[bytes, Path, Collection[str]], "pd.DataFrame"]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json_lines,
    ".parquet": _parquet,
}
"""Readers by ending."""
