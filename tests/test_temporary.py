"""What killed processes leave in the temporary folder is told and moved; what a process uses stays."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from logitbench import temporary

HOLD = """
import pathlib, sys
from logitbench import temporary
temporary.hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""
CODE = "def outer_factory():\n    def inner_factory(ag__):\n        pass\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(path: Path, seconds: float) -> Path:
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def test_a_folder_is_left_over_as_soon_as_its_process_is_killed(root: Path) -> None:
    folder = root / "logitbench-abc"
    folder.mkdir()
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        aged(folder, 10 * temporary.DAY)
        assert temporary.left_over() == []
        process.kill()
        process.wait()

        assert temporary.left_over() == [folder]


def test_a_folder_without_a_lock_counts_when_it_is_old_and_no_process_has_a_file_of_it_open(root: Path) -> None:
    folder = root / "logitbench-abc"
    folder.mkdir()
    with (folder / "worker-1.log").open("w"):
        aged(folder, 2 * temporary.HOUR)
        assert temporary.left_over() == []
    assert temporary.left_over() == [folder]
    aged(folder, 1)
    assert temporary.left_over() == []


def test_old_generated_code_of_tensorflow_is_left_over_and_nothing_else(root: Path) -> None:
    for name in ("__autograph_generated_file1.py", "tmpabc.py"):
        aged_file = root / name
        aged_file.write_text(CODE)
        aged(aged_file, 2 * temporary.DAY)
    (root / "tmpnew.py").write_text(CODE)
    (root / "tmpmine.py").write_text("print('a script of a user')\n")
    (root / "tmpcode.txt").write_text(CODE)
    (root / "tmpfolder.py").mkdir()
    (root / "tmplink.py").symlink_to(root / "tmpabc.py")
    (root / "logitbench-link").symlink_to(root / "tmpfolder.py")
    for name in ("tmpmine.py", "tmpcode.txt", "tmpfolder.py"):
        aged(root / name, 2 * temporary.DAY)

    assert [path.name for path in temporary.left_over()] == ["__autograph_generated_file1.py", "tmpabc.py"]


def test_what_is_left_over_is_moved_to_one_folder_and_nothing_is_deleted(root: Path) -> None:
    folder, used = root / "logitbench-abc", root / "logitbench-def"
    for path in (folder, used):
        path.mkdir()
        os.close(temporary.hold(path))
    (folder / "worker-1.log").write_text("the last words")
    left = temporary.left_over()
    assert left == [folder, used]
    (used / temporary.IN_USE).unlink()
    handle = temporary.hold(used)  # used again since it was looked at

    target = temporary.move_left_over(left)

    os.close(handle)
    assert (target / folder.name / "worker-1.log").read_text() == "the last words"
    assert used.exists()
    assert target.parent == root
