"""``logitbench check --fix`` and ``--diff``."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from logitbench.checks import parallel
from logitbench.checks.engine import Settings, check_source
from logitbench.checks.fixing.fixer import FixedFile, fix_file, of_file
from logitbench.checks.project import Project
from logitbench.checks.reading import raw_of, source_of, text_of
from logitbench.checks.records import Report, Unparsable
from logitbench.checks.sources import SAVED, STDIN
from logitbench.cli.check_report import Form, exit_code, give, tell
from logitbench.cli.output import into_place
from logitbench.errors import UnreadableError, UsageError
from logitbench.report.checks import diff, text
from logitbench.report.plain import one_line


@dataclass(frozen=True)
class Asked:
    """What is to be done.

    Args:
        unsafe: Whether to settle what was meant, too.
        diff: Whether to show the changes and write nothing.
        form: How what is left is given.
        jobs: How many processes make the fixes; None for a number that fits.
    """

    unsafe: bool
    diff: bool
    form: Form
    jobs: int | None = None


def require_source(models: list[str], files: list[str]) -> None:
    """Raise ``UsageError`` if there is a model among the targets."""
    for target in (*models, *(path for path in files if path.endswith(SAVED))):
        raise UsageError(
            f"--fix and --diff change source files, got {target}", "Leave it out: it is checked without them."
        )


def command(files: list[str], project: Project, settings: Settings, asked: Asked) -> int:
    """Fix files or show how, say what is left, and return the exit code."""
    plain = asked.form == Form("text", statistics=False, output=None)
    if (asked.diff or STDIN in files) and not plain:
        raise UsageError(
            f"stdout has the {'diff' if asked.diff else 'program'}: no --format, --statistics or -o goes with it",
            "Ask for these in a run of their own.",
        )
    fixed_files: list[FixedFile] = []
    unparsable: list[Unparsable] = []
    failed = False
    look = partial(fix_file, project=project, settings=settings, unsafe=asked.unsafe)
    with closing(parallel.each(look, files, asked.jobs)) as results:
        for result in results:
            one, written = _put(result, of_file(result.path, project, settings), asked.diff)
            failed |= not written
            fixed_files.append(one)
            if one.unreadable:
                unparsable.append(Unparsable(one.path, one.unreadable))
            unparsable += [Unparsable(one.path, reason, cell) for cell, reason in one.broken]
    findings = tuple(finding for one in fixed_files for finding in one.findings)
    report = Report(findings, tuple(unparsable), tuple(files), fixed=sum(one.fixed for one in fixed_files))
    _say(report, fixed_files, asked, STDIN in files)
    if failed:
        return 2
    changed = asked.diff and any(one.after != one.before for one in fixed_files)
    return max(exit_code(report), int(changed))


def _put(one: FixedFile, settings: Settings, shown: bool) -> tuple[FixedFile, bool]:
    """Show or write what became of a file; return it, as it is if it cannot be written, and whether it could."""
    if shown and one.after == one.before:
        return one, True
    if shown:
        sys.stdout.write(diff.render(one.path, text_of(one.before)[0], text_of(one.after)[0]))
    elif one.path == STDIN:
        _give(one.after)
    elif one.after != one.before:
        try:
            _write(one)
        except UnreadableError as error:  # the findings are of a content that the file no longer has
            return FixedFile(one.path, one.before, one.before, (), (), 0, 0, (), str(error)), True
        except UsageError as error:
            sys.stderr.write(one_line(f"error: {error}") + "\n")
            findings = tuple(check_source(source_of(one.path, one.before), settings))
            return replace(one, after=one.before, findings=findings, fixed=0), False
    return one, True


def _write(one: FixedFile) -> None:
    """Write a fixed file, unless it changed after it was read.

    Raises:
        UnreadableError: It changed, or was removed.
        UsageError: It cannot be written.
    """
    path = Path(one.path)
    with into_place(path, "It is left as it was.") as temporary:
        temporary.write_bytes(one.after)
        if raw_of(one.path) != one.before:
            raise UnreadableError("it was changed while it was being checked; it is left as it is")
        if not path.stat().st_mode & 0o222:
            raise UsageError(f"{one.path} is read-only", "It is left as it was.")


def _give(program: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(program)
    sys.stdout.buffer.flush()


def _say(report: Report, fixed_files: list[FixedFile], asked: Asked, piped: bool) -> None:
    """Say what is left; stdout may have the diff or the program already."""
    for one in fixed_files:
        for reason in one.left:
            sys.stderr.write(one_line(f"not fixed: {one.path}: {reason}") + "\n")
    summary = text.fix_summary(report, sum(one.unsafe for one in fixed_files), would=asked.diff)
    if not (piped or asked.diff):
        give(report, asked.form, summary)
        return
    if not asked.diff:
        sys.stderr.write(text.render(report))
    tell(report, summary)
