"""How a run ends: its table, its verdict, where it is, and what to type next."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

import typer

from logitbench import store
from logitbench.cli.output import tell_broken
from logitbench.cli.streams import OutputError
from logitbench.compare.comparing import compare
from logitbench.errors import LogitbenchError
from logitbench.launchers.worker import TrialFailed
from logitbench.report.console import show_comparisons
from logitbench.report.plain import printable
from logitbench.scheduling import Outcome
from logitbench.store.layout import RUN_FILE


def conclude(outcome: Outcome, *, debug: bool) -> None:
    """Show what was finished, name what failed, and exit 4 if a planned seed has no intact trial."""
    finished, lost = _show_finished(outcome.folder)
    if outcome.folder is None or not (missing := [seed for seed in outcome.planned if seed not in finished]):
        if lost:
            raise lost
        return
    failed = [one for one in outcome.failed if one.seed in missing]
    for error, failures in _by_error(failed):
        hint = f"\n{error.hint}" if error.hint else ""
        seeds = ", ".join(str(failure.seed) for failure in failures)
        sys.stderr.write(printable(f"error: seed {seeds}: {error}{hint}\n"))
        if debug:
            sys.stderr.write(printable(failures[0].traceback))
    for seed in sorted(set(missing) & set(outcome.finished) - {one.seed for one in failed}):
        sys.stderr.write(f"error: seed {seed}: its trial was published, and it is now missing or damaged\n")
    if not outcome.folder.is_dir():
        sys.stderr.write(
            f"{len(outcome.finished)} of {len(outcome.planned)} seeds were finished in {outcome.folder}, "
            "which is gone\nMove it back, then resume; if it is not there, the same command begins the run again:\n"
        )
    else:
        where = f" and saved in {outcome.folder}" if finished else ""
        sys.stderr.write(f"{len(finished)} of {len(outcome.planned)} seeds are finished{where}\n")
        if len(failed) == len(missing) and all(one.error.repeats for one in failed):
            sys.stderr.write("The others would fail again in the same way: fix the cause, then start a new run.\n")
            raise typer.Exit(4)
        sys.stderr.write("The others: ")
    sys.stderr.write(f"{_resume_command(outcome.record.run_id)}\n")
    raise typer.Exit(4)


def _show_finished(folder: Path | None) -> tuple[set[int], OutputError | None]:
    """Show a run's table and where it is; return the seeds that have an intact trial, and why stdout lost the table."""
    if folder is None or not (folder / RUN_FILE).exists():
        return set(), None
    found = store.read([folder])
    tell_broken([one for one in found.broken if one.kind != "failed"])  # conclude() says why seeds failed
    lost = None
    if found.trials:
        try:
            show_comparisons(compare(found.trials))
            sys.stdout.write(f"\nResults: {folder}\n")
            sys.stdout.write(f"Next:    logitbench export {folder} -o epochs.csv\n")
            sys.stdout.flush()
        except OutputError as error:
            sys.stderr.write(f"Results: {folder}\n")
            lost = error
    return {trial.record.seed for trial in found.trials}, lost


def interrupted(folder: Path | None, exit_code: int) -> None:
    """Say what is saved when a run is stopped, and how to resume it, and exit."""
    if folder is None:
        sys.stderr.write("interrupted before anything was trained\n")
    else:
        saved = sorted(place.name for place in folder.glob("seed-*"))
        what = f"saved in {folder}: {', '.join(saved)}" if saved else f"no seed was finished in {folder}"
        sys.stderr.write(f"interrupted; {what}\nNext:    {_resume_command(folder.name)}\n")
    raise typer.Exit(exit_code)


def _by_error(failed: Iterable[TrialFailed]) -> list[tuple[LogitbenchError, list[TrialFailed]]]:
    """Return each error once, with the failures that it caused; seeds often fail for one reason."""
    groups: dict[tuple[str, str], list[TrialFailed]] = {}
    for failure in failed:
        groups.setdefault(failure.error.args, []).append(failure)
    return [(failures[0].error, failures) for failures in groups.values()]


def _resume_command(run_id: str) -> str:
    """Return the command that finishes a run."""
    words = [word for word in sys.argv[1:] if word not in ("--resume", "--needed")]
    named = any(word == "--name" or word.startswith("--name=") for word in words)
    return shlex.join(["logitbench", *words, *([] if named else ["--name", run_id]), "--resume"])
