"""``logitbench check``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from logitbench.cli import check_options as options
from logitbench.cli.options import Output
from logitbench.cli.output import form_of, require_known
from logitbench.errors import UsageError
from logitbench.report.checks import ENDINGS, FORMATS

if TYPE_CHECKING:
    from logitbench.checks.engine import Settings
    from logitbench.checks.project import Project
    from logitbench.cli.check_report import Form


def command(
    targets: options.Targets = None,
    format: options.Format = None,  # noqa: A002 - the option's name
    output: Output = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    severity: options.Severity = None,
    backend: options.Backend = None,
    fix: options.Fix = False,
    unsafe_fixes: options.UnsafeFixes = False,
    diff: options.Diff = False,
    exit_zero: options.ExitZero = False,
    show_unknown: options.ShowUnknown = False,
    statistics: options.Statistics = False,
    jobs: options.Jobs = None,
    explain: options.Explain = None,
) -> None:
    """Find heads that do not fit their loss or metrics, in source and .keras files that are read and never run.

    A model that a module makes is measured instead: its module is imported, in a process of its own.
    """
    from logitbench.checks import engine, project, registry
    from logitbench.checks.records import UNDETERMINED
    from logitbench.cli.check_report import Form

    if explain is not None and explain.upper() == UNDETERMINED:
        sys.stdout.write(f"{UNDETERMINED}: {engine.UNDETERMINED_PAGE}\n")
        return
    if explain is not None:
        rule = registry.rule(explain)
        sys.stdout.write(f"{rule.code} ({rule.severity}): {rule.page}\n")
        return
    chosen = format or (form_of(output, ENDINGS, special="text") if output else "text")
    require_known("format", chosen, FORMATS)
    if statistics and chosen != "text":
        raise UsageError(f"--statistics is a table of its own, and no {chosen}", "Leave one of the two out.")
    if unsafe_fixes and not (fix or diff):
        raise UsageError(
            "--unsafe-fixes goes with --fix or --diff", "Add --fix to make the fixes, or --diff to see them."
        )
    ours, form = project.project_of(Path.cwd()), Form(chosen, statistics, output)
    settings = _settings(ours, select, ignore, severity, backend, show_unknown)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside: as Ctrl-C
    try:
        models, files = _targets(ours, targets)
        if fix or diff:
            from logitbench.cli import check_fix

            check_fix.require_source(models, files)
            code = check_fix.command(files, ours, settings, check_fix.Asked(unsafe_fixes, diff, form, jobs))
        else:
            code = _check(models, files, ours, settings, jobs, form)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: nothing is reported\n")
        raise typer.Exit(130) from None
    raise typer.Exit(0 if exit_zero and code == 1 else code)


def _settings(
    project: Project,
    select: list[str] | None,
    ignore: list[str] | None,
    severity: str | None,
    backend: str | None,
    show_unknown: bool,
) -> Settings:
    """Put together what is asked for: what stands on the command line wins."""
    from logitbench.checks import engine, registry
    from logitbench.checks.records import Severity
    from logitbench.checks.rules.words import BACKENDS

    level = severity or project.severity or Severity.WARNING
    keras = backend or project.backend or "tensorflow"
    require_known("severity", level, [one for one in Severity if one is not Severity.UNKNOWN])
    require_known("backend", keras, BACKENDS)
    rules = registry.chosen(",".join(select or ()) or project.select, ",".join(ignore or ()) or project.ignore)
    return engine.Settings(rules, Severity(level), keras, show_unknown)


def _targets(project: Project, targets: list[str] | None) -> tuple[list[str], list[str]]:
    """Return the models to measure and the files to look at."""
    from logitbench.checks import sources
    from logitbench.report.plain import one_line

    models, named = sources.told_apart(targets or project.paths or ["."])
    found = sources.files_of(named)
    files = project.kept(found.paths)
    if len(files) < len(found.paths):
        left_out = len(found.paths) - len(files)
        sys.stderr.write(f"excluded by pyproject.toml: {left_out} of {len(found.paths)} files\n")
    for link in found.outside:
        sys.stderr.write(
            one_line(f"not followed: {link} is a symbolic link out of its folder; name it to check it") + "\n"
        )
    if not (models or files):
        sys.stderr.write(f"no .py or .ipynb that git does not ignore: {', '.join(named)}\n")
    return models, files


def _check(
    models: list[str], files: list[str], project: Project, settings: Settings, jobs: int | None, form: Form
) -> int:
    from logitbench.checks import parallel
    from logitbench.cli.check_report import exit_code, give
    from logitbench.cli.measuring import add_models
    from logitbench.report.checks import text

    report = add_models(parallel.check(files, settings, jobs), models, settings)
    report = project.without_ignored(report)
    give(report, form, text.summary(report))
    return exit_code(report)
