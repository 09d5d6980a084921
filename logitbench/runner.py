"""A run, from an experiment to published trials: data, folder, workers."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from logitbench import keras_settings, provenance, resume, store
from logitbench.compare.comparing import compare
from logitbench.compare.power import fewest_seeds
from logitbench.compare.sequential import LOOKS, needs_more
from logitbench.compare.statistics import ALPHA
from logitbench.data.cache import Obtained, obtain, open_dataset
from logitbench.errors import StorageError, UsageError
from logitbench.keras_settings import KerasSettings
from logitbench.launchers.local import LocalWorkers
from logitbench.models.choice import trunk
from logitbench.models.user import UserTrunk
from logitbench.records import SCHEMA_VERSION, RunRecord
from logitbench.scheduling import Listener, Outcome, train_seeds
from logitbench.spec import AUTO, ExperimentSpec, digest
from logitbench.store.layout import RUN_FILE
from logitbench.store.reader import read_run
from logitbench.store.sealed import BrokenFileError
from logitbench.training import LOCKSTEP_EXACT_IN
from logitbench.trial import TrialJob, keras_settings_of, task_of


@dataclass(frozen=True)
class Plan:
    """How a run is to be made.

    Args:
        run_id: Name of the run; by default the time and a few random letters.
        resume: Resume the run that the same command began, or begin it if there is none.
        needed: Run only seeds that no finished trial has.
        workers: Trials at a time; by default one per processor.
        trial_timeout: Seconds after which a trial counts as hanging.
        most_seeds: Where a run that adds seeds until there is a verdict stops; by default at the last look.
    """

    run_id: str | None = None
    resume: bool = False
    needed: bool = False
    workers: int | None = None
    trial_timeout: float | None = None
    most_seeds: int | None = None


def run(spec: ExperimentSpec, results: Path, listener: Listener, plan: Plan) -> Outcome:
    """Run every seed of an experiment, each in a worker process, and publish each as it is finished.

    Args:
        spec: The experiment.
        results: Folder of results.
        listener: Told how it goes on.
        plan: How.

    Raises:
        UsageError: The experiment cannot be run as it is; nothing is left behind.
        DataError: Its data cannot be had; nothing is left behind.
        StorageError: The results folder cannot be written any more; what is published stays.
    """
    if plan.most_seeds is not None and plan.most_seeds not in LOOKS:
        raise UsageError(f"--most-seeds should be one of {', '.join(map(str, LOOKS))}, got {plan.most_seeds}")
    if plan.run_id is not None:
        store.require_name(plan.run_id)
        if not plan.resume:
            resume.refuse_existing(results, spec.name, plan.run_id, needed=plan.needed)
    spec = _with_exact_engine(spec, listener)
    keras = _keras_settings(spec, listener)
    first_seeds = spec.pairs.seeds if isinstance(spec.pairs.seeds, int) else min(LOOKS)
    pairs = len(spec.pairs.arms) - 1
    if pairs and spec.pairs.seeds != AUTO and first_seeds < (fewest := fewest_seeds(pairs)):
        listener.note(_few(pairs, first_seeds, fewest))
    workers = plan.workers or os.cpu_count() or 1
    with LocalWorkers(min(workers, first_seeds), timeout=plan.trial_timeout) as pool:
        data = obtain(spec.data, listener.note)
        for note in data.notes:
            listener.note(note)
        task_of(spec.head, len(data.classes))
        record = _record(spec, keras, plan.run_id or new_run_id(), data, first_seeds)
        outcome, seeds = _begun(results, record, plan, listener)
        if not seeds and not (seeds := _seeds_to_add(outcome, plan, listener)):
            listener.note("Nothing is missing: every seed is finished.")
            return outcome
        while seeds:
            assert outcome.folder is not None  # noqa: S101 - a run with seeds to train has one
            pool.grow(min(workers, len(seeds)))
            listener.begin(spec, outcome.folder, len(seeds))
            jobs = [TrialJob(spec, seed, data.folder, outcome.folder, keras) for seed in seeds]
            train_seeds(pool, jobs, outcome, listener)
            _find_again(results, outcome, listener)
            seeds = _seeds_to_add(outcome, plan, listener)
    if not outcome.finished and outcome.folder is not None:
        for failed in outcome.failed:
            if isinstance(failed.error, UsageError):
                store.discard(outcome.folder)
                raise failed.error
    return outcome


def _begun(results: Path, record: RunRecord, plan: Plan, listener: Listener) -> tuple[Outcome, list[int]]:
    """Return the run as far as it is, and the seeds that are to be run."""
    folder, seeds = None, list(record.planned)
    if plan.resume and (begun := resume.run_to_resume(results, record, plan.run_id)):
        folder, record = begun
        seeds = list(resume.missing(folder, record))
        done = len(record.planned) - len(seeds)
        listener.note(f"Resuming {folder}: {done} of {len(record.planned)} seeds are finished.")
    elif plan.resume:
        for line in resume.unreadable(results, record.experiment):
            listener.note(f"Cannot resume {line}.")
        which = f"named {plan.run_id}" if plan.run_id else "to resume"
        listener.note(f"There is no run {which} in {results / record.experiment}: a new run begins.")
    elif plan.needed:
        seeds = resume.needed(results, record)
        done = len(record.planned) - len(seeds)
        listener.note(f"{done} of {len(record.planned)} seeds are finished in {results / record.experiment}.")
        record = record.model_copy(update={"seeds": tuple(seeds)})
    rows = record.spec["training"]["epochs"] * len(record.spec["pairs"]["arms"])
    store.require_space(results, trials=len(seeds), rows=rows)
    if folder is None and seeds:
        try:
            folder = store.create_run(results, record)
        except store.RunExistsError:
            if not (plan.resume and resume.run_to_resume(results, record, plan.run_id)):
                raise
            return _begun(results, record, plan, listener)  # another process began it just now
    return Outcome(folder, record, [seed for seed in record.planned if seed not in seeds]), seeds


def _few(pairs: int, seeds: int, fewest: int) -> str:
    what = f"{pairs} pairs of arms are compared" if pairs > 1 else "Two arms are compared"
    return f"{what}: a difference needs at least {fewest} seeds to be shown at {ALPHA}, and this run has {seeds}."


def _seeds_to_add(outcome: Outcome, plan: Plan, listener: Listener) -> list[int]:
    """Return the seeds up to the next look of a sequential design, and record them; none once there is a verdict."""
    trained = len(outcome.planned)
    look = next((look for look in LOOKS if trained < look <= (plan.most_seeds or max(LOOKS))), None)
    if outcome.folder is None or outcome.failed or not outcome.record.sequential or look is None:
        return []
    now = _as_recorded(outcome)
    if len(now.planned) > trained:  # another process that resumes the run has added seeds
        outcome.record = now
        return list(resume.missing(outcome.folder, now)) or _seeds_to_add(outcome, plan, listener)
    found = compare(store.read([outcome.folder]).trials)  # more than one if seeds were trained on different devices
    pairs = [(pair, one.declared) for one in found for pair in one.pairs]
    undecided = dict.fromkeys(pair.arm for pair, declared in pairs if needs_more(pair.evidence, declared))
    if not undecided:
        return []
    listener.note(f"No verdict on {', '.join(undecided)} after {trained} seeds: seeds {trained} to {look - 1} follow.")
    seeds = list(range(trained, look))
    rows = found[0].epochs[-1] * len(found[0].loss_paths)
    store.require_space(outcome.folder, trials=len(seeds), rows=rows)
    outcome.record = outcome.record.model_copy(update={"seeds": tuple(range(look))})
    store.write_run(outcome.folder, outcome.record)
    return seeds


def _as_recorded(outcome: Outcome) -> RunRecord:
    """Return a run as its file has it now, or as this process knows it where the file cannot be read."""
    assert outcome.folder is not None  # noqa: S101 - it was trained in
    with contextlib.suppress(BrokenFileError):
        return read_run(outcome.folder)
    return outcome.record


def _find_again(results: Path, outcome: Outcome, listener: Listener) -> None:
    """Write a ``run.json`` that was removed during the run again, and find a run's folder that was renamed."""
    assert outcome.folder is not None  # noqa: S101 - it was trained in
    if not outcome.folder.is_dir():
        if moved := resume.folder_of(results, outcome.record):
            listener.note(f"The folder of this run was renamed; it is now {moved}.")
            outcome.folder = moved
    elif not (outcome.folder / RUN_FILE).exists():
        with contextlib.suppress(StorageError):  # conclude() says that it is missing
            store.write_run(outcome.folder, outcome.record)
            listener.note(f"{RUN_FILE} was removed from {outcome.folder} during the run; it is written again.")


def _with_exact_engine(spec: ExperimentSpec, listener: Listener) -> ExperimentSpec:
    training = spec.training
    if training.engine != "lockstep" or training.precision in LOCKSTEP_EXACT_IN:
        return spec
    listener.note(f"In {training.precision} lockstep is not exact; each arm is trained by the slower engine fit.")
    return spec.model_copy(update={"training": training.model_copy(update={"engine": "fit"})})


def _keras_settings(spec: ExperimentSpec, listener: Listener) -> KerasSettings:
    """Return the settings of Keras for a run, and tell where the user's own file has others than Keras's defaults."""
    used, file = keras_settings_of(spec), keras_settings.settings_file()
    if changed := ", ".join(keras_settings.read().differences()):
        which = "this run uses it" if used.differences() else "a shipped model is trained with Keras's defaults instead"
        listener.note(f"{file} sets {changed}; {which}.")
    return used


def new_run_id() -> str:
    """Return a name that sorts by time and that no other run has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _record(spec: ExperimentSpec, keras: KerasSettings, run_id: str, data: Obtained, seeds: int) -> RunRecord:
    return RunRecord(
        schema_version=SCHEMA_VERSION,
        experiment=spec.name,
        run_id=run_id,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        spec=spec.model_dump(mode="json"),
        spec_sha256=digest(spec),
        dataset={
            "sha256": data.digest,
            "classes": data.classes,
            "val_counts": _class_counts(data),
            "notes": data.notes,
        },
        environment=provenance.environment() | keras.recorded() | {"model_sha256": _model_sha256(spec)},
        seeds=tuple(range(seeds)),
    )


def _class_counts(data: Obtained) -> list[int]:
    """Return how many validation examples each class has."""
    counts: list[int] = np.bincount(open_dataset(data.folder).y_val, minlength=len(data.classes)).tolist()
    return counts


def _model_sha256(spec: ExperimentSpec) -> str | None:
    """Return the digest of the file that a user's own trunk comes from."""
    builder = trunk(spec.model)
    return builder.source_sha256() if isinstance(builder, UserTrunk) else None
