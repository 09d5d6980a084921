"""Sections of a TOML file, and messages that say which key is wrong, its value and what it should be."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticUndefined

from logitbench.errors import UsageError, did_you_mean


class Section(BaseModel):
    """A table of the experiment file: unknown keys are refused, and nothing changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


def validate(section: type[S], table: Mapping[str, Any], *, where: str) -> S:
    """Validate a table; an error says what was expected, what came and what to do.

    Raises:
        UsageError: A key is unknown or missing, or a value is not what it must be.
    """
    try:
        return section.model_validate(table)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        inside = {details["loc"][:-1] for details in errors if details["loc"]}
        # A list with a wrong entry is called too short as well.
        problems = [_problem(section, dict(details), where) for details in errors if details["loc"] not in inside]
        message = "; ".join(problem for problem, _ in problems)
        raise UsageError(f"{where}: {message}", " ".join(dict.fromkeys(hint for _, hint in problems if hint))) from None


def _problem(section: type[BaseModel], details: Mapping[str, Any], where: str) -> tuple[str, str]:
    path: Sequence[str | int] = details["loc"]
    key = ".".join(str(part) for part in path) or "the whole"
    if details["type"] == "extra_forbidden":
        return f"unknown key {key!r}", did_you_mean(str(path[-1]), keys_at(section, path[:-1]))
    if details["type"] == "missing":
        return f"{key!r} is missing", ""
    hint = _example(section, path, where) if details["type"].endswith(("_type", "_parsing", "_from_float")) else ""
    if details["type"] in {"tuple_type", "list_type"}:
        example = "" if hint else ', for example ["a", "b"]'
        return f"{key} should be a list{example}, got {details['input']!r}", hint
    if details["type"] == "too_short":
        return f"{key} should have at least one entry, got {details['input']!r}", ""
    if details["type"] == "dict_type":
        return f"{key} should be a table, got {details['input']!r}", hint
    _, should, expected = details["msg"].partition(" should ")
    return f"{key}{should or ': '}{expected or details['msg']}, got {details['input']!r}", hint


def _example(section: type[BaseModel], path: Sequence[str | int], where: str) -> str:
    """Return a hint with a value that fits a key, its default; empty for a key without one."""
    names = list(takewhile(lambda part: isinstance(part, str), path))
    holder = _section_at(section, names[:-1])
    field = holder.model_fields.get(str(names[-1])) if names else None
    default = field.get_default(call_default_factory=True, validated_data={}) if field else None
    if default is None or default is PydanticUndefined or isinstance(default, BaseModel):
        return ""
    key, value = ".".join(map(str, names)), json.dumps(default) if default != {} else "{learning_rate = 0.001}"
    if where.startswith("experiment "):
        return f"For example: --set {shlex.quote(f'{key}={value}')}"
    if prefix := re.match(r"\[(\w+)\]", where):  # a section that a source or a model validates
        return f"For example: --set {shlex.quote(f'{prefix[1]}.{key}={value}')}"
    return f"For example: {key} = {value}"


def keys_at(section: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Return the keys that a section, or the section at a path inside it, has."""
    return [field.alias or name for name, field in _section_at(section, path).model_fields.items()]


def _section_at(section: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    for part in path:
        inner = section.model_fields[str(part)].annotation if str(part) in section.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        section = inner
    return section
