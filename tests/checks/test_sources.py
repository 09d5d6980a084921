"""Which files are looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from logitbench.checks.sources import files_of
from logitbench.errors import UsageError


def made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")


def under(folder: Path) -> list[str]:
    return [Path(path).relative_to(folder).as_posix() for path in files_of([str(folder)])]


def test_a_folder_gives_its_python_and_notebooks_in_order(tmp_path: Path) -> None:
    made(tmp_path, "b.py", "a.ipynb", "c/d.py", "notes.md", ".hidden/e.py", "c/__pycache__/f.py", "venv/pyvenv.cfg")
    made(tmp_path, "venv/lib/g.py")
    assert under(tmp_path) == ["a.ipynb", "b.py", "c/d.py"]


def test_what_git_ignores_is_left_out_and_the_nearest_word_counts(tmp_path: Path) -> None:
    made(tmp_path, "a.py", "built/b.py", "sub/x_gen.py", "sub/kept_gen.py", "sub/deep/own.py")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("built/\n*_gen.py\n", encoding="utf-8")
    (tmp_path / "sub" / ".gitignore").write_text("!kept_gen.py\n/deep/own.py\n", encoding="utf-8")
    assert under(tmp_path) == ["a.py", "sub/kept_gen.py"]
    assert under(tmp_path / "sub") == ["kept_gen.py"]


def test_a_gitignore_that_cannot_be_understood_ignores_nothing(tmp_path: Path) -> None:
    made(tmp_path, "a.py")
    (tmp_path / ".gitignore").write_text("[z-a]\na.py\n", encoding="utf-8")
    assert under(tmp_path) == ["a.py"]


def test_a_file_that_is_named_is_taken_though_git_ignores_it(tmp_path: Path) -> None:
    made(tmp_path, "a.py")
    (tmp_path / ".gitignore").write_text("a.py\n", encoding="utf-8")
    assert files_of([str(tmp_path / "a.py"), str(tmp_path)]) == [str(tmp_path / "a.py")]


def test_links_that_lead_in_circles_end_and_a_file_is_taken_once(tmp_path: Path) -> None:
    made(tmp_path, "sub/a.py")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "again.py").symlink_to(tmp_path / "sub" / "a.py")
    (tmp_path / "nowhere.py").symlink_to(tmp_path / "gone.py")
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("one.py")
    assert under(tmp_path) == ["again.py"]
    with pytest.raises(UsageError, match="there is no file"):
        files_of([str(tmp_path / "one.py")])


@pytest.mark.parametrize(
    ("name", "said"), [("gone.py", "there is no file"), ("a.txt", "should end in .py, .ipynb or .keras")]
)
def test_a_target_that_cannot_be_is_refused(tmp_path: Path, name: str, said: str) -> None:
    made(tmp_path, "a.txt")
    with pytest.raises(UsageError, match=said):
        files_of([str(tmp_path / name)])
