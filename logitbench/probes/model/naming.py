"""The line to type for a model in a Python file: its module and its functions, read and not run."""

from __future__ import annotations

import ast
import difflib
import shlex
import symtable
import tokenize
from pathlib import Path

LIKELY = ("build", "make", "create", "get", "model", "net")
"""Words in the name of a function that makes a model."""

MOST = 5
"""How many names are shown."""


def source_of(target: str) -> tuple[Path, str] | None:
    """Return the Python file that a target means and the name in it, empty where it gives none; None if it means none.

    A target means one as a file (``nets.py``, ``nets.py:build``), and as a module without a name (``nets``).
    """
    part, _, name = target.partition(":")
    for path in (Path(part), *([] if name else [Path(f"{part.replace('.', '/')}.py")])):
        if path.suffix == ".py" and path.is_file():
            return path, name
    return None


def hint(command: str, path: Path, name: str = "") -> str:
    """Return the line to type for a model of a Python file, and what else the file defines.

    Args:
        command: Such as ``logitbench probe model {target}``.
        path: The file.
        name: Of the function or model in it, where the user gave one; else one that may make a model is chosen.
    """
    found = names(path)
    chosen = name if not found or binds(path, name) else (difflib.get_close_matches(name, found, n=1) or found)[0]
    here, full = Path.cwd(), path.resolve()
    if "." in full.stem:
        return f"Rename {path}: the name of a module has no dot."
    inside = full.relative_to(here) if full.is_relative_to(here) else full
    if inside is not full and all(part.isidentifier() for part in inside.parent.parts):
        folder, module = "", ".".join(inside.with_suffix("").parts)
    else:
        folder, module = f"cd {shlex.quote(str(inside.parent))} && ", full.stem
    target = shlex.quote(f"{module}:{chosen or 'FUNCTION'}")
    others = [one for one in found if one != chosen][:MOST]
    also = f" (also in {path}: {', '.join(others)})" if others else ""
    return f"Type: {folder}{command.format(target=target)}{also}"


def binds(path: Path, name: str) -> bool:
    """Return whether a file defines a name that may be a model or make one: any but a function that needs arguments."""
    try:
        with tokenize.open(path) as file:
            source = file.read()
        module, table = ast.parse(source), symtable.symtable(source, str(path), "exec")
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if name not in table.get_identifiers() or any(node.name == name and _needs_arguments(node) for node in functions):
        return False
    return table.lookup(name).is_assigned() or table.lookup(name).is_imported()


def names(path: Path) -> list[str]:
    """Return what a file defines that may be a model or make one, the likeliest first.

    These are functions that need no argument, and variables that a call is assigned to.
    """
    try:
        module = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[str] = []
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not _needs_arguments(node):
            found.append(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            found += [one.id for one in node.targets if isinstance(one, ast.Name) and _is_likely(one.id)]
    return sorted(dict.fromkeys(found), key=lambda name: not _is_likely(name))


def _needs_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = function.args
    positional = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return positional > 0 or any(default is None for default in given.kw_defaults)


def _is_likely(name: str) -> bool:
    return any(word in name.lower() for word in LIKELY)
