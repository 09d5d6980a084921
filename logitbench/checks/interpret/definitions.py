"""What definitions and imports bind."""

from __future__ import annotations

import ast
from collections.abc import Container
from typing import TYPE_CHECKING

from logitbench.checks.interpret import escaping, known
from logitbench.checks.interpret.assignments import CALLED
from logitbench.checks.interpret.changes import names_in
from logitbench.checks.interpret.names import canonical
from logitbench.checks.interpret.values import UNKNOWN, Class, Function, Name

if TYPE_CHECKING:
    from logitbench.checks.interpret.machine import Machine


def define(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
    """Bind a function or class."""
    if isinstance(node, ast.ClassDef):
        members = {
            one.name: Function(one, machine.scopes, _is_plain(machine, one))
            for one in node.body
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        bases = tuple(map(machine.value, node.bases))
        plain = _is_plain(machine, node) and not any(keyword.arg != "metaclass" for keyword in node.keywords)
        several = sum(isinstance(base, Class) for base in bases) > 1  # which of them comes first is not told
        if several or not plain or _rebinds(node, members):
            bases = (*bases, UNKNOWN)
        made: Function | Class = Class(node, bases, tuple(members.items()))
    else:
        made = Function(node, machine.scopes, _is_plain(machine, node))
    machine.define(made)
    machine.bind(node.name, made)


def _rebinds(node: ast.ClassDef, members: Container[str]) -> bool:
    """Return whether a class puts something else in the place of a method."""
    bound = {
        name for one in node.body if isinstance(one, ast.Assign) for target in one.targets for name in names_in(target)
    }
    return any(name in members or name in CALLED for name in bound)


def _is_plain(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Return whether no decorator changes what a function gives, or what a class is."""
    for decorator in node.decorator_list:
        value = machine.value(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if not isinstance(value, Name) or value.path not in known.HARMLESS_DECORATORS:
            return False
    return True


def bind_imported(machine: Machine, node: ast.Import | ast.ImportFrom) -> None:
    """Bind what is imported."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            path = alias.name if alias.asname else alias.name.split(".")[0]
            bound = Name(canonical(path))
            machine.bind(alias.asname or path, bound)
        elif alias.name == "*":
            home = canonical(node.module or "") if not node.level else ""
            machine.stars.append(home)
            if home.split(".")[0] not in known.STAR_HOMES:  # it may have any of these names
                escaping.forget_variables(machine)
        else:
            path = f"{node.module}.{alias.name}" if node.module else alias.name
            machine.bind(alias.asname or alias.name, Name(canonical(("." * node.level) + path)))
