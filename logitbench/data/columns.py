"""Columns of a user's file into inputs and classes, with errors that name column and row."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from logitbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+(,\d+)?([eE][+-]?\d+)?\s*")
_THOUSANDS = re.compile(r"\s*[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?\s*")

MOST_CLASSES = 1_000
MOST_FRACTIONS = 20
"""More different labels than this, with fractions among them, are measurements and not classes."""

NAME_THE_INPUT = (
    "Name the text column with --set data.text=NAME, or numeric ones with --set 'data.features=[\"NAME\"]'."
)
READ_COMMAS = "To read decimal commas: --set 'data.decimal=,'."
_READ_THOUSANDS = (
    "The commas may be thousands separators: remove them from the file. If they are decimal commas: "
    "--set 'data.decimal=,'."
)
_WRITE_POINTS = "Write numbers with a decimal point, without quotes and thousands separators."
NAME_THE_LABEL = "Name the column of classes with --set data.label=NAME."
FIRST_LINE = "The first line of a CSV or TSV file names its columns."


def texts(column: "pd.Series[Any]") -> tuple[list[str], NDArray[np.bool_]]:
    """Return a text column as it stands, and where it is missing (empty or null).

    Raises:
        DataError: A value is not text; the message names the row.
    """
    values = _values(column)
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, str):
            raise DataError(
                f"the column {column.name!r} holds {_shown(value)} in row {row + 1}, which is not text",
                NAME_THE_INPUT,
            )
    return [value or "" for value in values], np.array([not value for value in values])


def numbers(
    frame: "pd.DataFrame", names: Sequence[str], *, separated: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return numeric columns, [rows, columns], and which rows miss a number (null or NaN).

    Args:
        frame: The file.
        names: The columns.
        separated: Whether it is a CSV or TSV file, in which ``data.decimal`` has a meaning.

    Raises:
        DataError: A value is not a number, or is infinite; the message names column and row.
    """
    table = np.column_stack([floats(frame[name], separated=separated) for name in names])
    infinite = np.argwhere(np.isinf(table))
    if len(infinite):
        row, place = infinite[0]
        raise DataError(
            f"the column {names[place]!r} is infinite in row {row + 1}",
            "Correct the value, or leave it empty: rows with missing values are left out.",
        )
    return table, np.asarray(np.isnan(table).any(axis=1))


def is_numeric(column: "pd.Series[Any]") -> bool:
    """Whether a column holds numbers, or true and false, and is not wholly empty."""
    if column.dtype.kind in "biuf":
        return bool(column.notna().any())
    values = [value for value in _values(column) if value is not None]
    return bool(values) and all(isinstance(value, int | float) for value in values)


def floats(column: "pd.Series[Any]", *, separated: bool = True) -> NDArray[np.float64]:
    """Return a numeric column: NaN where a value is missing, infinity where float64 has no room for an integer.

    Raises:
        DataError: A value is not a number; the message names column and row.
    """
    if column.dtype.kind in "biuf":
        return column.to_numpy(np.float64)
    values = _values(column)
    found = np.empty(len(values))
    for row, value in enumerate(values):
        try:
            found[row] = math.nan if value is None else float(value)
        except OverflowError:
            found[row] = math.inf
        except (TypeError, ValueError) as error:
            commas = _with_commas([value for value in values if isinstance(value, str) and "," in value], separated)
            raise DataError(
                f"the column {column.name!r} holds {_shown(value)} in row {row + 1}, which is not a number",
                commas if commas and "," in str(value) else NAME_THE_INPUT,
            ) from error
    return found


def remedy_for_commas(column: "pd.Series[Any]", *, separated: bool = True) -> str:
    """Return how to read a column of text that holds numbers such as 1,5 or 1,500; "" for any other column."""
    return _with_commas([str(value) for value in _values(column) if value is not None], separated)


def _with_commas(values: Sequence[str], separated: bool) -> str:
    if not any("," in value for value in values):
        return ""
    thousands = all(map(_THOUSANDS.fullmatch, values))
    if not thousands and not all(map(_DECIMAL_COMMA.fullmatch, values)):
        return ""
    if not separated:
        return _WRITE_POINTS
    return _READ_THOUSANDS if thousands else READ_COMMAS


def labels(column: "pd.Series[Any]") -> tuple[list[str], NDArray[np.bool_]]:
    """Return the name of each row's class, and where it is missing (empty or null).

    Raises:
        DataError: A value cannot be the name of a class.
    """
    values = _values(column)
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, str | int | float):
            raise DataError(
                f"the label in row {row + 1} is neither text nor a number: {_shown(value)}",
                NAME_THE_LABEL,
            )
    missing = np.array([value is None or value == "" for value in values])
    return ["" if value is None else str(value) for value in values], missing


def complete(missing: NDArray[np.bool_]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Return which rows have every value, and a note on the others.

    Raises:
        DataError: None has.
    """
    kept, gone = np.flatnonzero(~missing), np.flatnonzero(missing) + 1
    if not len(kept):
        raise DataError(
            f"every one of the {len(missing):,} rows misses a value in a column that is used",
            "Choose columns that are filled, with data.text or data.features and data.label.",
        )
    if not len(gone):
        return kept, ()
    first = ", ".join(str(row) for row in gone[:5])
    more = f" and {len(gone) - 5:,} more" if len(gone) > 5 else ""
    were = "was" if len(gone) == 1 else "were"
    return kept, (
        f"{len(gone):,} of {len(missing):,} rows {were} left out for a missing value: "
        f"{first}{more} (the first row of data is row 1).",
    )


def classes(names: Sequence[str], label: str) -> tuple[tuple[str, ...], NDArray[np.int32], tuple[str, ...]]:
    """Return the classes, sorted, as numbers where all are numbers, each row's class number, and a note on doubts.

    Args:
        names: Each row's class.
        label: Name of the column.

    Raises:
        DataError: There is one class only, or too many, or one has a single example.
    """
    counts = Counter(names)
    several = _several_labels(counts)
    values = {name: value for name in counts if (value := _number(name)) is not None}
    _refuse_measurements(counts, values, label)
    if len(counts) == 1:
        raise DataError(
            f"every row has the same label, {names[0]!r}, in column {label!r}", "A comparison needs two classes."
        )
    rare = sorted(name for name, count in counts.items() if count < 2)
    if rare:
        others = f", and so {'has' if len(rare) == 2 else 'have'} {len(rare) - 1} more" if rare[1:] else ""
        raise DataError(
            f"the class {rare[0]!r} has a single example{others}",
            " ".join((*several, "Each class needs 2, one of them for validation. Add examples, or remove the class.")),
        )
    numeric = len(values) == len(counts)
    ordered = tuple(sorted(counts, key=lambda name: (values[name], name) if numeric else (0, name)))
    number_of = {name: number for number, name in enumerate(ordered)}
    return ordered, np.array([number_of[name] for name in names], np.int32), several


def _several_labels(counts: Counter[str]) -> tuple[str, ...]:
    """Return a note where labels look like lists: ``a;b``, ``a|b``, or ``a,b`` where ``a`` and ``b`` are labels too."""
    for separator in ";|,":
        parts = {name: [part.strip() for part in name.split(separator)] for name in counts}
        shared = Counter(part for found in parts.values() for part in set(found))
        for name in sorted(counts):
            known = all(shared[part] > 1 for part in parts[name])
            if len(parts[name]) > 1 and all(parts[name]) and (known or separator != ","):
                return (
                    f"Labels such as {_shown(name)} look like several labels per example. logitbench trains on one "
                    f"label per example: each distinct value is a class of its own ({len(counts):,} classes).",
                )
    return ()


def _refuse_measurements(counts: Counter[str], values: dict[str, float], label: str) -> None:
    fractions = len(values) == len(counts) and any(value % 1 for value in values.values())
    if fractions and len(counts) > MOST_FRACTIONS:
        raise DataError(
            f"the label column {label!r} holds {len(counts):,} different numbers with fractions: "
            "it looks like a regression target, not classes",
            NAME_THE_LABEL,
        )
    if len(counts) > MOST_CLASSES:
        raise DataError(
            f"the label column {label!r} holds {len(counts):,} values, more than {MOST_CLASSES:,} classes",
            NAME_THE_LABEL,
        )


def _values(column: "pd.Series[Any]") -> list[Any]:
    """Return Python values, None where pandas holds one of its kinds of nothing."""
    return [None if nothing else value for value, nothing in zip(column.tolist(), column.isna(), strict=True)]


def _number(name: str) -> float | None:
    try:
        value = float(name)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _shown(value: Any, most: int = 40) -> str:
    shown = repr(value)
    return shown if len(shown) <= most else f"{shown[:most]}..."
