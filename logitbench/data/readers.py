"""The files a user may bring, one reader for each ending."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from logitbench.data import paths
from logitbench.data.decoding import decoded
from logitbench.data.separated import Wanted, read_separated
from logitbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Rows = tuple["pd.DataFrame", tuple[str, ...]]
"""Rows, numbered from 0 in the order of the file, and notes on how they were read."""

_MOST_FILES = 5
"""Files of a folder that a message names."""


def read(place: Path, wanted: Wanted) -> Rows:
    """Read a file into a frame.

    Args:
        place: The file; its ending says the format.
        wanted: Its columns and dialect.

    Raises:
        DataError: The file cannot be read or parsed; the message says where.
    """
    try:
        content = place.read_bytes()
    except OSError as error:
        raise unreadable(place, error) from error
    reading = READERS.get(place.suffix.lower())
    if reading is None:
        raise DataError(f"{place} has an ending that is not known", f"Known endings: {', '.join(READERS)}.")
    if not content.strip():
        raise DataError(f"{place} is empty")
    frame, notes = reading.reader(content, place, wanted)
    if frame.empty:
        raise DataError(f"{place} holds no rows")
    return frame, notes


def unreadable(place: Path, error: OSError) -> DataError:
    """Return the error to raise for a file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return DataError(f"there is no file {paths.shown(place)}", "Check the path after --data, or data.path.")
    if isinstance(error, IsADirectoryError):
        return _folder(place)
    return DataError(f"cannot read {place}: {error.strerror}", "Check the path and who may read it.")


def _folder(place: Path) -> DataError:
    try:
        files = sorted(path for path in place.iterdir() if path.suffix.lower() in READERS and path.is_file())
    except OSError:
        files = []
    if not files:
        return DataError(
            f"{place} is a folder, and there is no data file in it",
            f"Name a file whose name ends in one of {', '.join(READERS)}.",
        )
    names = ", ".join(path.name for path in files[:_MOST_FILES])
    more = f" and {len(files) - _MOST_FILES} more" if len(files) > _MOST_FILES else ""
    return DataError(
        f"{place} is a folder; the data files in it: {names}{more}",
        f"Name one of them: --data {shlex.quote(str(files[0]))}",
    )


def _csv(content: bytes, place: Path, wanted: Wanted) -> Rows:
    return read_separated(decoded(content, place, wanted.encoding), place, wanted, ",")


def _tsv(content: bytes, place: Path, wanted: Wanted) -> Rows:
    return read_separated(decoded(content, place, wanted.encoding), place, wanted, "\t")


def _json_lines(content: bytes, place: Path, wanted: Wanted) -> Rows:
    import pandas as pd

    rows: list[dict[str, Any]] = []
    # Not str.splitlines: it also splits at U+2028, which may stand inside a JSON string.
    for number, line in enumerate(decoded(content, place, wanted.encoding).split("\n"), start=1):
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
    return pd.DataFrame(columns), ()


_ONE_A_LINE = 'JSON lines hold one object a line, for example {"text": "a fine film", "label": 1}.'


def _parquet(content: bytes, place: Path, wanted: Wanted) -> Rows:
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
        as_numbers = numeric and name not in wanted.exact
        columns[name] = column.to_pandas() if as_numbers else pd.Series(column.to_pylist(), dtype=object)
    return pd.DataFrame(columns), ()


class Reading(NamedTuple):
    """How files of one ending are read.

    Args:
        reader: Turns bytes into rows.
        options: The keys of ``[data]`` that the reader uses.
    """

    reader: Callable[[bytes, Path, Wanted], Rows]
    options: frozenset[str]


_SEPARATED = frozenset({"encoding", "decimal"})
_LINES = Reading(_json_lines, frozenset({"encoding"}))

READERS: dict[str, Reading] = {
    ".csv": Reading(_csv, _SEPARATED),
    ".tsv": Reading(_tsv, _SEPARATED),
    ".jsonl": _LINES,
    ".ndjson": _LINES,
    ".json": _LINES,
    ".parquet": Reading(_parquet, frozenset()),
}
"""How files are read, by ending."""


def uses(place: Path, option: str) -> bool:
    """Whether the reader of a file uses a key of ``[data]``; True for an ending that is not known."""
    reading = READERS.get(place.suffix.lower())
    return reading is None or option in reading.options
