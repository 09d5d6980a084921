"""Which columns of a user's file are the input."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from logitbench.data import columns
from logitbench.errors import DataError, UsageError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_INDEX = re.compile(r"Unnamed: 0(\.\d+)*")
"""The name of a first column whose header is empty; ``DataFrame.to_csv`` writes its index so."""

_ID = re.compile(r"(?i:(.*[\W_])?(id|uid|uuid|guid)|idx|index|key|row)|.*[a-z](Id|ID)")

_FEWEST_ROWS = 10
"""In fewer rows, values may be consecutive by chance."""


@dataclass(frozen=True)
class Chosen:
    """The columns of the input, and why where the user does not name them.

    Args:
        text: The text column; None where the input is numbers.
        features: The numeric columns.
        notes: What the user should know.
    """

    text: str | None
    features: tuple[str, ...]
    notes: tuple[str, ...] = ()


def choose(
    frame: "pd.DataFrame", text: str | None, features: Sequence[str] | None, label: str, *, separated: bool = True
) -> Chosen:
    """Return the columns that the user names; else the column ``text``; else every numeric column.

    A numeric column that numbers the rows is left out, unless the file has no other input or the user names it.

    Args:
        frame: The file.
        text: The text column that the user names.
        features: The numeric columns that the user names.
        label: The column of classes.
        separated: Whether it is a CSV or TSV file, in which ``data.decimal`` has a meaning.

    Raises:
        UsageError: The file does not have a named column.
        DataError: The file has no column that can be the input.
    """
    names = [str(name) for name in frame.columns]
    keys = dict.fromkeys(features or (), "data.features") | {label: "data.label"}
    if text is not None:
        keys[text] = "data.text"
    for name, key in keys.items():
        if name not in names:
            remedy = columns.NAME_THE_LABEL if name == label else columns.NAME_THE_INPUT
            hint = f"{did_you_mean(name, names)} {remedy} {columns.FIRST_LINE}"
            raise UsageError(f"the file has no column {name!r} ({key})", hint)
    if text is not None:
        return Chosen(text, ())
    if features is not None:
        return Chosen(None, tuple(features))
    if "text" in names:
        return Chosen("text", (), ("The input is the column 'text'.",))
    return _numeric(frame, [name for name in names if name != label], label, separated)


def _numeric(frame: "pd.DataFrame", names: Sequence[str], label: str, separated: bool) -> Chosen:
    numeric = [name for name in names if columns.is_numeric(frame[name])]
    commas: dict[str, list[str]] = {}
    for name in names:
        if name not in numeric and (remedy := columns.remedy_for_commas(frame[name], separated=separated)):
            commas.setdefault(remedy, []).append(name)
    notes = [f"{_seem(found)} to hold numbers. {remedy}" for remedy, found in commas.items()]
    if not numeric:
        raise DataError(
            f"the file has no column 'text' and no numeric column beside the label {label!r}",
            " ".join([*notes, f"Name the text column with --set data.text=NAME. {did_you_mean('', [*names, label])}"]),
        )
    rows = [name for name in numeric if numbers_the_rows(frame[name])]
    found = [name for name in numeric if name not in rows]
    if rows and not found and len(names) > len(rows):
        others = [name for name in names if name not in rows]
        raise DataError(
            f"the file has no numeric column to train on: {_seem(rows)} to number the rows, "
            f"and {_listed(others)} {'is' if len(others) == 1 else 'are'} not numeric",
            " ".join(notes or [columns.NAME_THE_INPUT]),
        )
    if rows and found:
        notes.append(f"{_seem(rows)} to number the rows. To use all columns: {_features(numeric)}")
    elif rows:
        found = rows
        notes.append(f"{_seem(rows)} to number the rows, but there is no other numeric column.")
    return Chosen(None, tuple(found), (_taken(found, names), *notes))


def numbers_the_rows(column: "pd.Series[Any]") -> bool:
    """Whether a numeric column names each row and measures nothing.

    Its name is that of an index without a name; or its values are whole numbers, all different, and its name is "id" or
    the like; or it counts the rows from 0 or 1. Other whole numbers in order, such as years, may be measurements.
    """
    if _INDEX.fullmatch(str(column.name)):
        return True
    present = column.dropna()
    values = columns.floats(present)
    if not present.is_unique or not np.isfinite(values).all() or (values % 1).any():
        return False
    if _ID.fullmatch(str(column.name)):
        return True
    return len(values) >= _FEWEST_ROWS and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def _taken(found: Sequence[str], names: Sequence[str]) -> str:
    """Say which columns are the input, and which are not."""
    left = [name for name in names if name not in found]
    count = "1 numeric column" if len(found) == 1 else f"{len(found)} numeric columns"
    sentence = f"The input is {count}: {_listed(found)}"
    return f"{sentence}; left out: {_listed(left)}." if left else f"{sentence}."


def _seem(names: Sequence[str]) -> str:
    return f"{_listed(names)} {'seems' if len(names) == 1 else 'seem'}"


def _features(names: Sequence[str]) -> str:
    return f"--set 'data.features={json.dumps(list(names), ensure_ascii=False)}'"


def _listed(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more
