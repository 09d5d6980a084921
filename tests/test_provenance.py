from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from logitbench import provenance
from tests.cli.command import logitbench


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


def test_the_commit_is_recorded_in_a_repository_and_in_a_folder_of_it(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    (repository / "inside/deeper").mkdir(parents=True)

    assert provenance.git_commit(repository) == commit
    assert provenance.git_commit(repository / "inside/deeper") == commit


@pytest.mark.parametrize(
    "change",
    [
        ["checkout", "--quiet", "--detach"],
        ["pack-refs", "--all"],
        ["checkout", "--quiet", "-b", "a/b/c"],
        ["symbolic-ref", "refs/heads/other", "HEAD"],
    ],
    ids=" ".join,
)
def test_the_commit_is_found_wherever_git_keeps_it(repository: Path, change: list[str]) -> None:
    git(repository, *change)
    assert provenance.git_commit(repository) == git(repository, "rev-parse", "HEAD")


def test_the_commit_of_a_worktree_is_its_own(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    worktree = tmp_path_factory.mktemp("worktrees") / "second"
    git(repository, "worktree", "add", "--quiet", "-b", "second", str(worktree))
    git(worktree, "commit", "--quiet", "--allow-empty", "-m", "second")
    git(repository, "pack-refs", "--all")

    assert provenance.git_commit(worktree) == git(worktree, "rev-parse", "HEAD")
    assert provenance.git_commit(worktree) != provenance.git_commit(repository)


def test_where_there_is_no_commit_none_is_recorded(tmp_path: Path) -> None:
    assert provenance.git_commit(tmp_path) is None
    git(tmp_path, "init", "--quiet")
    assert provenance.git_commit(tmp_path) is None


@pytest.mark.parametrize(
    "head",
    [
        "",
        "rubbish",
        "ref: /etc/hostname",
        "ref: refs/../../secret",
        "ref: refs/heads/gone",
        "ref: refs/heads/round",
        "a" * 40 + "b",
    ],
)
def test_a_damaged_head_gives_no_commit_and_no_other_file_is_read(repository: Path, head: str) -> None:
    (repository / "secret").write_text("a" * 40)
    (repository / ".git/refs/heads/round").write_text("ref: refs/heads/round")
    (repository / ".git/HEAD").write_text(head + "\n")
    assert provenance.git_commit(repository) is None


def test_a_pipe_in_place_of_a_file_of_git_is_not_waited_for(repository: Path) -> None:
    head = repository / ".git/HEAD"
    head.unlink()
    os.mkfifo(head)
    assert provenance.git_commit(repository) is None


def test_no_command_of_a_repository_runs_when_its_commit_is_recorded(repository: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    ran = hostile(repository)
    assert provenance.git_commit(repository) == commit
    logitbench("doctor", cwd=repository, expect=None)
    assert not ran.exists()

    subprocess.run(["git", "status"], cwd=repository, check=False, capture_output=True)
    assert ran.exists()  # the trap works


def hostile(repository: Path) -> Path:
    """Let a repository name a command wherever git takes one; return the file that the command would make."""
    ran = repository / "ran"
    command = repository / "command"
    command.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    command.chmod(0o755)
    keys = (
        "core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy core.alternateRefsCommand "
        "filter.x.clean filter.x.smudge filter.x.process diff.external diff.x.textconv diff.x.command merge.x.driver "
        "gpg.program pager.status pager.rev-parse sequence.editor interactive.diffFilter remote.origin.uploadpack"
    )
    for key in keys.split():
        git(repository, "config", key, str(command))
    for key in ("alias.status", "alias.rev-parse", "credential.helper"):
        git(repository, "config", key, f"!{command}")
    hooks = repository / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        (hooks / hook).symlink_to(command)
        (repository / ".git/hooks" / hook).symlink_to(command)
    git(repository, "config", "core.hooksPath", str(hooks))
    (repository / ".gitattributes").write_text("* filter=x diff=x merge=x\n")
    (repository / "model.py").write_text("changed")
    ran.unlink(missing_ok=True)
    return ran
