from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest

from logitbench.cli.output import finished, write
from logitbench.errors import UsageError
from tests.handmade import ASSETS


def test_rows_are_read_with_the_collector_off() -> None:
    """With it on, 400,000 rows take two seconds more."""
    try:
        assert len(finished([ASSETS])) == 5
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    output = tmp_path / "table.csv"
    output.write_text("older")
    write("newer", output)
    assert output.read_text() == "newer"
    assert list(tmp_path.iterdir()) == [output]


def test_a_file_that_others_may_not_read_stays_so(tmp_path: Path) -> None:
    output = tmp_path / "table.csv"
    output.touch(0o600)
    write("newer", output)
    assert output.stat().st_mode & 0o777 == 0o600


def test_a_writer_that_fails_leaves_the_older_file(tmp_path: Path) -> None:
    output = tmp_path / "table.csv"
    output.write_text("older")
    with pytest.raises(UnicodeEncodeError):
        write("half of it, \ud800", output)
    assert output.read_text() == "older"
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_stays_one_and_the_file_it_leads_to_is_written(tmp_path: Path, there: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "real.csv", tmp_path / "link.csv"
    if there:
        target.write_text("older")
    link.symlink_to(Path("elsewhere") / "real.csv")
    write("newer", link)
    assert link.is_symlink()
    assert target.read_text() == "newer"
    assert list(target.parent.iterdir()) == [target]


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()), daemon=True)
    reader.start()
    write("through", pipe)
    reader.join(timeout=10)
    assert heard == ["through"]
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_device_is_written_to_and_stays_one() -> None:
    write("into nothing", Path(os.devnull))
    assert Path(os.devnull).is_char_device()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(UsageError) as caught:
        write("text", missing / "table.csv")
    assert caught.value.message.endswith(f": there is no folder {missing}")
    assert "Make it" in caught.value.hint


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory"):
        write("text", tmp_path)
    assert list(tmp_path.iterdir()) == []
