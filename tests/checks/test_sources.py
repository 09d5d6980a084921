"""Which files are looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from logitbench.checks import sources
from logitbench.checks.sources import files_of
from logitbench.errors import UsageError


def made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("", encoding="utf-8")


def under(folder: Path) -> list[str]:
    return [Path(path).relative_to(folder).as_posix() for path in files_of([str(folder)]).paths]


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
    assert files_of([str(tmp_path / "a.py"), str(tmp_path)]).paths == (str(tmp_path / "a.py"),)


def test_links_that_lead_in_circles_end_and_a_file_is_taken_once(tmp_path: Path) -> None:
    made(tmp_path, "sub/a.py")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "again.py").symlink_to(tmp_path / "sub" / "a.py")
    (tmp_path / "nowhere.py").symlink_to(tmp_path / "gone.py")
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("one.py")
    assert under(tmp_path) == ["sub/a.py"]
    assert files_of([str(tmp_path)]).outside == ()
    with pytest.raises(UsageError, match="there is no file"):
        files_of([str(tmp_path / "one.py")])


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A folder ``in`` with links to a file and a folder beside it, and to a file of its own under another name."""
    made(tmp_path, "in/own.txt", "out/s.py", "out/deep/t.py", "in/.hidden/u.py", "in/ignored.py")
    (tmp_path / "in" / ".gitignore").write_text("ignored.py\n")
    for name, target in {
        "s.py": "../out/s.py",
        "folder": "../out",
        "own.py": "own.txt",
        "ignored.py": "../out/s.py",
        "u.py": ".hidden/u.py",
        "inside": ".hidden",
    }.items():
        (tmp_path / "in" / name).unlink(missing_ok=True)
        (tmp_path / "in" / name).symlink_to(target)
    return tmp_path


def test_links_out_of_a_folder_are_not_followed_and_named(linked: Path) -> None:
    found = files_of([str(linked / "in")])
    assert found.paths == (str(linked / "in" / "own.py"), str(linked / "in" / "u.py"))
    assert found.outside == (str(linked / "in" / "folder"), str(linked / "in" / "s.py"))


def test_a_link_to_a_folder_without_source_is_not_named(linked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(linked, "data/deep/photo.jpg", "data/.cache/a.py", "data/venv/pyvenv.cfg", "data/venv/lib/b.py")
    (linked / "in" / "data").symlink_to("../data")
    named = (str(linked / "in" / "folder"), str(linked / "in" / "s.py"))
    assert files_of([str(linked / "in")]).outside == named
    made(linked, "data/deep/deeper/c.ipynb")
    assert files_of([str(linked / "in")]).outside == (str(linked / "in" / "data"), *named)
    monkeypatch.setattr(sources, "MOST_ENTRIES", 3)
    assert files_of([str(linked / "in")]).outside == named


def test_links_to_what_another_target_covers_are_not_named(linked: Path) -> None:
    found = files_of([str(linked / "in"), str(linked / "out")])
    assert [Path(path).name for path in found.paths] == ["own.py", "u.py", "s.py", "t.py"]
    assert found.outside == ()
    assert files_of([str(linked / "in"), str(linked / "out" / "s.py")]).outside == (str(linked / "in" / "folder"),)


@pytest.mark.parametrize("name", ["s.py", "folder"])
def test_a_link_that_is_named_is_followed(linked: Path, name: str) -> None:
    found = files_of([str(linked / "in" / name)])
    assert found.paths[0].startswith(str(linked / "in" / name))
    assert found.outside == ()
    whole = files_of([str(linked / "in"), str(linked / "in" / name)])
    assert set(found.paths) < set(whole.paths)


@pytest.mark.parametrize(
    ("name", "said"), [("gone.py", "there is no file"), ("a.txt", "should end in .py, .ipynb or .keras")]
)
def test_a_target_that_cannot_be_is_refused(tmp_path: Path, name: str, said: str) -> None:
    made(tmp_path, "a.txt")
    with pytest.raises(UsageError, match=said):
        files_of([str(tmp_path / name)])


def test_a_function_of_a_file_is_answered_with_the_line_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "nets.py").write_text("def build(): ...\n", encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        files_of(["small/nets.py:build"])
    assert refusal.value.hint == "Type: logitbench check small.nets:build"
