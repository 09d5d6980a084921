"""A run, from an experiment to published trials: data, folder, workers."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from logitbench import provenance, store
from logitbench.data.cache import Obtained, obtain
from logitbench.errors import UsageError
from logitbench.launchers.local import Event, LocalWorkers, TrialDone, TrialFailed
from logitbench.models.choice import trunk
from logitbench.records import SCHEMA_VERSION, RunRecord
from logitbench.spec import ExperimentSpec
from logitbench.training import LOCKSTEP_EXACT_IN
from logitbench.trial import TrialJob, task_of


class Listener(Protocol):
    """Is told how a run goes on."""

    def note(self, line: str) -> None:
        """Hear one line on what takes time before the training."""

    def begin(self, spec: ExperimentSpec, folder: Path) -> None:
        """Hear that training begins."""

    def event(self, event: Event) -> None:
        """Hear what a trial told."""


@dataclass
class Outcome:
    """What became of a run.

    Args:
        folder: The run's folder.
        finished: Seeds that are published.
        failed: Those that are not, and why.
    """

    folder: Path
    finished: list[int] = field(default_factory=list)
    failed: list[TrialFailed] = field(default_factory=list)


def run(spec: ExperimentSpec, results: Path, listener: Listener, *, run_id: str | None, workers: int | None) -> Outcome:
    """Run every seed of an experiment, each in a worker process, and publish each as it is finished.

    Args:
        spec: The experiment.
        results: Folder of results.
        listener: Told how it goes on.
        run_id: Name of the run; by default the time and a few random letters.
        workers: Trials at a time; by default one per processor.

    Raises:
        UsageError: The experiment cannot be run as it is; nothing is left behind.
        DataError: Its data cannot be had; nothing is left behind.
    """
    run_id = run_id or new_run_id()
    store.require_name(run_id)
    spec = _with_exact_engine(spec, listener)
    trunk(spec.model)
    with LocalWorkers(min(workers or os.cpu_count() or 1, spec.pairs.seeds)) as pool:
        data = obtain(spec.data, listener.note)
        for note in data.notes:
            listener.note(note)
        task_of(spec.head, len(data.classes))
        outcome = Outcome(store.create_run(results, _record(spec, run_id, data)))
        listener.begin(spec, outcome.folder)
        jobs = [TrialJob(spec, seed, data.folder, outcome.folder) for seed in range(spec.pairs.seeds)]
        for event in pool.run(jobs):
            listener.event(event)
            if isinstance(event, TrialDone):
                outcome.finished.append(event.seed)
            elif isinstance(event, TrialFailed):
                outcome.failed.append(event)
                if isinstance(event.error, UsageError) and not outcome.finished:
                    break  # what is wrong with the experiment is wrong for every seed
    if not outcome.finished:
        store.discard_if_empty(outcome.folder)
        for failed in outcome.failed:
            if isinstance(failed.error, UsageError):
                raise failed.error
    return outcome


def _with_exact_engine(spec: ExperimentSpec, listener: Listener) -> ExperimentSpec:
    training = spec.training
    if training.engine != "lockstep" or training.precision in LOCKSTEP_EXACT_IN:
        return spec
    listener.note(f"In {training.precision} lockstep is not exact; each arm is trained by the slower engine fit.")
    return spec.model_copy(update={"training": training.model_copy(update={"engine": "fit"})})


def new_run_id() -> str:
    """Return a name that sorts by time and that no other run has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _record(spec: ExperimentSpec, run_id: str, data: Obtained) -> RunRecord:
    table = spec.model_dump(mode="json")
    return RunRecord(
        schema_version=SCHEMA_VERSION,
        experiment=spec.name,
        run_id=run_id,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        spec=table,
        spec_sha256=hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest(),
        dataset={"sha256": data.digest, "classes": data.classes, "notes": data.notes},
        environment=provenance.environment(),
    )
