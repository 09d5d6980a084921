"""The hook that is offered to pre-commit."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

from tests.cli.command import ROOT, logitbench
from tests.cli.test_check import WRONG

HOOKS = ROOT / ".pre-commit-hooks.yaml"


def hook() -> dict[str, str]:
    """Return the one hook's keys; plain ``key: value`` lines are all the YAML that there is."""
    lines = HOOKS.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("- id: ")
    found = [re.fullmatch(r"(?:- |  )([a-z_]+): (.*?)(?: # .*)?", line) for line in lines]
    assert all(found)
    return {one[1]: one[2] for one in found if one}


def test_the_hook_has_what_pre_commit_requires_and_the_entry_is_a_script_of_the_package() -> None:
    said = hook()
    assert said.keys() >= {"id", "name", "entry", "language"}
    assert (said["id"], said["language"], said["types_or"]) == ("logitbench-check", "python", "[python, jupyter]")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert shlex.split(said["entry"])[0] in scripts


def test_the_entry_takes_files_as_pre_commit_passes_them(tmp_path: Path) -> None:
    (tmp_path / "a b.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "right.py").write_text("", encoding="utf-8")
    arguments = shlex.split(hook()["entry"])[1:]
    done = logitbench(*arguments, "a b.py", "right.py", cwd=tmp_path, expect=1)
    assert done.stdout.startswith("a b.py:4:20: LB101 ")
    logitbench(*arguments, "right.py", cwd=tmp_path)


def test_only_files_that_can_be_checked_are_passed() -> None:
    pattern = re.compile(hook()["files"])
    assert pattern.search("sub/a.py")
    assert pattern.search("a.ipynb")
    assert not any(pattern.search(name) for name in ("bin/tool", "a.pyi", "a.pyx"))
