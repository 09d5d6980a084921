"""The rules: every file in ``rules/`` that is named like a code."""

from __future__ import annotations

import difflib
import pkgutil
import re
from functools import cache
from importlib import import_module

from logitbench.checks import rules
from logitbench.checks.rule import Rule
from logitbench.docstrings import docstring
from logitbench.errors import UsageError


@cache
def all_rules() -> dict[str, Rule]:
    """Return every rule by its code."""
    names = sorted(one.name for one in pkgutil.iter_modules(rules.__path__) if re.fullmatch(r"lb\d{3}", one.name))
    return {name.upper(): _load(name) for name in names}


def _load(name: str) -> Rule:
    module = import_module(f"{rules.__name__}.{name}")
    return Rule(name.upper(), module.SEVERITY, docstring(module), module.check)


def rule(code: str) -> Rule:
    """Return the rule of a code.

    Raises:
        UsageError: There is none.
    """
    known = all_rules()
    if code.upper() not in known:
        near = difflib.get_close_matches(code.upper(), known, n=1)
        same = [name for name in known if name.startswith(code.upper())]
        hint = f"Did you mean {near[0]}?" if near and not same else f"Name one of {', '.join(same or known)}."
        raise UsageError(f"there is no rule {code!r} in logitbench", hint)
    return known[code.upper()]


def meant(code: str) -> str:
    """Return a hint for a code that no rule has: the nearest one, or all of them."""
    if code.startswith("LB") and (near := difflib.get_close_matches(code, all_rules(), n=1)):
        return f"Did you mean {near[0]}?"
    groups: dict[str, list[str]] = {}
    for known in all_rules():
        groups.setdefault(known[:3], []).append(known)
    listed = "; ".join(f"{group} for all of {', '.join(codes)}" for group, codes in groups.items())
    return f"Leave it out, or write a code or its beginning: {listed}."


def chosen(select: str | None, ignore: str | None) -> tuple[Rule, ...]:
    """Return the rules of ``--select`` without those of ``--ignore``: codes or their beginnings, parted by commas.

    Raises:
        UsageError: No code begins so.
    """
    wanted = _beginning(select) if select else set(all_rules())
    unwanted = _beginning(ignore) if ignore else set()
    return tuple(one for code, one in all_rules().items() if code in wanted - unwanted)


def _beginning(asked: str) -> set[str]:
    found: set[str] = set()
    for part in filter(None, (one.strip().upper() for one in asked.split(","))):
        codes = {code for code in all_rules() if code.startswith(part)}
        if not codes:
            raise UsageError(f"no rule of logitbench begins with {part!r}", meant(part))
        found |= codes
    return found
