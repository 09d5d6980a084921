from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from logitbench import provenance


def git(folder: Path, *arguments: str) -> str:
    names = {
        f"GIT_{who}_{what}": "someone@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=os.environ | names | alone,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "model.py").write_text("a")
    git(tmp_path, "add", "model.py")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    return tmp_path


def test_the_environment_names_versions_and_host() -> None:
    found = provenance.environment()
    for package in ("logitbench", "tensorflow", "keras", "numpy"):
        assert found[package] == version(package)
    assert found["python"] == platform.python_version()
    assert found["processors"] == os.cpu_count()
    assert found["threads_per_trial"] == 1


def test_a_package_that_is_not_installed_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package-anywhere"))
    assert provenance.environment()["no-such-package-anywhere"] is None


@pytest.mark.parametrize(("setting", "told"), [(None, "1"), ("0", "0")])
def test_whether_onednn_is_on_is_told(monkeypatch: pytest.MonkeyPatch, setting: str | None, told: str) -> None:
    if setting is None:
        monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    else:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", setting)
    assert provenance.environment()["onednn"] == told


def test_the_commit_is_told_and_that_files_differ_from_it(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert provenance.git_commit(repository) == commit
    (repository / "notes.txt").write_text("not tracked, so not part of the code")
    assert provenance.git_commit(repository) == commit
    (repository / "model.py").write_text("b")
    assert provenance.git_commit(repository) == commit + "+"


def test_outside_git_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.git_commit(tmp_path) is None


def test_without_git_there_is_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert provenance.git_commit(repository) is None
