"""The bytes of a user's file as text, in the encoding that the user names."""

import codecs
from pathlib import Path

from logitbench.errors import DataError, UsageError

_EXCERPT = 30
"""Characters shown on each side of the first byte that is not UTF-8."""


def require_encoding(name: str) -> str:
    """Return a name that Python knows as a text encoding.

    Raises:
        UsageError: Python does not know it.
    """
    try:
        "a".encode(name)
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"data.encoding should be a text encoding that Python knows, got {name!r}",
            "For example: utf-8, latin-1, cp1252, utf-16.",
        ) from error
    return name


def decoded(content: bytes, place: Path, encoding: str) -> str:
    """Return a file's text, without a byte order mark.

    Args:
        content: The bytes of the file.
        place: The file, for messages.
        encoding: Name of the encoding.

    Raises:
        DataError: The bytes are not text in this encoding; the hint names a likely one.
    """
    likely = _likely(content)
    utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    if utf8 and likely.startswith("utf-"):
        if not _decodes(content, likely):
            raise DataError(f"{place} is not a text file", "Give a CSV, TSV, JSON or Parquet file.")
        raise DataError(f"{place} is not UTF-8: it looks like {likely}", f"To read it: {_flag(likely)}")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except ValueError as error:  # not every codec raises UnicodeDecodeError
        start = _first_wrong(content, error)
        detail = (
            f"byte {content[start]:#04x} at position {start}, line {_line(content, start)}" if start >= 0 else error
        )
        raise DataError(
            f"{place} is not {'UTF-8' if utf8 else encoding}: {detail}",
            _hint(content, start, likely) if utf8 else f"Name its encoding: {_flag('NAME')}",
        ) from error


def _first_wrong(content: bytes, error: ValueError) -> int:
    """Return the position of the first byte that cannot be decoded, -1 where the codec does not tell it.

    A codec may decode a part of the content: ``utf-8-sig`` what follows the byte order mark.
    """
    if not isinstance(error, UnicodeDecodeError) or not content.endswith(error.object):
        return -1
    start = len(content) - len(error.object) + error.start
    return start if start < len(content) else -1


def _line(content: bytes, start: int) -> int:
    return len(content[: start + 1].splitlines())


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _likely(content: bytes) -> str:
    """Return UTF-16 or UTF-32 where the first bytes show it, else a Western encoding that has all the bytes.

    Detectors such as charset-normalizer take short Western texts for cp775 or cp1250. The user sees the decoded line
    and decides.
    """
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in content[:2]:  # half of a first character that is ASCII
        return "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _hint(content: bytes, start: int, likely: str) -> str:
    newline = max(content.rfind(end, 0, start) for end in (b"\n", b"\r"))
    first = max(newline + 1, start - _EXCERPT)
    shown = content[first : start + _EXCERPT].splitlines()[0].decode(likely)
    return (
        f"Read as {likely}, it says {shown!r} there. If that is right: {_flag(likely)}. "
        f"Otherwise name its encoding, {_flag('NAME')}, or save the file as UTF-8."
    )


def _flag(encoding: str) -> str:
    return f"--set data.encoding={encoding}"
