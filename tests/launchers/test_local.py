from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from logitbench import runner, spec, store
from logitbench.errors import TrainingError
from logitbench.launchers import local
from logitbench.launchers.local import Event, LocalWorkers, TrialDone, TrialFailed
from logitbench.trial import TrialJob
from tests.test_trial import job


def seeds(of: TrialJob, count: int) -> list[TrialJob]:
    return [TrialJob(of.spec, seed, of.dataset, of.run) for seed in range(count)]


def test_a_worker_that_is_killed_costs_its_trial_and_no_other(tmp_path: Path) -> None:
    jobs = seeds(job(tmp_path, epochs=200), 1) + seeds(job(tmp_path, epochs=1), 3)[1:]
    events: list[Event] = []

    with LocalWorkers(1) as workers:
        for event in workers.run(jobs):
            if not events:
                pid = workers._workers[0].process.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
            events.append(event)

    (failed,) = [event for event in events if isinstance(event, TrialFailed)]
    assert failed.seed == 0
    assert isinstance(failed.error, TrainingError)
    assert "signal 9" in failed.error.message
    assert [event.seed for event in events if isinstance(event, TrialDone)] == [1, 2]
    assert [trial.record.seed for trial in store.read([jobs[1].run]).trials] == [1, 2]


def test_a_worker_that_died_before_its_first_trial_costs_that_trial_alone(tmp_path: Path) -> None:
    with LocalWorkers(1) as workers:
        workers._workers[0].process.kill()
        workers._workers[0].process.join()
        events = list(workers.run(seeds(job(tmp_path, epochs=1), 2)))

    assert [event.seed for event in events if isinstance(event, TrialFailed)] == [0]
    assert [event.seed for event in events if isinstance(event, TrialDone)] == [1]


def test_a_worker_is_replaced_before_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "TRIALS_PER_WORKER", 1)
    pids = set()

    with LocalWorkers(1) as workers:
        for event in workers.run(seeds(job(tmp_path, epochs=1), 2)):
            if not isinstance(event, TrialDone):
                pids.add(workers._workers[0].process.pid)

    assert len(pids) == 2


def test_an_error_in_a_worker_comes_back_whole(tmp_path: Path) -> None:
    with LocalWorkers(1) as workers:
        (failed,) = workers.run(seeds(job(tmp_path, model="tests.trunks:raising"), 1))

    assert isinstance(failed, TrialFailed)
    assert "no such trunk today" in failed.error.message
    assert failed.error.exit_code == 2
    assert "RuntimeError" in failed.traceback


def test_figures_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    tables = []
    for workers in (1, 2):
        jobs = seeds(job(tmp_path, epochs=2), 2)
        with LocalWorkers(workers) as pool:
            list(pool.run(jobs))
        trials = store.read([jobs[0].run]).trials
        tables.append([replace(row, seconds=0.0) for trial in trials for row in trial.rows])

    assert tables[0] == tables[1]


def test_a_run_name_sorts_by_time_and_may_be_a_folder() -> None:
    first = runner.new_run_id()

    store.require_name(first)
    assert (
        spec.ExperimentSpec.model_validate({"name": first, "data": {"source": "digits"}, "model": {"name": "mlp"}}).name
        == first
    )
