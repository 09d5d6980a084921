"""Which names a program has where, and which of them stand for a module or something of one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef

_DEEPEST = 5
"""Names that stand for names, past which nothing is told."""


@dataclass(frozen=True)
class Binding:
    """A name is bound.

    Args:
        node: Where.
        path: What is imported under it.
        alias: The dotted name that it is set to.
    """

    node: ast.AST
    path: str | None = None
    alias: ast.expr | None = None


class Scopes:
    """The scopes of a program. A comprehension counts to the one that it stands in.

    Args:
        tree: The program.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self.bound: dict[ast.AST, dict[str, list[Binding]]] = {}
        self.names: set[str] = set()
        self.stars: list[ast.ImportFrom] = []
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
        for node in ast.walk(tree):
            if isinstance(node, ast.Global | ast.Nonlocal):  # wherever it is bound then, it is nothing to rely on
                for name, scope in product(node.names, self.around(node)):
                    self._bind(name, Binding(node), scope)
            for name, binding in _bindings(node, self.parents.get(node)):
                self._bind(name, binding, self.around(node)[0])
            if isinstance(node, ast.Name):
                self.names.add(node.id)
            elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                self.stars.append(node)

    def _bind(self, name: str, binding: Binding, scope: Scope) -> None:
        self.names.add(name)
        self.bound.setdefault(scope, {}).setdefault(name, []).append(binding)

    def around(self, node: ast.AST) -> list[Scope]:
        """Return the scopes that a place sees, the innermost first; a class only from its own body."""
        found: list[Scope] = []
        outer = self.parents.get(node, node)
        while True:
            if isinstance(outer, Scope) and (not isinstance(outer, ast.ClassDef) or not found):
                found.append(outer)
            if outer not in self.parents:
                return found
            outer = self.parents[outer]

    def paths(self, expression: ast.expr, depth: int = 0) -> frozenset[str]:
        """Return what a dotted name stands for, by every import that it may come from; empty where that is not sure."""
        if isinstance(expression, ast.Attribute):
            return frozenset(f"{path}.{expression.attr}" for path in self.paths(expression.value, depth))
        if not isinstance(expression, ast.Name):
            return frozenset()
        return self.paths_of(expression.id, expression, depth)

    def paths_of(self, name: str, place: ast.AST, depth: int = 0) -> frozenset[str]:
        """Return what a name stands for at a place; empty where that is not sure."""
        found: set[str] = set()
        bindings = self._bindings_at(name, place)
        if depth > _DEEPEST or all(_line(one.node) >= _line(place) for one in bindings):
            return frozenset()
        for one in bindings:
            paths = {one.path} if one.path else self.paths(one.alias, depth + 1) if one.alias else frozenset()
            if not paths:
                return frozenset()
            found |= paths
        return frozenset(found)

    def _bindings_at(self, name: str, place: ast.AST) -> list[Binding]:
        return next((self.bound[scope][name] for scope in self.around(place) if name in self.bound.get(scope, {})), [])

    def visible(self, place: ast.AST) -> list[str]:
        """Return the names that a place sees."""
        return list(dict.fromkeys(name for scope in self.around(place) for name in self.bound.get(scope, {})))


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _bindings(node: ast.AST, parent: ast.AST | None) -> Iterator[tuple[str, Binding]]:
    """Yield the names that a node binds itself."""
    if isinstance(node, ast.Import):
        for one in node.names:
            path = one.name if one.asname else one.name.split(".")[0]
            yield one.asname or path, Binding(node, path)
    elif isinstance(node, ast.ImportFrom):
        for one in node.names:
            if one.name != "*":
                yield one.asname or one.name, Binding(node, "." * node.level + f"{node.module or ''}.{one.name}")
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, Binding(node)
    elif isinstance(node, ast.arg):
        yield node.arg, Binding(node)
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name, Binding(node)
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest, Binding(node)
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        dotted = isinstance(parent, ast.Assign) and parent.targets == [node]
        yield node.id, Binding(node, alias=parent.value if dotted and isinstance(parent, ast.Assign) else None)
