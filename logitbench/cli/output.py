"""What commands share: known choices, files written whole, and what was left out."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from logitbench.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from logitbench.store import Broken


def at_least_one(text: str) -> int:
    """Read a whole number of at least 1 from the command line.

    Raises:
        typer.BadParameter: It is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise typer.BadParameter(f"should be a whole number of at least 1, got {text!r}")
    return int(text)


def require_known(what: str, value: str, known: Iterable[str]) -> None:
    """Refuse a choice that is not there.

    Raises:
        UsageError: The hint names the nearest.
    """
    choices = list(known)
    if value not in choices:
        raise UsageError(f"there is no {what} {value!r}", did_you_mean(value, choices))


def tell_broken(broken: Iterable[Broken]) -> None:
    """Name on stderr what was left out, and why."""
    from logitbench.report.figures import printable

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
def into_place(output: Path) -> Iterator[Path]:
    """Give a file to write beside the output, and rename it there when that is done: an older one is never half lost.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".logitbench-", dir=output.parent) as folder:
            temporary = Path(folder) / output.name
            yield temporary
            temporary.replace(output)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", "Choose another -o.") from error
