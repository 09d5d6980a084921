"""What killed processes leave in the temporary folder is told and moved; what a process uses stays."""

from __future__ import annotations

import os
import shutil
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
GENERATED = "__autograph_generated_file"
CODE = "# coding=utf-8\ndef outer_factory():\n\n    def inner_factory(ag__):\n\n        def tf__f(x):\n"


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
    folder = root / "logitbench-abcdefgh"
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


def test_a_folder_counts_only_when_no_process_has_a_file_of_it_open_or_mapped_or_works_in_it(root: Path) -> None:
    """Where there are no locks, these alone show that a process uses it."""
    for name in (temporary.IN_USE, f".{temporary.IN_USE}"):
        folder = root / f"logitbench-abcdefg{len(name) % 10}"
        folder.mkdir()
        (folder / name).touch()
        program = shutil.copy(shutil.which("cat") or "", folder / "program")  # mapped while it runs, and not open
        aged(folder, 2 * temporary.HOUR)
        with (folder / "program").open("rb"):
            assert temporary.left_over() == []
        for command, cwd in ((program, root), ("cat", folder)):
            with subprocess.Popen([command], cwd=cwd, stdin=subprocess.PIPE) as process:
                assert temporary.left_over() == []
                process.communicate()

        assert temporary.left_over() == [folder]
        aged(folder, 1)
        assert temporary.left_over() == ([folder] if name == temporary.IN_USE else [])
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("logitbench-abcdefgh", ["notes.txt"]),
        ("logitbench-abcdefgh", ["in-use", "worker-1.log"]),
        ("logitbench-paper", [temporary.IN_USE]),
        ("logitbench-ABCDEFGH", [temporary.IN_USE]),
        ("logitbench-abcdefgh-2", [temporary.IN_USE]),
    ],
)
def test_a_folder_of_a_user_is_never_left_over(root: Path, name: str, inside: list[str]) -> None:
    (root / name).mkdir()
    for file in inside:
        (root / name / file).touch()
    aged(root / name, 10 * temporary.DAY)
    assert temporary.left_over() == []


def test_old_generated_code_of_tensorflow_is_left_over_and_nothing_else(root: Path) -> None:
    code, closure = f"{GENERATED}1234567a.py", f"{GENERATED}1234567b.py"
    contents = {
        code: CODE,
        closure: CODE.replace("():\n\n", "():\n    scale = None\n    x_1 = None\n\n"),
        f"{GENERATED}new45678.py": CODE,
        f"{GENERATED}mine5678.py": "flag__x = tag__y = 1\n",
        f"{GENERATED}told5678.py": f"# a copy of generated code:\n{CODE}",
        f"{GENERATED}text5678.txt": CODE,
        f"{GENERATED}1.py": CODE,
        "tmp_experiment.py": "flag__x = 1\n",
        "tmpabcdefgh.py": CODE,
    }
    for name, content in contents.items():
        (root / name).write_text(content)
        aged(root / name, 0 if "new" in name else 2 * temporary.DAY)
    (root / f"{GENERATED}folder78.py").mkdir()
    aged(root / f"{GENERATED}folder78.py", 2 * temporary.DAY)
    (root / f"{GENERATED}link5678.py").symlink_to(root / code)
    (root / "logitbench-link5678").symlink_to(root / f"{GENERATED}folder78.py")

    assert [path.name for path in temporary.left_over()] == [code, closure]


@pytest.mark.slow
def test_what_tensorflow_writes_is_known_as_its_code(root: Path) -> None:
    program = """
import os, tensorflow as tf
scale = 2
def outer(factor):
    def inner(x):
        if x > 0:
            x = x * factor
        return x * scale
    return inner
tf.function(outer(tf.constant(3)))(tf.constant(1))
os._exit(0)
"""
    (root / "program.py").write_text(program)
    subprocess.run([sys.executable, root / "program.py"], env={**os.environ, "TMPDIR": str(root)}, check=True)
    written = sorted(root.glob("__*.py"))
    assert written
    for path in written:
        aged(path, 2 * temporary.DAY)
    assert temporary.left_over() == written


def test_what_is_left_over_is_moved_to_one_folder_and_nothing_is_deleted(root: Path) -> None:
    folder, used = root / "logitbench-abcdefgh", root / "logitbench-12345678"
    for path in (folder, used):
        path.mkdir()
        os.close(temporary.hold(path))
    (folder / "worker-1.log").write_text("the last words")
    left = temporary.left_over()
    assert left == [used, folder]
    (used / temporary.IN_USE).unlink()
    handle = temporary.hold(used)  # used again since it was looked at

    target = temporary.move_left_over(left)

    os.close(handle)
    assert (target / folder.name / "worker-1.log").read_text() == "the last words"
    assert used.exists()
    assert target.parent == root
