"""Which changes put right what the rules found."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logitbench.checks import engine
from logitbench.checks.engine import Settings, Told
from logitbench.checks.fix import Edit, Fix, PutInstance, PutNumber, SetKeyword
from logitbench.checks.fixing import naming
from logitbench.checks.fixing.document import Change, Document, LeftError
from logitbench.checks.fixing.scopes import Scopes
from logitbench.checks.interpret.events import Cut, Event, Pair


@dataclass(frozen=True)
class Planned:
    """A fix that a rule asks for.

    Args:
        code: Of the rule.
        places: Of the findings that it puts right.
        changes: What changes in the file.
        safe: Whether it is the one right answer.
        reason: Why it cannot be made; empty where it can.
    """

    code: str
    places: frozenset[tuple[int, int]]
    changes: tuple[Change, ...]
    safe: bool
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """What can be done for a file.

    Args:
        fixes: In order of place, those of a code together.
        told: What the rules say of it.
    """

    fixes: tuple[Planned, ...]
    told: tuple[Told, ...]


def plan(document: Document, settings: Settings) -> Plan:
    """Return the fixes of a file."""
    events = engine.events_in(document.source)
    told = engine.problems(document.source, events, settings)
    scopes = Scopes(document.source.tree) if any(one.problem.fix for one in told) else None
    asked: dict[tuple[str, Edit], list[Told]] = {}
    for one in told:
        if one.problem.fix is not None:
            asked.setdefault((one.code, one.problem.fix.edit), []).append(one)
    fixes: list[Planned] = []
    for (code, edit), same in asked.items():
        if scopes is None or engine.is_ignored(document.source, edit.node, code):
            continue
        changes: tuple[Change, ...] = ()
        reason = ""
        try:
            if not _agree(events, same, edit):
                raise LeftError("it is used elsewhere, too, where it may be right")
            changes = _changes(document, scopes, edit, _near(same))
        except LeftError as error:
            reason = f"{document.where(edit.node.lineno)}: {code}: {error}"
        places = frozenset(engine.place_of(one.problem) for one in same)
        fixes.append(Planned(code, places, changes, _is_safe(scopes, same), reason))
    return Plan(tuple(sorted(fixes, key=lambda one: (one.code, min(one.places)))), tuple(told))


def _agree(events: Iterable[Event], same: Sequence[Told], edit: Edit) -> bool:
    """Return whether all that a change would touch asks for it: a loss may be that of two models, one of them right."""
    asking = {id(one.event) for one in same}
    return all(id(event) in asking for event in events if _touches(event, edit.node))


def _touches(event: Event, node: ast.expr) -> bool:
    if isinstance(event, Pair):
        return any(node is one for one in (event.node, event.loss.node, *(one.node for one in event.metrics)))
    return isinstance(event, Cut) and isinstance(event.node, ast.Compare) and node in event.node.comparators


def _near(same: Sequence[Told]) -> list[ast.AST | None]:
    pairs = [one.event for one in same if isinstance(one.event, Pair)]
    return [node for pair in pairs for node in (pair.loss.node, pair.tensor.node)]


def _is_safe(scopes: Scopes, same: Sequence[Told]) -> bool:
    """Return whether a fix is the one right answer; of an object that is not made in ``compile`` others may know."""
    fixes: list[Fix] = [one.problem.fix for one in same if one.problem.fix is not None]
    if not all(fix.safe for fix in fixes):
        return False
    node: ast.AST | None = fixes[0].edit.node
    while node is not None and not isinstance(node, ast.stmt):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "compile":
            return True
        node = scopes.parents.get(node)
    return False


def _changes(document: Document, scopes: Scopes, edit: Edit, near: Sequence[ast.AST | None]) -> tuple[Change, ...]:
    start, end = _span(document, edit.node)
    if isinstance(edit, SetKeyword):
        from logitbench.checks.fixing import calls

        return (Change(start, end, calls.edited(_text(document, start, end), edit)),)
    if isinstance(edit, PutNumber):
        return (Change(start, end, edit.value),)
    return _instance(document, scopes, edit, near)


def _instance(
    document: Document, scopes: Scopes, edit: PutInstance, near: Sequence[ast.AST | None]
) -> tuple[Change, ...]:
    if not isinstance(edit.node, ast.Constant) and not scopes.paths(edit.node):
        raise LeftError("it is asked for by a name that may be used elsewhere, too")
    start, end = _span(document, edit.node)
    way = naming.way_to(document, scopes, edit.node, edit.group, edit.kind, near)
    put = Change(start, end, f"{way.expression}({edit.arguments})")
    return (put, way.imported) if way.imported else (put,)


def _span(document: Document, node: ast.expr) -> tuple[tuple[int, int], tuple[int, int]]:
    lines = document.source.lines
    last = node.end_lineno or node.lineno
    return (
        (node.lineno, engine.characters(lines[node.lineno - 1], node.col_offset)),
        (last, engine.characters(lines[last - 1], node.end_col_offset or 0)),
    )


def _text(document: Document, start: tuple[int, int], end: tuple[int, int]) -> str:
    if start[0] == end[0]:
        return document.lines[start[0] - 1][start[1] : end[1]]
    middle = document.lines[start[0] : end[0] - 1]
    return "".join((document.lines[start[0] - 1][start[1] :], *middle, document.lines[end[0] - 1][: end[1]]))
