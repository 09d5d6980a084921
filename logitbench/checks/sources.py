"""Which files are looked at."""

from __future__ import annotations

import contextlib
import os
import re
from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from logitbench.errors import UsageError
from logitbench.probes.model import naming

ENDINGS = frozenset({".py", ".ipynb"})

SAVED = ".keras"
"""The ending of a saved model. It is looked at where it is named; a folder is asked for its source."""

STDIN = "-"

MOST_ENTRIES = 1000
"""Entries of a folder outside that are looked at, for it may be a data disk of millions."""

_MODULE = re.compile(r"\w+(\.\w+)*:\w+")


def told_apart(targets: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the targets that name something in a module, ``module:object``, and the others: files and folders."""
    found: tuple[list[str], list[str]] = [], []
    for target in targets:
        found[not _MODULE.fullmatch(target) or Path(target).exists()].append(target)
    return found


@dataclass(frozen=True)
class Files:
    """The files of some targets.

    Args:
        paths: Each file once, folders in order of name.
        outside: Symbolic links in the folders that lead to source outside of them, directly or in a folder.
    """

    paths: tuple[str, ...]
    outside: tuple[str, ...] = ()


def files_of(targets: Iterable[str]) -> Files:
    """Return the files of some targets, each once.

    A file that is named is taken whatever git says of it, and a link that is named is followed. A folder does not give
    what git ignores, folders whose name begins with a dot, and what symbolic links lead to outside of it.

    Raises:
        UsageError: A target does not exist, or is no Python.
    """
    found: dict[str, str] = {}
    outside: list[str] = []
    folders: list[Path] = []
    for target in targets:
        if os.path.isdir(target):
            folders.append(Path(os.path.realpath(target)))
        for path, leads_out in _files(target):
            if leads_out:
                outside.append(path)
            else:
                found.setdefault(path if path == STDIN else os.path.realpath(path), path)
    links = tuple(link for link in dict.fromkeys(outside) if not _is_named(os.path.realpath(link), found, folders))
    return Files(tuple(found.values()), links)


def _is_named(real: str, found: Container[str], folders: Iterable[Path]) -> bool:
    """Return whether another target covers what a link leads to."""
    return real in found or any(Path(real).is_relative_to(folder) for folder in folders)


def _files(target: str) -> Iterator[tuple[str, bool]]:
    """Yield the files of a target, and whether they are links that lead out of it."""
    path = Path(target)
    if target == STDIN:
        yield STDIN, False
    elif os.path.isdir(target):
        yield from _in_folder(path)
    elif not os.path.exists(target):
        python = naming.source_of(target)
        raise UsageError(
            f"there is no file or folder {target}",
            naming.hint("logitbench check {target}", *python)
            if python
            else "Name .py, .ipynb or .keras files, folders, module:function, or - for stdin.",
        )
    elif path.suffix not in ENDINGS and path.suffix != SAVED:
        raise UsageError(
            f"{target} should end in .py, .ipynb or .keras, got {path.suffix or 'no ending'}", _instead(path.suffix)
        )
    elif not os.path.isfile(target):
        raise UsageError(f"{target} is no file", "Give a program that comes out of a pipe as -.")
    else:
        yield target, False


def _instead(suffix: str) -> str:
    if suffix in {".h5", ".hdf5"}:
        return 'Save it in Keras 3\'s own format: keras.models.load_model(...).save("model.keras").'
    return "A program under another name can be given through stdin: logitbench check - < FILE."


def _in_folder(folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield the files under a folder, and folders that cannot be read; at the end symbolic links."""
    top = Path(os.path.realpath(folder))
    ignored = {home: spec for home in _above(folder) if (spec := _read(home))}
    unreadable: list[str] = []
    links: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=lambda error: unreadable.append(str(error.filename))):
        here = Path(root)
        if (spec := _read(here.resolve())) is not None:
            ignored[here.resolve()] = spec
        folders[:] = sorted(
            name
            for name in folders
            if _may_hold_source(here / name) and not _is_ignored(here / name, ignored, folder=True)
        )
        links += [here / name for name in folders if os.path.islink(here / name)]  # os.walk does not follow them
        for name in sorted(names):
            path = here / name
            if path.suffix in ENDINGS and os.path.isfile(path) and not _is_ignored(path, ignored):
                if os.path.islink(path):
                    links.append(path)
                else:
                    yield str(path), False
    yield from ((path, False) for path in unreadable)
    for link in links:
        leads_out = not Path(os.path.realpath(link)).is_relative_to(top)
        if _has_source(link) if leads_out else not os.path.isdir(link):
            yield str(link), leads_out


def _may_hold_source(folder: Path) -> bool:
    return not (
        folder.name.startswith(".")
        or folder.name in {"__pycache__", "node_modules"}
        or os.path.exists(folder / "pyvenv.cfg")
    )


def _has_source(path: Path) -> bool:
    """Return whether a link leads to a file, or to a folder with source in its first entries, the nearest first."""
    if not os.path.isdir(path):
        return True
    folders, left = deque([path]), MOST_ENTRIES
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.popleft()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if _may_hold_source(Path(entry.path)):
                        folders.append(Path(entry.path))
                elif Path(entry.name).suffix in ENDINGS:
                    return True
                left -= 1
                if not left:
                    return False
    return False


def _above(folder: Path) -> list[Path]:
    """Return the folders from a repository's top to this one."""
    here = folder.resolve()
    for index, one in enumerate((here, *here.parents)):
        if os.path.exists(one / ".git"):
            return [here, *here.parents][: index + 1]
    return [here]


def _read(folder: Path) -> GitIgnoreSpec | None:
    path = folder / ".gitignore"
    try:
        return GitIgnoreSpec.from_lines(path.read_text(encoding="utf-8", errors="replace").splitlines())
    except (OSError, ValueError, re.error):  # pathspec lets the last through, as of [z-a]
        return None


def _is_ignored(path: Path, ignored: dict[Path, GitIgnoreSpec], folder: bool = False) -> bool:
    """Return whether git ignores a file or folder; of several `.gitignore` the nearest that has a word on it counts."""
    whole = path.parent.resolve() / path.name
    for home in whole.parents:
        spec = ignored.get(home)
        if spec is not None:
            said = spec.check_file(whole.relative_to(home).as_posix() + ("/" if folder else "")).include
            if said is not None:
                return bool(said)
    return False
