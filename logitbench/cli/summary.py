"""How a run ends: its table, its verdict, where it is, and what to type next."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import typer

from logitbench import store
from logitbench.cli.output import tell_broken
from logitbench.compare.comparing import compare
from logitbench.report.console import show_comparisons
from logitbench.report.plain import printable
from logitbench.runner import Outcome


def conclude(outcome: Outcome, *, debug: bool) -> None:
    """Show what was finished, name what failed, and exit 4 if anything did."""
    if outcome.folder and outcome.finished and outcome.folder.is_dir():
        found = store.read([outcome.folder])
        tell_broken(found.broken)
        show_comparisons(compare(found.trials))
        sys.stdout.write(f"\nResults: {outcome.folder}\n")
        sys.stdout.write(f"Next:    logitbench export {outcome.folder} -o epochs.csv\n")
        sys.stdout.flush()
    for failed in outcome.failed:
        hint = f"\n{failed.error.hint}" if failed.error.hint else ""
        sys.stderr.write(printable(f"error: seed {failed.seed}: {failed.error}{hint}\n"))
        if debug:
            sys.stderr.write(printable(failed.traceback))
    if outcome.failed:
        where = f" and saved in {outcome.folder}" if outcome.finished else ""
        sys.stderr.write(f"{len(outcome.finished)} of {len(outcome.planned)} seeds are finished{where}\n")
        if outcome.folder and outcome.folder.is_dir():
            sys.stderr.write(f"The others: {_go_on(outcome.folder)}\n")
        raise typer.Exit(4)


def interrupted(folder: Path | None) -> None:
    """Say what is saved when the user stops a run, and how to go on, and exit 130."""
    if folder is None:
        sys.stderr.write("interrupted before anything was trained\n")
    else:
        saved = sorted(place.name for place in folder.glob("seed-*"))
        what = f"saved in {folder}: {', '.join(saved)}" if saved else f"no seed was finished in {folder}"
        sys.stderr.write(f"interrupted; {what}\nNext:    {_go_on(folder)}\n")
    raise typer.Exit(130)


def _go_on(run: Path) -> str:
    """Return the command that finishes a run."""
    words = [word for word in sys.argv[1:] if word not in ("--resume", "--needed")]
    named = any(word == "--name" or word.startswith("--name=") for word in words)
    return shlex.join(["logitbench", *words, *([] if named else ["--name", run.name]), "--resume"])
