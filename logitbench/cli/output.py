"""What commands share: known choices, results read, what was left out of them, and files written whole."""

from __future__ import annotations

import gc
import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from logitbench import files
from logitbench.cli.streams import OutputError
from logitbench.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from logitbench.report.grids import Grid
    from logitbench.store import Broken, Trial


def at_least_one(text: str) -> int:
    """Read a whole number of at least 1 from the command line.

    Raises:
        typer.BadParameter: It is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise typer.BadParameter(f"should be a whole number of at least 1, got {text!r}")
    return int(text)


def positive(text: str) -> float:
    """Read a number above 0 from the command line.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise typer.BadParameter(f"should be a number above 0, got {text!r}")
    return number


def require_known(what: str, value: str, known: Iterable[str]) -> None:
    """Refuse a choice that is not there.

    Raises:
        UsageError: The hint names the nearest.
    """
    choices = list(known)
    if value not in choices:
        raise UsageError(f"there is no {what} {value!r}", did_you_mean(value, choices))


def is_special(output: Path) -> bool:
    """Return whether an output exists and is no regular file: a pipe or a device."""
    return output.exists() and not output.is_file()


def form_of(output: Path, endings: Mapping[str, str], *, special: str = "table") -> str:
    """Return the format of a file by its ending, or ``special`` for a pipe or a device.

    Raises:
        UsageError: No format has the ending.
    """
    if is_special(output):
        return special
    ending = output.suffix.lower()
    require_known("ending", ending, endings)
    return endings[ending]


def grid_form(form: str | None, output: Path | None) -> str:
    """Return the format that tables are asked for in, by its name or by the ending of the file.

    Raises:
        UsageError: There is none such.
    """
    from logitbench.report.grids import ENDINGS, FORMATS

    chosen = form or (form_of(output, ENDINGS) if output else "table")
    require_known("format", chosen, FORMATS)
    return chosen


def give(shown: Sequence[Grid], whole: Grid, form: str, output: Path | None) -> None:
    """Print tables, or write them to a file; see ``report.grids.render``."""
    from logitbench.report import grids

    if form == "table" and output is None:
        grids.show(shown)
    else:
        write(grids.render(shown, whole, form), output)


def finished(results: Iterable[Path], experiment: str | None = None) -> list[Trial]:
    """Read the finished trials under results folders, and name on stderr what is left out.

    For a command that reads, writes and ends: the collector of cycles stays off, which would go over each of a million
    rows again and again, and every row lives until the command ends.

    Raises:
        UsageError: There is none, or none of the experiment.
    """
    from logitbench import store

    gc.disable()
    found = store.read(results)
    tell_broken(found.broken)
    if not found.trials:
        raise UsageError(
            f"there is no finished trial in {', '.join(map(str, results))}", "`logitbench run` makes some."
        )
    if experiment is None:
        return found.trials
    require_known("experiment", experiment, {trial.run.experiment for trial in found.trials})
    return [trial for trial in found.trials if trial.run.experiment == experiment]


def tell_broken(broken: Iterable[Broken]) -> None:
    """Name on stderr what was left out, and why."""
    from logitbench.report.plain import printable

    for part in broken:
        sys.stderr.write(printable(f"left out: {part.path}: {part.reason}") + "\n")


def write(text: str, output: Path | None) -> None:
    """Write text to a file, or to stdout."""
    if output is None:
        sys.stdout.write(text)
        return
    with into_place(output) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def stdout_kept() -> Iterator[None]:
    """Send to stderr what others print meanwhile, in Python or not, so that stdout has the answer and nothing else."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def into_place(output: Path, otherwise: str = "Choose another -o.") -> Iterator[Path]:
    """Give a temporary file to write. At the end, the output gets its content; see ``files.replacing``.

    Raises:
        UsageError: It cannot be written; the hint says what to do otherwise.
        OutputError: It is a pipe, and its reader closed it.
    """
    parent = Path(os.path.realpath(output)).parent
    if not output.exists() and not parent.is_dir():
        raise UsageError(f"cannot write {output}: there is no folder {parent}", "Make it, or choose another -o.")
    try:
        with files.replacing(output) as temporary:
            yield temporary
    except BrokenPipeError as error:
        raise OutputError(f"the reader of {output} closed it", closed_pipe=True) from error
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", otherwise) from error
