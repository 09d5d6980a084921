"""``[tool.logitbench.check]`` of ``pyproject.toml``: what a project wants of a check."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pathspec import GitIgnoreSpec

from logitbench.checks.records import Report
from logitbench.checks.sources import STDIN
from logitbench.errors import UsageError

NAME = "pyproject.toml"


@dataclass(frozen=True)
class Project:
    """What a project wants; without a table, nothing in particular.

    Args:
        home: The folder of its file, from which patterns and paths count.
        backend: Keras's, of record.
        severity: The least that is reported.
        select: Codes or their beginnings, parted by commas.
        ignore: Of the same form.
        paths: What is looked at where nothing is named, from the working folder.
        exclude: What is left out, named or not.
        ignored: Patterns of files, and the codes that are not reported of them.
    """

    home: Path = Path()
    backend: str | None = None
    severity: str | None = None
    select: str | None = None
    ignore: str | None = None
    paths: tuple[str, ...] = ()
    exclude: GitIgnoreSpec = field(default_factory=lambda: GitIgnoreSpec([]))
    ignored: tuple[tuple[GitIgnoreSpec, frozenset[str]], ...] = ()

    def kept(self, paths: Iterable[str]) -> list[str]:
        """Return the files that are not excluded, neither by their own name nor by that of a link to them."""
        return [path for path in paths if not any(self._matches(self.exclude, name) for name in _names(path))]

    def without_ignored(self, report: Report) -> Report:
        """Return a report without what is ignored in some files."""
        codes = {path: self.ignored_in(path) for path in {finding.path for finding in report.findings}}
        return replace(report, findings=tuple(one for one in report.findings if one.code not in codes[one.path]))

    def ignored_in(self, path: str) -> frozenset[str]:
        """Return the codes that are not reported of a file."""
        return frozenset[str]().union(
            *(codes for spec, codes in self.ignored if any(self._matches(spec, name) for name in _names(path)))
        )

    def _matches(self, spec: GitIgnoreSpec, path: str) -> bool:
        if path == STDIN or not spec.patterns:
            return False
        inside = os.path.relpath(path, self.home)
        return not inside.startswith(os.pardir + os.sep) and spec.match_file(Path(inside).as_posix())


def _names(path: str) -> set[str]:
    """Return the name of a file, and that of the file that it leads to if it is a symbolic link."""
    return {path, path if path == STDIN else os.path.realpath(path)}


def project_of(folder: Path) -> Project:
    """Return what the project of a folder wants.

    Of the folder and those above it, up to the top of a git repository, the nearest counts whose ``pyproject.toml``
    has the table.

    Raises:
        UsageError: The file is no TOML, or a key is unknown or has a wrong value.
    """
    here = folder.resolve()
    for home in (here, *here.parents):
        file = home / NAME
        if (table := _table(file)) is not None:
            from logitbench.checks import project_table  # pydantic, which takes a while

            return project_table.project(file, table)
        if (home / ".git").exists():
            break
    return Project()


def _table(file: Path) -> Mapping[str, Any] | None:
    """Return the table, or None where there is none."""
    try:
        whole: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        return None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no TOML: {error}", "Put it right, or start from another folder.") from error
    for key in ("tool", "logitbench", "check"):
        if not isinstance(whole, dict) or key not in whole:
            _require_no_other(file, key, whole)
            return None
        whole = whole[key]
    if not isinstance(whole, dict):
        raise UsageError(f"{file}: tool.logitbench.check should be a table, got {whole!r}")
    return whole


def _require_no_other(file: Path, key: str, table: Any) -> None:
    """Refuse keys that stand where only ``check`` has a meaning."""
    if key == "check" and isinstance(table, dict) and table:
        raise UsageError(
            f"{file}: [tool.logitbench] has no {next(iter(table))!r}",
            "Settings of check stand in [tool.logitbench.check].",
        )
