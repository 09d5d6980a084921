"""``[tool.logitbench.check]``: where it is found, what it may say, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from logitbench.checks.project import Project, project_of
from logitbench.checks.records import Finding, Report, Severity
from logitbench.errors import UsageError

HEAD = "[tool.logitbench.check]\n"


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_table_a_project_wants_nothing(tmp_path: Path) -> None:
    written(tmp_path, "[project]\nname = 'x'\n[tool.logitbench]\n")
    (tmp_path / ".git").mkdir()
    ours = project_of(tmp_path)
    assert (ours.backend, ours.severity, ours.select, ours.ignore, ours.paths) == (None, None, None, None, ())
    assert ours.kept(["a.py", "-"]) == ["a.py", "-"]


def test_the_nearest_table_counts_and_files_without_one_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path, HEAD + "backend = 'jax'\n")
    written(tmp_path / "a", HEAD + "backend = 'torch'\n")
    written(tmp_path / "a" / "b", "[project]\nname = 'x'\n")
    assert project_of(tmp_path / "a" / "b").backend == "torch"
    assert project_of(tmp_path).backend == "jax"


def test_above_the_top_of_a_repository_nothing_is_looked_for(tmp_path: Path) -> None:
    written(tmp_path, HEAD + "backend = 'jax'\n")
    (tmp_path / "a" / ".git").mkdir(parents=True)
    assert project_of(tmp_path / "a").backend is None


def test_every_key_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "backend = 'jax'\nseverity = 'note'\npaths = ['src', 'n.ipynb']\nselect = ['LB1', 'LB201']\n"
        "ignore = ['LB101']\nexclude = ['build/']\n[tool.logitbench.check.per-file-ignores]\n'tests/*' = ['LB2']\n"
    )
    written(tmp_path, HEAD + text)
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    ours = project_of(Path.cwd())
    assert (ours.backend, ours.severity, ours.select, ours.ignore) == ("jax", "note", "LB1,LB201", "LB101")
    assert ours.paths == (".", "../n.ipynb")


def test_patterns_are_gits_and_count_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "a", HEAD + "exclude = ['/build/', '*_old.py', '!kept_old.py']\n")
    monkeypatch.chdir(tmp_path)
    ours = project_of(tmp_path / "a")
    named = ["a/build/x.py", "a/sub/build/x.py", "a/sub/x_old.py", "a/kept_old.py", "elsewhere/x_old.py", "-"]
    assert ours.kept(named) == ["a/sub/build/x.py", "a/kept_old.py", "elsewhere/x_old.py", "-"]
    assert ours.kept([str(tmp_path / "a" / "build" / "x.py")]) == []


def test_codes_are_ignored_in_the_files_of_a_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "'tests/*' = ['LB2']\n'tests/deep.py' = ['LB101']\n"
    written(tmp_path, "[tool.logitbench.check.per-file-ignores]\n" + text)
    monkeypatch.chdir(tmp_path)

    def finding(path: str, code: str) -> Finding:
        return Finding(code, Severity.ERROR, path, 1, 1, 1, 2, "")

    paths = ("a.py", "tests/b.py", "tests/deep.py")
    report = Report(tuple(finding(path, code) for path in paths for code in ("LB101", "LB201")), (), paths)
    left = project_of(tmp_path).without_ignored(report)
    assert [(one.path, one.code) for one in left.findings] == [
        ("a.py", "LB101"),
        ("a.py", "LB201"),
        ("tests/b.py", "LB101"),
    ]
    assert left.files == 3
    assert Project().without_ignored(report) == report


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        (HEAD + "bakcend = 'jax'\n", "unknown key 'bakcend'", "Did you mean 'backend'?"),
        (HEAD + "per_file_ignores = {}\n", "unknown key 'per_file_ignores'", "Did you mean 'per-file-ignores'?"),
        (HEAD + "backend = 'mxnet'\n", "backend should be 'tensorflow', 'jax' or 'torch', got 'mxnet'", ""),
        (HEAD + "severity = 'unknown'\n", "severity should be 'error', 'warning' or 'note', got 'unknown'", ""),
        (HEAD + "select = 'LB101'\n", 'select should be a list, for example ["a", "b"], got \'LB101\'', ""),
        (HEAD + "select = []\n", "select should have at least one entry", ""),
        (HEAD + "select = ['LB9']\n", "select: no rule of logitbench begins with 'LB9'", "LB1 for all of LB101, "),
        (HEAD + "ignore = [3]\n", "ignore.0 should be a valid string, got 3", ""),
        (HEAD + "exclude = ['[z-a]']\n", "exclude: bad character range z-a", "Patterns are those of git."),
        (HEAD + "per-file-ignores = ['LB101']\n", "per-file-ignores should be a table", ""),
        (
            HEAD + "per-file-ignores = {a = ['E501']}\n",
            "per-file-ignores, a: no rule of logitbench begins with 'E501'",
            "Leave it out, or write a code or its beginning: LB1 for all of LB101, ",
        ),
        ("[tool.logitbench]\ncheck = 3\n", "tool.logitbench.check should be a table, got 3", ""),
        ("[tool\n", "is no TOML", ""),
        ("x = '\udce9'", "is no TOML", ""),
    ],
)
def test_what_a_table_may_not_say_is_told_with_file_and_key(tmp_path: Path, text: str, said: str, hint: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError) as told:
        project_of(tmp_path)
    assert told.value.message.startswith(f"{tmp_path / 'pyproject.toml'}")
    assert said in told.value.message
    assert hint in told.value.hint
