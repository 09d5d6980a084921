"""Text that is safe to print, and text that every encoding can write: for commands that start fast."""

from __future__ import annotations

import re
import unicodedata

_FOLDER = r"""/(?:[^\s/"'`:,;]+|(?:[^\s/"'`:,;=.]+[ ]){1,7}[^\s/"'`:,;=]+)(?=/)"""
"""A name may have spaces, but not behind a dot: ``model.py and/or`` is a file and other words."""

_FOLDERS = re.compile(rf"""(?<![^\s"'`(\[=,:])(?:file://)?(?:{_FOLDER})+/""")
"""The folders of absolute paths; not those of a URL, of a relative path or of a fraction."""

_HALVES = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """Replace what a terminal would act on rather than show, and what no encoding can write.

    That is control characters, changes of direction, and halves of a surrogate pair.
    """
    return "".join(
        character
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs"} or character == "\n"
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def one_line(text: str) -> str:
    """As ``printable``, and replace line feeds: what a file is called does not begin a line of its own."""
    return printable(text).replace("\n", "\N{REPLACEMENT CHARACTER}")


def without_folders(text: str) -> str:
    """Shorten absolute paths to the names of their files: folders are those of the author's machine."""
    return _FOLDERS.sub("", text)


def encodable(text: str) -> str:
    """Replace halves of a surrogate pair, as in names of files that are no UTF-8."""
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)
