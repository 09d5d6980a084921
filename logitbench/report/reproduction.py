"""How a run is made again: its experiment as a file, the command that runs it, and what must match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from logitbench.records import RunRecord
from logitbench.report.extra import needed


@dataclass(frozen=True)
class Recipe:
    """What makes a run again.

    Args:
        run: Name of the run.
        file: Name of the experiment file.
        experiment: The file's content, TOML.
        command: What to type.
        facts: Versions, host and digests, each with its name.
    """

    run: str
    file: str
    experiment: str
    command: str
    facts: tuple[tuple[str, str], ...]


def recipe(run: RunRecord) -> Recipe:
    """Return what makes a run again; a fact that the run does not have is left out."""
    tomli_w = needed("a report", "tomli-w", "tomli_w")
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
        run=run.run_id,
        file=file,
        experiment=tomli_w.dumps(_without_none(run.spec)),
        command=f"logitbench run {file}",
        facts=tuple((str(name), str(value)) for name, value in facts.items() if value not in (None, "")),
    )


def _without_none(value: Any) -> Any:
    """Leave out what is None, which TOML has not."""
    if isinstance(value, Mapping):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    return value
