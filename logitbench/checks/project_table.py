"""The keys of ``[tool.logitbench.check]``, and what each must be."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pathspec import GitIgnoreSpec
from pydantic import Field

from logitbench.checks.project import Project
from logitbench.checks.registry import chosen
from logitbench.errors import UsageError
from logitbench.spec import Section, validate

Texts = Annotated[tuple[str, ...], Field(min_length=1)]


class Table(Section):
    """What may stand in it."""

    backend: Literal["tensorflow", "jax", "torch"] | None = None
    paths: Texts | None = None
    select: Texts | None = None
    ignore: tuple[str, ...] = ()
    severity: Literal["error", "warning", "note"] | None = None
    exclude: tuple[str, ...] = ()
    per_file_ignores: dict[str, Texts] = Field(default={}, alias="per-file-ignores")


def project(file: Path, raw: Mapping[str, Any]) -> Project:
    """Return what a file's table says.

    Raises:
        UsageError: A key is unknown, or a value is not what it must be; the message names file and key.
    """
    table = validate(Table, raw, where=f"{file}: [tool.logitbench.check]")
    _codes(file, "select", table.select or ())
    _codes(file, "ignore", table.ignore)
    return Project(
        file.parent,
        table.backend,
        table.severity,
        ",".join(table.select) if table.select else None,
        ",".join(table.ignore) or None,
        tuple(os.path.relpath(file.parent / path) for path in table.paths or ()),
        _patterns(file, "exclude", table.exclude),
        tuple(
            (
                _patterns(file, "per-file-ignores", [pattern]),
                _codes(file, f"per-file-ignores, {pattern}", codes),
            )
            for pattern, codes in table.per_file_ignores.items()
        ),
    )


def _codes(file: Path, key: str, codes: Sequence[str]) -> frozenset[str]:
    try:
        return frozenset(rule.code for rule in chosen(",".join(codes), None))
    except UsageError as error:
        raise UsageError(f"{file}: [tool.logitbench.check] {key}: {error.message}", error.hint) from error


def _patterns(file: Path, key: str, patterns: Sequence[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(patterns)
    except (ValueError, re.error) as error:  # pathspec lets the latter through, as of [z-a]
        raise UsageError(f"{file}: [tool.logitbench.check] {key}: {error}", "Patterns are those of git.") from error
