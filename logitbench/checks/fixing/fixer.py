"""Makes the fixes of a file, rule by rule, and keeps those after which what they were for is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from logitbench.checks import engine
from logitbench.checks.engine import Settings
from logitbench.checks.fixing.document import Document, LeftError, opened, rewritten
from logitbench.checks.fixing.plan import Plan, Planned, plan
from logitbench.checks.project import Project
from logitbench.checks.reading import raw_of, reason_of
from logitbench.checks.records import Finding, Severity
from logitbench.errors import UnreadableError

LOSSES = "LB1"
"""How the codes of rules begin that are about a loss: the fix of one must not break another."""


@dataclass(frozen=True)
class FixedFile:
    """A file and what became of it.

    Args:
        path: As it was asked for.
        before: Its bytes.
        after: Its bytes with the fixes made.
        findings: What is left.
        broken: Numbers of cells that are no Python, and why.
        fixed: How many findings were put right.
        unsafe: How many more unsafe fixes would put right.
        left: Why fixes were not made.
        unreadable: Why the file cannot be checked; it stays as it is then.
    """

    path: str
    before: bytes
    after: bytes
    findings: tuple[Finding, ...]
    broken: tuple[tuple[int, str], ...]
    fixed: int
    unsafe: int
    left: tuple[str, ...]
    unreadable: str = ""


def of_file(path: str, project: Project, settings: Settings) -> Settings:
    """Return settings without the rules that the project ignores in a file."""
    ignored = project.ignored_in(path)
    return replace(settings, rules=tuple(rule for rule in settings.rules if rule.code not in ignored))


def fix_file(path: str, project: Project, settings: Settings, unsafe: bool) -> FixedFile:
    """Return a file with its fixes made, or the reason why it cannot be checked."""
    raw = b""
    try:
        raw = raw_of(path)
        return fix_source(path, raw, of_file(path, project, settings), unsafe)
    except Exception as error:
        return FixedFile(path, raw, raw, (), (), 0, 0, (), reason_of(error))


def fix_source(path: str, raw: bytes, settings: Settings, unsafe: bool) -> FixedFile:
    """Return a file with what can be put right put right.

    Raises:
        UnreadableError: It is no Python.
    """
    document, fixed = opened(path, raw), 0
    refused: list[str] = []
    made = plan(document, settings)
    # A loss that reads logits now has its metrics looked at anew; never the other way round.
    for code in [rule.code for rule in settings.rules]:
        document, made, count, reasons = _mend_one(document, made, settings, (code, unsafe))
        fixed += count
        refused += reasons
    findings = tuple(engine.findings_of(document.source, made.told))
    more = {(one.code, place) for one in made.fixes if not one.safe and not one.reason for place in one.places}
    refused += [one.reason for one in made.fixes if one.reason and (one.safe or unsafe)]
    return FixedFile(
        path,
        raw,
        document.raw,
        findings,
        document.source.broken,
        fixed,
        0 if unsafe else len(more),
        tuple(refused),
    )


def _mend_one(
    document: Document, made: Plan, settings: Settings, wanted: tuple[str, bool]
) -> tuple[Document, Plan, int, list[str]]:
    """Make the fixes of one rule: all at once, and if that does not do, one after the other."""
    fixed, together = 0, True
    refused: list[str] = []
    while todo := _of(made, *wanted)[len(refused) :]:  # those that are refused stay, and stay the first
        chosen = todo if together else todo[:1]
        try:
            document, made = _tried(document, made, settings, chosen)
            fixed += len(_places(chosen))
        except LeftError as error:
            if len(chosen) == 1:
                refused.append(f"{document.where(min(chosen[0].places)[0])}: {wanted[0]}: {error}")
            together = False
    return document, made, fixed, refused


def _of(made: Plan, code: str, unsafe: bool) -> list[Planned]:
    return [one for one in made.fixes if one.code == code and not one.reason and (one.safe or unsafe)]


def _places(chosen: Sequence[Planned]) -> set[tuple[int, int]]:
    return set().union(*(one.places for one in chosen))


def _tried(document: Document, made: Plan, settings: Settings, chosen: Sequence[Planned]) -> tuple[Document, Plan]:
    """Return a file with fixes made.

    Raises:
        LeftError: It is no Python any more, a finding is still there, or another of a loss has come up.
    """
    raw = rewritten(document, (change for one in chosen for change in one.changes))
    try:
        new = opened(document.path, raw)
    except UnreadableError as error:
        raise LeftError(f"it would be no Python: {error}") from error
    if new.source.broken != document.source.broken:
        raise LeftError("a cell would be no Python")
    then = plan(new, settings)
    before, after = _counts(document, made), _counts(new, then)
    code = chosen[0].code
    if after[code] > before[code] - len(_places(chosen)):
        raise LeftError("it would still be found")
    for other in after:
        if other.startswith(LOSSES) and after[other] > before[other]:
            raise LeftError(f"{other} would be found instead")
    return new, then


def _counts(document: Document, made: Plan) -> Counter[str]:
    """Return how many findings each rule has; notes aside, which are no faults."""
    found = engine.findings_of(document.source, made.told)
    return Counter(one.code for one in found if one.severity != Severity.NOTE)
