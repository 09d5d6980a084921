"""What a check finds: plain records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

UNDETERMINED = "LB000"
"""The code of an undetermined result: logitbench could not determine whether a head fits. No rule has this code."""


class Severity(StrEnum):
    """How much a finding matters, the gravest first."""

    ERROR = "error"
    """What is computed is not what was meant."""
    WARNING = "warning"
    """Wrong on another backend, or in a figure that is only shown."""
    NOTE = "note"
    """Right as far as it goes, and worth knowing."""
    UNKNOWN = "unknown"
    """It could not be told."""


@dataclass(frozen=True)
class Place:
    """Somewhere in a file.

    Args:
        line: From 1; in a notebook, within the cell.
        source: What stands there, or which part of a model it is.
        cell: Which code cell of a notebook, from 1; None in other files.
    """

    line: int
    source: str
    cell: int | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and where.

    Args:
        code: Of the rule, such as ``LB101``.
        severity: How much it matters.
        path: The file, as it was asked for.
        line: From 1; in a notebook, within the cell.
        column: From 1, in characters.
        end_line: Of the last character.
        end_column: After the last character.
        message: What is wrong, in one sentence or two.
        remedy: Python that puts it right; empty where there is no one answer.
        source: The line that it begins in.
        cell: Which code cell of a notebook, from 1; None in other files.
        head: Where the head is that it is about, where that is known.
        part: Which part of a model, where the model has no lines: a ``.keras`` file, or a model that was measured. Line
            and column are 1 then.
    """

    code: str
    severity: Severity
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    remedy: str = ""
    source: str = ""
    cell: int | None = None
    head: Place | None = None
    part: str | None = None


@dataclass(frozen=True)
class Unparsable:
    """A file, a cell of a notebook or a model that cannot be looked at.

    Args:
        path: The file or model, as it was asked for.
        reason: Why, with the line where that is known.
        cell: The cell, where it is one of a notebook whose others were looked at.
    """

    path: str
    reason: str
    cell: int | None = None


@dataclass(frozen=True)
class Report:
    """What was found in some files and models.

    Args:
        findings: In order of place, file by file.
        unparsable: What was left out.
        paths: Of the files that were asked for.
        models: Targets that were to be measured.
        untold: What could not be told of models, and where a file is not followed to its end; of other source that is
            said only if asked for.
        fixed: How many findings were put right before.
    """

    findings: tuple[Finding, ...] = ()
    unparsable: tuple[Unparsable, ...] = ()
    paths: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    untold: tuple[Finding, ...] = ()
    fixed: int = 0

    @property
    def left_out(self) -> frozenset[str]:
        """Files and models in which nothing was looked at."""
        return frozenset(one.path for one in self.unparsable if one.cell is None)

    @property
    def files(self) -> int:
        """How many files were looked at."""
        return sum(path not in self.left_out for path in self.paths)

    @property
    def measured(self) -> int:
        """How many models were measured."""
        return sum(target not in self.left_out for target in self.models)
