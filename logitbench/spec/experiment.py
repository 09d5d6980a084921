"""An experiment: one validated, frozen object, whatever it was read from."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from logitbench import heads
from logitbench.catalogue import shipped
from logitbench.errors import UsageError
from logitbench.spec.validation import Section

MOST_OF_A_NAME = 64
"""Characters of a file's name that an experiment is named after."""

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}"
"""What may become the name of a folder."""

MOST_SEEDS = 100_000

AUTO = "auto"
"""In the place of a number of seeds: as many as a verdict needs."""

Name = Annotated[str, StringConstraints(pattern=f"^{NAME_PATTERN}$")]

OWN_FILE = "csv"
"""The shipped experiment on a user's own file, which its runs are named after."""


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


def _number_of_seeds(value: Any) -> Any:
    if value == AUTO or (type(value) is int and 1 <= value <= MOST_SEEDS):
        return value
    raise ValueError(f"it should be {AUTO} or a whole number from 1 to {MOST_SEEDS:,}")


class PairsSpec(Section):
    """``[pairs]``: which arms are compared, and how often."""

    arms: Annotated[tuple[str, ...], Field(min_length=1)] = ("logits", "probs")
    seeds: Annotated[int | Literal["auto"], BeforeValidator(_number_of_seeds)] = 6
    """Seeds 0 to N - 1 are run; ``auto`` adds seeds until there is a verdict."""

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


def named_after_data(spec: ExperimentSpec) -> ExperimentSpec:
    """Return the experiment ``csv`` under the name of its data file: ``spam`` for ``data/spam.csv``.

    What a name cannot have becomes a hyphen; a name without Latin letters becomes a digest, ``data-1a2b3c4d``. A name
    of a shipped experiment keeps the file's ending: ``digits.csv``.
    """
    path = spec.data.options.get("path")
    if not isinstance(path, str):
        return spec
    file = Path(path)
    ascii_name = unicodedata.normalize("NFKD", file.stem).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", ascii_name).strip("-._")[:MOST_OF_A_NAME]
    name = name or f"data-{hashlib.sha256(file.stem.encode()).hexdigest()[:8]}"
    if name in shipped():
        name += file.suffix.lower()
    return spec.model_copy(update={"name": name}) if re.fullmatch(NAME_PATTERN, name) else spec


def digest(spec: ExperimentSpec) -> str:
    """Return the SHA-256 of what an experiment's figures depend on, whatever file it came from."""
    return hashlib.sha256(
        json.dumps(spec.model_dump(mode="json", exclude={"asks"}), sort_keys=True).encode()
    ).hexdigest()
