from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from logitbench.errors import UsageError
from logitbench.report.parquet import write_table


def test_a_table_is_read_back_with_no_digit_lost(table: pd.DataFrame, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_table(table, tmp_path / "epochs.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "epochs.parquet"), table, check_exact=True)


def test_without_pyarrow_the_package_to_install_is_named(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] in {"pyarrow", "fastparquet"}]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "fastparquet", None)
    with pytest.raises(UsageError, match="pyarrow, which is not installed") as caught:
        write_table(table, tmp_path / "epochs.parquet")
    assert caught.value.hint == "Run: pip install pyarrow"
