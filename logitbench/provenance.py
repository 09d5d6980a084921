"""On what a run was made: versions, host, and the commit of the folder it was started in. Nothing is imported."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from logitbench import keras_settings

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

MOST_REFERENCES = 5
"""As many symbolic references as git follows."""

LONGEST_LINE = 4096

PACKAGES = ("logitbench", "tensorflow", "keras", "numpy", "scikit-learn")


def environment() -> dict[str, str | int | None]:
    """Return what a run's figures may depend on; a package that is not installed is None."""
    return {
        **{package: _version(package) for package in PACKAGES},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1"),
        "threads_per_trial": 1,
        "flags": keras_settings.flags(),
        "git_commit": git_commit(Path.cwd()),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def git_commit(folder: Path) -> str | None:
    """Return the commit that is checked out in a folder; None outside git.

    Git itself is not asked: nearly every git command, ``git status`` first, runs what the folder's own configuration
    names (``core.fsmonitor``, filters, hooks). For that reason nothing here says whether files differ from the commit.
    A repository that keeps its references in a reftable has no commit here.
    """
    try:
        git = _git_folder(folder)
        return None if git is None else _checked_out(git)
    except OSError:
        return None


def _git_folder(folder: Path) -> Path | None:
    """Return the folder that holds ``HEAD``; in a worktree or submodule, ``.git`` is a file that names it."""
    for parent in (folder, *folder.parents):
        dot_git = parent / ".git"
        git = parent / _first_line(dot_git).removeprefix("gitdir: ") if dot_git.is_file() else dot_git
        if (git / "HEAD").is_file():
            return git
    return None


def _checked_out(git: Path) -> str | None:
    """Follow ``HEAD`` to a commit."""
    shared = git / _first_line(git / "commondir")  # a worktree shares the references of its repository
    name = "HEAD"
    for _ in range(MOST_REFERENCES):
        value = _first_line(git / name) or _first_line(shared / name) or _packed(shared, name)
        if COMMIT.fullmatch(value):
            return value
        name = value.removeprefix("ref: ")
        if not name.startswith("refs/") or ".." in name:
            return None
    return None


def _first_line(path: Path) -> str:
    """Return the first line of a regular file, or nothing; a pipe would never end."""
    if not path.is_file():
        return ""
    with path.open(errors="replace") as file:
        return file.readline(LONGEST_LINE).strip()


def _packed(shared: Path, name: str) -> str:
    """Return what ``packed-refs`` says of a reference, or nothing."""
    path = shared / "packed-refs"
    if not path.is_file():
        return ""
    with path.open(errors="replace") as file:
        values = (line.split() for line in file)
        return next((value[0] for value in values if value[1:] == [name]), "")
