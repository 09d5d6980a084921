"""How a program can name one of Keras's classes: by an import that it has, and only else by one more."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from logitbench.checks.fixing.document import Change, Document, LeftError
from logitbench.checks.fixing.scopes import Scopes
from logitbench.checks.interpret.names import KERAS_HOMES, canonical


@dataclass(frozen=True)
class Way:
    """How something is named.

    Args:
        expression: Its name there.
        imported: The import that this needs.
    """

    expression: str
    imported: Change | None = None


def way_to(
    document: Document, scopes: Scopes, place: ast.expr, group: str, kind: str, near: Sequence[ast.AST | None]
) -> Way:
    """Return how a class is named at a place.

    It is taken from the Keras that what stands near it is from: ``tf_keras`` and ``keras`` do not mix.

    Raises:
        LeftError: There is no way that is sure to mean it.
    """
    homes = _homes(scopes, near)
    found: list[str] = []
    for name in scopes.visible(place):
        ways = {_from(path, f"keras.{group}.{kind}") for path in scopes.paths_of(name, place)}
        tails = {tail for _, tail in ways}
        if homes == {home for home, _ in ways} and len(tails) == 1 and None not in tails:
            found.append(".".join(filter(None, (name, *tails))))
    if found:
        return Way(min(found, key=lambda one: one.count(".")))
    if len(homes) != 1:
        raise LeftError(f"it is not clear which Keras its {kind} would be from")
    return _imported(document, scopes, place, group, kind, next(iter(homes)))


def home_of(path: str) -> str | None:
    """Return the Keras that something is from: its module."""
    if path.split(".")[0] == "keras":
        return "keras"
    return next((home for home in KERAS_HOMES if path == home or path.startswith(home + ".")), None)


def _homes(scopes: Scopes, near: Sequence[ast.AST | None]) -> set[str | None]:
    """Return the Keras that the nearest is from; where none of it tells, the one that the whole program has."""
    for node in near:
        if isinstance(node, ast.Call) and (paths := scopes.paths(node.func)):
            homes = {home_of(path) for path in paths}
            if None not in homes:
                return homes
    dotted = [node for node in scopes.parents if isinstance(node, ast.Attribute)]
    paths = frozenset().union(*map(scopes.paths, dotted), *(_imports(node) for node in scopes.parents))
    return {home for path in paths if (home := home_of(path))}


def _imports(node: ast.AST) -> frozenset[str]:
    if isinstance(node, ast.Import):
        return frozenset(one.name for one in node.names)
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return frozenset(f"{node.module}.{one.name}" for one in node.names)
    return frozenset()


def _from(path: str, target: str) -> tuple[str | None, str | None]:
    """Return which Keras a class is from by a path, and what is added to the path to name it; None where nothing is."""
    whole = canonical(path)
    if whole == "tensorflow":
        return f"{path}.keras", target
    if whole == target:
        return home_of(path), ""
    return home_of(path), target[len(whole) + 1 :] if target.startswith(f"{whole}.") else None


def _imported(document: Document, scopes: Scopes, place: ast.expr, group: str, kind: str, home: str | None) -> Way:
    """Add an import behind one of the same Keras: before it, the program may still choose the backend."""
    ways = (
        (kind, f"from {home}.{group} import {kind}", kind),
        (group, f"from {home} import {group}", f"{group}.{kind}"),
        (f"keras_{group}", f"from {home} import {group} as keras_{group}", f"keras_{group}.{kind}"),
    )
    taken = scopes.names | set(dir(builtins))
    asked = ways[2:] if scopes.stars else ways  # a star may bring the names of the others
    way = next((one for one in asked if one[0] not in taken), None)
    if way is None:
        raise LeftError(f"every name for {kind} is taken")
    anchors = sorted(_anchors(document, scopes, place, home), key=lambda one: (one.col_offset == 0, one.lineno))
    if not anchors:
        raise LeftError(f"there is no import of {home} that one of {kind} could stand behind")
    last = anchors[-1].end_lineno or anchors[-1].lineno
    indent = document.lines[anchors[-1].lineno - 1][: anchors[-1].col_offset]
    behind = (last, len(document.lines[last - 1].rstrip("\r\n")))
    return Way(way[2], Change(behind, behind, f"{document.newline}{indent}{way[1]}"))


def _anchors(document: Document, scopes: Scopes, place: ast.expr, home: str | None) -> Iterator[ast.stmt]:
    """Yield imports of a Keras that are done before a place is reached, each alone on its lines."""
    around = scopes.around(place)
    for node in scopes.parents:
        if not isinstance(node, ast.Import | ast.ImportFrom) or home not in map(home_of, _imports(node)):
            continue
        parent = scopes.parents[node]
        held = scopes.parents[parent] if isinstance(parent, ast.Try) and node in parent.body else parent
        if held in around and node.lineno < place.lineno and _is_alone(document, node):
            yield node


def _is_alone(document: Document, node: ast.stmt) -> bool:
    first, last = document.lines[node.lineno - 1], document.lines[(node.end_lineno or node.lineno) - 1]
    rest = last[node.end_col_offset :].strip()
    return not first[: node.col_offset].strip() and (not rest or rest.startswith("#"))
