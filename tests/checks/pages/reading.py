"""Finds the numbers on a rule's page, and the claim that each belongs to. Needs no Keras."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = r"-?\d+(?:,\d{3})*(?:\.\d+)?"
NUMBER_WORD = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|hundreds?|thousands?|half)\b", re.IGNORECASE
)
"""Numbers that no claim could compute, because they are words. "One" and "twice" have other meanings."""


BLANK = re.compile(r"{(\w+)(?:@([\w,]+))?}")


@dataclass(frozen=True)
class Claim:
    """A text of a page whose numbers a function computes.

    Args:
        page: The rule's code, or README.
        text: The text, with the name of each number in braces: ``a logit of {z} costs {loss}``. A number that holds on
            some backends only says on which: ``{loss@tensorflow}`` or ``{loss@jax,torch}``.
        function: ``module:function`` in this package. Its parameters are the numbers it needs; it returns the rest.
        backends: The Keras backends on which the text is computed.
        tolerance: How far a printed number may be from the computed one, beyond rounding.
    """

    page: str
    text: str
    function: str
    backends: tuple[str, ...] = ("tensorflow", "jax", "torch")
    tolerance: float = 0.0

    def blanks(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the name of each number in turn, and the backends on which it holds."""
        return [(name, tuple(on.split(",")) if on else self.backends) for name, on in BLANK.findall(self.text)]

    def find(self, page: str) -> re.Match[str]:
        """Return where the text stands on a page, with its numbers as groups.

        Raises:
            ValueError: It does not stand there exactly once.
        """
        pattern = f"({NUMBER})".join(map(re.escape, BLANK.sub("{}", self.text).split("{}")))
        found = list(re.finditer(rf"(?<![\w.]){pattern}(?![\w]|\.\d)", page))
        if len(found) != 1:
            raise ValueError(f"{self.page} has {len(found)} times: {self.text}")
        return found[0]


def prose(page: str) -> str:
    """Return a page on one line, without its blocks of code; the comments in them stay."""
    lines = (re.sub(r"^    .*?(#.*)?$", lambda code: code[1] or "", line) for line in page.splitlines())
    return " ".join(" ".join(lines).split())


def numbers(text: str) -> list[re.Match[str]]:
    """Return every number of a text. Digits of a name, such as float32 or LB101, are no number."""
    return list(re.finditer(rf"(?<![\w.]){NUMBER}(?!\w)", text))


def decimals(printed: str) -> int:
    """Return how many decimals a number is printed with."""
    return len(printed.partition(".")[2])
