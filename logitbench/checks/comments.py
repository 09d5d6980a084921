"""Comments that ignore findings of their line: ``# logitbench: ignore[LB101, LB2]``, or ``ignore`` alone for all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from logitbench.checks.records import UNDETERMINED
from logitbench.checks.registry import all_rules, meant

_COMMENT = re.compile(r"#\s*logitbench:\s*ignore([^#]*)")
_CODES = re.compile(r"\[([A-Za-z0-9,\s]*)\]")
_NO_CODES = re.compile(r"\s*$|\s+(?!.*\bLB\d)[^\s\[({<:=]", re.IGNORECASE)
"""Nothing, or a reason: text that names no code and does not begin like a list of codes."""


@dataclass(frozen=True)
class Ignore:
    """A comment that ignores findings.

    Args:
        codes: Codes or their beginnings; those of all rules where the comment names none.
        mistake: Why it may not do what was meant, and what to write; empty if it is right.
    """

    codes: tuple[str, ...]
    mistake: str = ""


def ignores_in(lines: Iterable[str]) -> list[Ignore]:
    """Return the comments of some lines."""
    return [_read(found[0].strip(), found[1]) for line in lines if (found := _COMMENT.search(line))]


def _read(comment: str, rest: str) -> Ignore:
    if listed := _CODES.match(rest):
        codes = tuple(code for part in listed[1].split(",") if (code := part.strip().upper()))
        known = [*all_rules(), UNDETERMINED]
        unknown = [code for code in codes if not any(rule.startswith(code) for rule in known)]
        if unknown:
            return Ignore(
                codes, f"{unknown[0]} in {comment!r} ignores nothing: no rule begins with it. {meant(unknown[0])}"
            )
        return Ignore(codes, "" if codes else f"{comment!r} ignores nothing: it names no code")
    if _NO_CODES.match(rest):
        return Ignore(("",))
    named = ", ".join(re.findall(r"LB\d+", rest.upper())) or "LB101"
    return Ignore((), f"{comment!r} ignores nothing: write '# logitbench: ignore[{named}]'")
