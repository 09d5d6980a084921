"""How large a file may be: one may come from anywhere, and its syntax tree takes far more memory than its text."""

from __future__ import annotations

import re
from itertools import islice

LARGEST = 256 * 2**20
"""Bytes of a file. Notebooks with their pictures are the largest; JSON takes up to 40 bytes of memory for each."""

MOST_TOKENS = 10_000_000
"""Words, operators and line ends of a program.

A million lines of Python have 9 million (9.1 for each line of the standard library, 8.7 of Keras). CPython's syntax
tree takes 450 to 920 bytes of memory for each, so that the largest program takes up to 9 GB.
"""

TOO_MANY_TOKENS = (
    f"it has more than {MOST_TOKENS:,} words and operators, whose syntax tree could take 9 GB of memory: split or "
    "exclude it"
)

_TOKEN = re.compile(r"\w+|[^\w\s]|\n")


def has_too_many_tokens(program: str) -> bool:
    """Return whether the syntax tree of a program would be too large."""
    return len(program) > MOST_TOKENS and any(True for _ in islice(_TOKEN.finditer(program), MOST_TOKENS, None))
