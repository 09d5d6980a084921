"""Lines as Python's parser counts them."""

from __future__ import annotations

import io


def lines_of(text: str) -> list[str]:
    """Split text into lines with their ends: CR, LF or CRLF, and none of the others of ``str.splitlines``."""
    return list(io.StringIO(text, newline=""))


def with_line_feeds(text: str) -> str:
    """Replace the other line ends by line feeds, as the parser does before it reads."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
