"""Parquet, through pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write an epoch table.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        table.to_parquet(path, index=False)
    except ImportError as error:
        raise UsageError(
            "Parquet needs the package pyarrow, which is not installed",
            "Run: pip install pyarrow",
        ) from error
