"""How a run is made again: its experiment as a file, the command that runs it, and what must match."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from logitbench.records import RunRecord


@dataclass(frozen=True)
class Recipe:
    """What makes a run again.

    Args:
        file: Name of the experiment file.
        experiment: The file's content, TOML.
        command: What to type.
        facts: Versions, host and digests, each with its name.
    """

    file: str
    experiment: str
    command: str
    facts: tuple[tuple[str, str], ...]


def recipe(run: RunRecord) -> Recipe:
    """Return what makes a run again; a fact that the run does not have is left out."""
    file = f"{run.experiment}.toml"
    facts = {
        "run": run.run_id,
        "created": run.created,
        **run.environment,
        "SHA-256 of the experiment": run.spec_sha256,
        "SHA-256 of the data": run.dataset.get("sha256"),
        "classes": ", ".join(map(str, run.dataset.get("classes", ()))),
    }
    return Recipe(
        file=file,
        experiment=toml(run.spec),
        command=f"logitbench run {file}",
        facts=tuple((str(name), str(value)) for name, value in facts.items() if value not in (None, "")),
    )


def toml(table: Mapping[str, Any]) -> str:
    """Write a table as TOML: plain values first, then each section. TOML has no null, and a null is left out."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in _set(table) if not isinstance(value, Mapping)]
    for key, section in _set(table):
        if isinstance(section, Mapping):
            lines += ["", f"[{_key(key)}]", *(f"{_key(name)} = {_value(value)}" for name, value in _set(section))]
    return "\n".join(lines).strip() + "\n"


def _set(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((key, value) for key, value in table.items() if value is not None)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in _set(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):  # a JSON string is a TOML string, but for DEL
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
