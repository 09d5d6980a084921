"""Read an experiment from a TOML file and flags."""

from __future__ import annotations

import math
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logitbench import heads
from logitbench.catalogue import shipped
from logitbench.errors import UsageError, did_you_mean
from logitbench.spec.experiment import ExperimentSpec
from logitbench.spec.validation import keys_at, validate

SELECTORS = {"data": "source", "model": "name"}
"""The key of a section that says to what its other keys belong."""

MOST_BYTES, MOST_DOTS = 2**18, 200
"""Limits of an experiment file and of its lines."""

DATA_ENDINGS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"})
"""Of files that hold examples, and never an experiment."""


def read(experiment: str, overrides: Mapping[str, Any] | None = None) -> ExperimentSpec:
    """Read an experiment and lay overrides over it.

    Args:
        experiment: A shipped experiment's name or the path of a TOML file.
        overrides: Values by ``section.key``; they win over the file. Another ``data.source`` or ``model.name`` than the
            file's leaves the file's other keys of that section out.

    Raises:
        UsageError: There is no such experiment, or it is not a valid one; the message names the key and the value.
    """
    path = _find(experiment)
    try:
        table = tomllib.loads(_text(path), parse_float=_finite)
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, an integer of thousands of digits
        raise UsageError(f"{path} is not a TOML file in UTF-8: {error}") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    table.setdefault("name", path.stem)
    overrides = overrides or {}
    for section, selector in SELECTORS.items():
        chosen = overrides.get(f"{section}.{selector}")
        if chosen is not None and isinstance(table.get(section), dict) and table[section].get(selector) != chosen:
            table[section] = {}  # the other keys belong to what the file had chosen
    for key, value in overrides.items():
        _lay(table, key, value)
    return validate(ExperimentSpec, table, where=f"experiment {experiment!r}")


def _find(experiment: str) -> Path:
    if experiment in shipped():
        return shipped()[experiment]
    path = Path(experiment)
    if path.suffix.lower() in DATA_ENDINGS:
        raise UsageError(
            f"{experiment!r} is data, not an experiment",
            f"To train on it: logitbench run csv --data {shlex.quote(experiment)}",
        )
    if path.suffix == ".toml" or len(path.parts) > 1:
        if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a name is too long
            return path
        raise UsageError(f"there is no experiment file {experiment!r}", "Check the path.")
    if experiment in heads.ARMS:
        raise UsageError(
            f"there is no experiment {experiment!r}; it is an arm",
            f"Arms are joined by commas, without a space: --arms logits,{experiment}",
        )
    hint = did_you_mean(experiment, shipped())
    raise UsageError(
        f"there is no experiment {experiment!r}",
        f"{hint} A file's name must end in .toml. See `logitbench list`.",
    )


def _text(path: Path) -> str:
    """Return what an experiment file says.

    Raises:
        ValueError: It is no experiment; to read it could take all the memory, which grows with the square of a key's
            parts.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"no experiment has more than {MOST_BYTES} bytes")
    text = content.decode("utf-8")
    if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
        raise ValueError(f"a line has more than {MOST_DOTS} dots")
    return text


def _finite(text: str) -> float:
    """Read a number of a TOML file; JSON, in which runs are stored, has none that is not finite."""
    number = float(text)
    if not math.isfinite(number):
        raise UsageError(f"every number of an experiment must be finite, got {text}")
    return number


def _lay(table: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    for section in sections:
        inner = table.setdefault(section, {})
        if not isinstance(inner, dict):
            raise UsageError(f"{key!r} cannot be set: {section!r} is a value, not a section")
        table = inner
    table[last] = value


def parse_setting(setting: str) -> tuple[str, Any]:
    """Split ``section.key=value``; the value is read as TOML, and as plain text where it is not TOML.

    Raises:
        UsageError: There is no ``=``, or no section before the key, or the value is a number that is not finite.
    """
    key, equals, text = setting.partition("=")
    key = key.strip()
    if not equals or not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", key, re.ASCII):
        sections = _sections_with(key) if equals else []
        hint = f"Did you mean {sections[0]}.{key}={text}?" if len(sections) == 1 else ""
        raise UsageError(
            f"--set takes section.key=value, got {setting!r}", hint or "For example: --set training.batch_size=64"
        )
    try:
        table = tomllib.loads(f"value = {text}", parse_float=_finite)
    except (ValueError, RecursionError):
        return key, text
    return key, table["value"] if len(table) == 1 else text  # more than one: the text went on after a line's end


def _sections_with(key: str) -> list[str]:
    """Return the sections of an experiment that have a key; none for a key that stands before all sections."""
    if key in ExperimentSpec.model_fields:
        return []
    return [name for name in ExperimentSpec.model_fields if key in keys_at(ExperimentSpec, [name])]
