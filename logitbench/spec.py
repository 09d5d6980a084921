"""An experiment: read from TOML and flags into one validated, frozen object before anything slow begins."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticUndefined

from logitbench import heads
from logitbench.catalogue import shipped
from logitbench.errors import UsageError, did_you_mean

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}"
"""What may become the name of a folder."""

MOST_SEEDS = 100_000

MOST_BYTES, MOST_DOTS = 2**18, 200
"""Of an experiment file, and of a line in it."""

Name = Annotated[str, StringConstraints(pattern=f"^{NAME_PATTERN}$")]


SELECTORS = {"data": "source", "model": "name"}
"""The key of a section that says to what its other keys belong."""


DATA_ENDINGS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"})
"""Of files that hold examples, and never an experiment."""


class Section(BaseModel):
    """A table of the experiment file: unknown keys are refused, and nothing changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


class DataSpec(Section):
    """``[data]``: the source's name; every other key belongs to that source, which validates it."""

    model_config = ConfigDict(extra="allow", frozen=True)
    source: str

    @property
    def options(self) -> dict[str, Any]:
        """The source's own keys."""
        return dict(self.model_extra or {})


class ModelSpec(Section):
    """``[model]``: a shipped model's name or ``module:function``; every other key belongs to that model."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str

    @property
    def options(self) -> dict[str, Any]:
        """The model's own keys."""
        return dict(self.model_extra or {})


class HeadSpec(Section):
    """``[head]``: what the arms' heads have in common."""

    activation: Literal["auto", "sigmoid", "softmax"] = "auto"
    """``auto``: sigmoid for two classes, softmax for more."""
    labels: heads.Labels = heads.Labels.SPARSE
    """How a softmax head is given its labels: class numbers or one-hot rows."""


class TrainingSpec(Section):
    """``[training]``: what every arm of every seed is trained with."""

    epochs: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] = 3
    batch_size: Annotated[int, Field(ge=1, strict=True)] = 32
    optimizer: str = "adam"
    optimizer_options: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the optimizer, ``learning_rate`` for one."""
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32"
    engine: Literal["lockstep", "fit"] = "lockstep"
    """``lockstep`` steps every arm on each batch; ``fit`` calls ``model.fit`` for each arm on the same batches."""
    deterministic: bool = True


class PairsSpec(Section):
    """``[pairs]``: which arms are compared, and how often."""

    arms: Annotated[tuple[str, ...], Field(min_length=1)] = ("logits", "probs")
    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS, strict=True)] = 6
    """Seeds 0 to N - 1 are run."""

    @model_validator(mode="after")
    def _known_once(self) -> Self:
        for name in self.arms:
            heads.arm(name)
        if len(set(self.arms)) < len(self.arms):
            raise UsageError(f"an arm is named twice in {', '.join(self.arms)}", "Name each arm once.")
        return self


class ExperimentSpec(Section):
    """One experiment, whole."""

    name: Name
    asks: str = ""
    """The question it answers, for ``logitbench list``."""
    data: DataSpec
    model: ModelSpec
    head: HeadSpec = HeadSpec()
    training: TrainingSpec = TrainingSpec()
    pairs: PairsSpec = PairsSpec()


def digest(spec: ExperimentSpec) -> str:
    """Return the SHA-256 of what an experiment's figures depend on, whatever file it came from."""
    return hashlib.sha256(
        json.dumps(spec.model_dump(mode="json", exclude={"asks"}), sort_keys=True).encode()
    ).hexdigest()


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


def _sections_with(key: str) -> list[str]:
    """Return the sections of an experiment that have a key; none for a key that stands before all sections."""
    if key in ExperimentSpec.model_fields:
        return []
    return [name for name in ExperimentSpec.model_fields if key in _keys_at(ExperimentSpec, [name])]


def validate(section: type[S], table: Mapping[str, Any], *, where: str) -> S:
    """Validate a table, and turn what pydantic says into expected, received and remedy.

    Raises:
        UsageError: A key is unknown or missing, or a value is not what it must be.
    """
    try:
        return section.model_validate(table)
    except ValidationError as error:
        found = error.errors(include_url=False)
        inside = {details["loc"][:-1] for details in found if details["loc"]}
        # A list with a wrong entry is called too short as well.
        problems = [_problem(section, dict(details), where) for details in found if details["loc"] not in inside]
        message = "; ".join(problem for problem, _ in problems)
        raise UsageError(f"{where}: {message}", " ".join(dict.fromkeys(hint for _, hint in problems if hint))) from None


def _problem(section: type[BaseModel], details: Mapping[str, Any], where: str) -> tuple[str, str]:
    path: Sequence[str | int] = details["loc"]
    key = ".".join(str(part) for part in path) or "the whole"
    if details["type"] == "extra_forbidden":
        return f"unknown key {key!r}", did_you_mean(str(path[-1]), _keys_at(section, path[:-1]))
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


def _keys_at(section: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    return [field.alias or name for name, field in _section_at(section, path).model_fields.items()]


def _section_at(section: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    for part in path:
        inner = section.model_fields[str(part)].annotation if str(part) in section.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            break
        section = inner
    return section
