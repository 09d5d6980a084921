"""From a file's bytes to a syntax tree, and from its lines back to where they stand in the file."""

from __future__ import annotations

import ast
import codecs
import io
import os
import re
import sys
import tokenize
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

from logitbench.checks.limits import LARGEST, TOO_MANY_TOKENS, has_too_many_tokens
from logitbench.checks.lines import with_line_feeds
from logitbench.checks.notebooks import Line, NotANotebookError, cells_of
from logitbench.checks.sources import STDIN
from logitbench.errors import UnreadableError, first_line


def reason_of(error: Exception) -> str:
    """Return why a file could not be checked; with --debug, print the traceback of a fault."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if os.environ.get("LOGITBENCH_DEBUG"):
        traceback.print_exception(error)
    return f"unexpected {type(error).__name__}: {first_line(error)} (a fault of logitbench: please report it)"


@dataclass(frozen=True)
class Source:
    """A file that can be looked at.

    Args:
        path: As it was asked for.
        tree: Its syntax tree.
        lines: Its lines; those of a notebook's cells one after the other.
        places: Where each line stands in a notebook; empty in other files.
        broken: Numbers of cells that are no Python, and why.
    """

    path: str
    tree: ast.Module
    lines: tuple[str, ...]
    places: tuple[Line, ...] = ()
    broken: tuple[tuple[int, str], ...] = ()


def raw_of(path: str) -> bytes:
    """Return a file's bytes; ``-`` is stdin.

    Raises:
        UnreadableError: It cannot be read.
    """
    if path == STDIN and sys.stdin is None:
        raise UnreadableError("stdin is closed")
    try:
        size = 0 if path == STDIN else Path(path).stat().st_size
        if size <= LARGEST:
            raw = sys.stdin.buffer.read(LARGEST + 1) if path == STDIN else Path(path).read_bytes()
            size = len(raw)
    except OSError as error:
        raise UnreadableError(f"it cannot be read: {error.strerror}") from error
    if size > LARGEST:
        raise UnreadableError(
            f"it should have at most {LARGEST:,} bytes, got {'more' if path == STDIN else f'{size:,}'}"
        )
    return raw


def source_of(path: str, raw: bytes) -> Source:
    """Return what can be looked at in a file's bytes.

    Raises:
        UnreadableError: It is no Python.
    """
    if is_notebook(path, raw):
        return _notebook(path, raw)
    text = decoded(raw)
    return Source(path, parsed(text), tuple(text.split("\n")))  # as the parser counts: other breaks end no line


def is_notebook(path: str, raw: bytes) -> bool:
    """Return whether a file is one, by its name; stdin, which has none, by what it begins with."""
    return path.endswith(".ipynb") or (path == STDIN and raw.lstrip()[:1] == b"{" and b'"cells"' in raw)


def _notebook(path: str, raw: bytes) -> Source:
    try:
        cells = cells_of(decoded(raw))
    except NotANotebookError as error:
        raise UnreadableError(str(error)) from error
    texts: list[str] = []
    places: list[Line] = []
    broken: list[tuple[int, str]] = []
    for cell in cells:
        try:
            parsed("\n".join(cell.lines))
        except UnreadableError as error:
            broken.append((cell.number, str(error)))
            continue
        texts += cell.lines
        places += [Line(cell.number, index) for index in range(1, len(cell.lines) + 1)]
    return Source(path, parsed("\n".join(texts)), tuple(texts), tuple(places), tuple(broken))


def decoded(raw: bytes) -> str:
    """Return a file's text as the parser reads it: its lines end in line feeds.

    Raises:
        UnreadableError: Its encoding is unknown or wrong, or it holds a zero byte.
    """
    text, _ = text_of(raw)
    return with_line_feeds(text)


def text_of(raw: bytes) -> tuple[str, str]:
    """Return a file's text and its encoding.

    The byte order mark or the ``coding:`` line names the encoding; else it is UTF-8. What cannot be decoded with it is
    read as Latin-1.

    Raises:
        UnreadableError: Its encoding is unknown or wrong, or it holds a zero byte.
    """
    if b"\0" in raw:
        wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        raise UnreadableError(
            "it is UTF-16, which Python does not read: save it as UTF-8"
            if wide
            else "it holds a zero byte, and is no text"
        )
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    head = b"\n".join(re.split(rb"\r\n|\r|\n", raw[len(mark) :], maxsplit=2)[:2])
    head = head.decode("ascii", errors="replace").encode("ascii", errors="replace")  # tokenize requires UTF-8
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the codec unicode_escape
            encoding, _ = tokenize.detect_encoding(io.BytesIO(mark + head).readline)
            return raw.decode(encoding), encoding
    except UnicodeDecodeError:
        return raw.decode("latin-1"), "latin-1"
    except Exception as error:  # a codec may raise anything
        raise UnreadableError(f"its coding: line cannot be used: {first_line(error)}") from error


def parsed(text: str) -> ast.Module:
    """Return the syntax tree of a program.

    Raises:
        UnreadableError: It is no Python, or too large.
    """
    if has_too_many_tokens(text):
        raise UnreadableError(TOO_MANY_TOKENS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in what is looked at are not ours
            return ast.parse(text)
    except SyntaxError as error:
        old = " (it looks like Python 2)" if error.msg.startswith("Missing parentheses in call to 'print'") else ""
        raise UnreadableError(f"line {error.lineno}: {error.msg}{old}") from error
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    except RecursionError as error:
        raise UnreadableError("it is nested too deep") from error
    except MemoryError as error:  # the parser raises it for both
        raise UnreadableError("it is nested too deep, or needs more memory than there is") from error
