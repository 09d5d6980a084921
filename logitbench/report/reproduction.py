"""How a run is made again: its experiment as a file, the command that runs it, and what must match."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from logitbench.compare.comparing import default_metrics
from logitbench.compare.comparison import Comparison
from logitbench.compare.contest import ELSEWHERE
from logitbench.compare.declared import Declared
from logitbench.records import RunRecord
from logitbench.report.extra import needed
from logitbench.report.plain import without_folders


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


def recipe(run: RunRecord, seeds: Collection[int] = ()) -> Recipe:
    """Return what makes a run again; a fact that the run does not have is left out.

    Args:
        run: The run.
        seeds: Those to run, where they are more than it planned.
    """
    tomli_w = needed("a report", "tomli-w", "tomli_w")
    file = f"{run.experiment}.toml"
    more = f" --seeds {max(seeds) + 1}" if seeds and max(seeds) >= len(run.planned) else ""
    if run.sequential:
        more = f" --most-seeds {len(run.planned)}"
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
        experiment=tomli_w.dumps(_portable(run.spec)),
        command=f"logitbench run {file}{more}",
        facts=tuple((name, without_folders(str(value))) for name, value in facts.items() if value not in (None, "")),
    )


def report_command(records: Sequence[Comparison]) -> str:
    """Return the command that makes a page, with all that decides its figures and verdicts.

    Verdicts are corrected for all pairs of arms on a page: all its experiments belong to the command.
    """
    folders = dict.fromkeys(f"results/{record.run.experiment}" for record in records)
    return shlex.join(["logitbench", "report", *folders, *_options(records), "-o", "report.html"])


def _options(records: Sequence[Comparison]) -> Iterator[str]:
    declared, default = records[0].declared, Declared()
    if declared.metric != default.metric:
        yield from ("--on", declared.metric)
    if declared.at != default.at:
        yield from ("--at", declared.at)
    if declared.margin is not None:
        yield from ("--margin", f"{declared.margin:g}")
    baselines = {pair.baseline for record in records for pair in record.pairs}
    if any(baseline.endswith(ELSEWHERE) for baseline in baselines):
        yield from ("--against", "OTHER_RESULTS")
    elif len(baselines) == 1 and baselines != {"logits"}:
        yield from ("--baseline", baselines.pop())
    if any(record.metrics != default_metrics(record.figures, record.loss_paths) for record in records):
        for metric in records[0].metrics:
            yield from ("--metric", metric)


def _portable(value: Any) -> Any:
    """Leave out None, which TOML does not have, and the folders of absolute paths, which other machines do not have."""
    if isinstance(value, Mapping):
        return {key: _portable(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_portable(inner) for inner in value]
    if isinstance(value, str) and value.startswith(("/", "~")):
        return PurePath(value).name or value
    return value
