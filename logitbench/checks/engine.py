"""From files to findings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from logitbench import kerasfile
from logitbench.checks.comments import ignores_in
from logitbench.checks.interpret.events import Event, Pair, Untold
from logitbench.checks.interpret.program import events_of
from logitbench.checks.reading import Source, raw_of, reason_of, source_of
from logitbench.checks.records import UNDETERMINED, Finding, Place, Report, Severity, Unparsable
from logitbench.checks.registry import all_rules
from logitbench.checks.rule import Problem, Rule
from logitbench.checks.saved import program
from logitbench.checks.sources import SAVED

UNDETERMINED_PAGE = """logitbench could not determine whether a head fits its loss.

It is no rule, and is shown under --show-unknown alone: the loss is known, and the head that it meets is not, or what
its from_logits is. A head is chosen at run time, comes out of a loop, of another module or of a saved model, or what
could change it was handed on. Nothing is wrong with that. Of a model that is named on the command line it is always
said, on stderr."""

ORDER = tuple(Severity)

_RELEVANT = re.compile(r"cross_?entropy|bce|nll|softmax|sigmoid", re.IGNORECASE)
"""Without one of these words no rule has anything to say of a file."""


@dataclass(frozen=True)
class Settings:
    """How files are looked at.

    Args:
        rules: Those that are asked.
        severity: The least that is reported.
        backend: Keras's, of record: ``tensorflow``, ``jax`` or ``torch``.
        show_unknown: Whether to report what could not be told.
    """

    rules: tuple[Rule, ...] = ()
    severity: Severity = Severity.WARNING
    backend: str = "tensorflow"
    show_unknown: bool = False


def check(paths: Sequence[str], settings: Settings) -> Report:
    """Check files, each apart: one that cannot be checked is left out with the reason."""
    return joined(check_file(path, settings) for path in paths)


def check_file(path: str, settings: Settings) -> Report:
    """Check a file; whatever is raised there becomes the reason to leave it out."""
    try:
        return _checked(path, settings)
    except Exception as error:
        return Report(unparsable=(Unparsable(path, reason_of(error)),), paths=(path,))


def joined(reports: Iterable[Report]) -> Report:
    """Return one report on all files."""
    parts = list(reports)
    return Report(
        tuple(finding for part in parts for finding in part.findings),
        tuple(one for part in parts for one in part.unparsable),
        tuple(path for part in parts for path in part.paths),
        untold=tuple(one for part in parts for one in part.untold),
    )


def _checked(path: str, settings: Settings) -> Report:
    """Return the report on one file."""
    if path.endswith(SAVED):
        of_model = check_saved(path, replace(settings, show_unknown=True))
        told, left = sorted_out(of_model, settings)
        return Report(tuple(told), paths=(path,), untold=tuple(left))
    source = source_of(path, raw_of(path))
    broken = tuple(Unparsable(path, reason, cell) for cell, reason in source.broken)
    events = events_in(source)
    findings = findings_of(source, problems(source, events, settings))
    untold: list[Finding] = []
    if not settings.show_unknown:
        cut_short = [one for one in events if isinstance(one, Untold)]
        untold = findings_of(source, problems(source, cut_short, replace(settings, show_unknown=True)))
    return Report(tuple(findings), broken, (path,), untold=tuple(untold))


def sorted_out(found: Iterable[Finding], settings: Settings) -> tuple[list[Finding], list[Finding]]:
    """Return what is found in a model, and what could not be told if that is no finding."""
    parts: tuple[list[Finding], list[Finding]] = [], []
    for one in found:
        parts[one.severity is Severity.UNKNOWN and not settings.show_unknown].append(one)
    return parts


def check_source(source: Source, settings: Settings) -> list[Finding]:
    """Return what is wrong in one file, in order of place."""
    return findings_of(source, problems(source, events_in(source), settings))


def events_in(source: Source) -> list[Event]:
    """Return what happens in a file that a rule may have a word on."""
    if not any(_RELEVANT.search(line) for line in source.lines):
        return []
    try:
        return events_of(source.tree)
    except RecursionError:
        return [Untold("nothing in it is followed: it is nested too deep", source.tree.body[0])]


def check_saved(path: str, settings: Settings) -> list[Finding]:
    """Return what is wrong in a ``.keras`` file, as its own description of the model says it.

    Raises:
        UnreadableError: It has none.
    """
    source = Source(path, ast.Module([], []), ())
    return findings_of(source, problems(source, program.events_of(kerasfile.config_of(path)), settings))


@dataclass(frozen=True)
class Told:
    """What a rule has to say of an event.

    Args:
        event: The event; None for what could not be told.
        code: Of the rule.
        severity: How much it matters.
        problem: What it says.
    """

    event: Event | None
    code: str
    severity: Severity
    problem: Problem


def problems(source: Source, events: Sequence[Event], settings: Settings) -> list[Told]:
    """Return what the rules say of what happens in a file, but for what its comments pass over."""
    return [one for one in _told(events, settings) if not is_ignored(source, one.problem.node, one.code)]


def findings_of(source: Source, told: Iterable[Told]) -> list[Finding]:
    """Return findings in order of place; each thing once, however many ways lead there."""
    found: dict[tuple[str, int, int, str | None], Finding] = {}
    for one in told:
        finding = _finding(source, one.code, one.severity, one.problem)
        if finding is not None:
            found.setdefault((one.code, *place_of(one.problem), finding.part), finding)
    return sorted(found.values(), key=lambda one: (one.cell or 0, one.line, one.column, one.code))


def place_of(problem: Problem) -> tuple[int, int]:
    """Return the line and the offset where a problem begins, as the parser counts them."""
    return getattr(problem.node, "lineno", 0), getattr(problem.node, "col_offset", 0)


def _told(events: Sequence[Event], settings: Settings) -> Iterator[Told]:
    for event in events:
        for rule in settings.rules or tuple(all_rules().values()):
            for problem in rule.check(event, settings.backend):
                severity = problem.severity or rule.severity
                if ORDER.index(severity) <= ORDER.index(settings.severity):
                    yield Told(event, rule.code, severity, problem)
    if settings.show_unknown:
        for problem in _untold(events):
            yield Told(None, UNDETERMINED, Severity.UNKNOWN, problem)


def _untold(events: Sequence[Event]) -> Iterator[Problem]:
    """Yield the losses of which no head, or no ``from_logits``, could be told."""
    yield from (Problem(event.node, event.what) for event in events if isinstance(event, Untold))
    pairs = [event for event in events if isinstance(event, Pair)]
    told = {id(pair.node) for pair in pairs if pair.tensor.activation and pair.loss.from_logits is not None}
    for pair in pairs:
        if id(pair.node) not in told:
            what = "which head it meets" if pair.tensor.activation is None else "what its from_logits is"
            yield Problem(pair.node, f"{pair.loss.kind}: it could not be told {what}")


def _finding(source: Source, code: str, severity: Severity, problem: Problem) -> Finding | None:
    node = problem.node
    if not isinstance(node, ast.expr | ast.stmt):
        return None
    line, end_line = node.lineno, node.end_lineno or node.lineno
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    last = source.lines[end_line - 1] if end_line <= len(source.lines) else ""
    place = source.places[line - 1] if line <= len(source.places) else None
    mistakes = [comment.mistake for comment in ignores_in(_lines_of(source, node)) if comment.mistake]
    return Finding(
        code,
        severity,
        source.path,
        place.line if place else line,
        characters(text, node.col_offset) + 1,
        place.line + end_line - line if place else end_line,
        characters(last, node.end_col_offset or 0) + 1,
        ". ".join([problem.message, *mistakes]),
        problem.remedy,
        text,
        place.cell if place else None,
        _place(source, problem.head),
        getattr(node, "where", None),
    )


def _place(source: Source, node: ast.AST | None) -> Place | None:
    line = getattr(node, "lineno", None)
    if line is None:
        return None
    place = source.places[line - 1] if source.places else None
    text = source.lines[line - 1].strip() if line <= len(source.lines) else getattr(node, "where", "")
    return Place(place.line if place else line, text, place.cell if place else None)


def characters(line: str, offset: int) -> int:
    """Return how many characters a number of UTF-8 bytes are: the parser counts the latter."""
    return offset if line.isascii() else len(line.encode("utf-8")[:offset].decode("utf-8", errors="ignore"))


def is_ignored(source: Source, node: ast.AST, code: str) -> bool:
    """Return whether a comment on one of the lines ignores a code."""
    return any(code.startswith(comment.codes) for comment in ignores_in(_lines_of(source, node)))


def _lines_of(source: Source, node: ast.AST) -> tuple[str, ...]:
    return source.lines[getattr(node, "lineno", 1) - 1 : getattr(node, "end_lineno", 1)]
