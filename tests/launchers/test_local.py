from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from logitbench import runner, spec, store
from logitbench.errors import OutOfMemoryError, TrainingError
from logitbench.launchers import local
from logitbench.launchers.local import LocalWorkers
from logitbench.launchers.worker import Event, TrialDone, TrialFailed, TrialRetried
from logitbench.records import EpochEnd, StepProgress
from logitbench.trial import TrialJob
from tests.test_trial import job


def seeds(of: TrialJob, count: int) -> list[TrialJob]:
    return [TrialJob(of.spec, seed, of.dataset, of.run) for seed in range(count)]


def test_a_worker_that_is_killed_costs_nothing_but_time(tmp_path: Path) -> None:
    jobs = seeds(job(tmp_path, epochs=20), 3)

    events, (first,) = killing(jobs, times=1)

    assert isinstance(first, TrialRetried)
    assert isinstance(first.error, TrainingError)
    assert "signal 9" in first.error.message
    assert sorted(event.seed for event in events if isinstance(event, TrialDone)) == [0, 1, 2]
    assert [trial.record.seed for trial in store.read([jobs[0].run]).trials] == [0, 1, 2]


@pytest.mark.slow
def test_a_trial_whose_worker_is_killed_twice_fails_and_the_others_go_on(tmp_path: Path) -> None:
    jobs = seeds(job(tmp_path, epochs=20), 3)

    events, (first, second) = killing(jobs, times=2)

    assert isinstance(first, TrialRetried)
    assert isinstance(second, TrialFailed)
    assert first.seed == second.seed == 0
    assert [event.seed for event in events if isinstance(event, TrialDone)] == [1, 2]


def killing(jobs: list[TrialJob], times: int) -> tuple[list[Event], list[TrialRetried | TrialFailed]]:
    """Run jobs on one worker, which is killed after its first word so many times; return all events, and the losses."""
    events: list[Event] = []
    with LocalWorkers(1) as workers:
        for event in workers.run(jobs):
            events.append(event)
            losses = [event for event in events if isinstance(event, TrialRetried | TrialFailed)]
            if len(losses) < times and isinstance(event, StepProgress | EpochEnd):
                pid = workers._workers[0].process.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
    return events, losses


def test_a_worker_that_died_before_its_first_trial_costs_nothing(tmp_path: Path) -> None:
    with LocalWorkers(1) as workers:
        workers._workers[0].process.kill()
        workers._workers[0].process.wait()
        events = list(workers.run(seeds(job(tmp_path, epochs=1), 2)))

    assert [event.seed for event in events if isinstance(event, TrialRetried)] == [0]
    assert [event.seed for event in events if isinstance(event, TrialDone)] == [0, 1]


@pytest.mark.slow
def test_a_trial_that_hangs_is_given_up_after_a_second_try(tmp_path: Path) -> None:
    jobs = [*seeds(job(tmp_path, model="tests.trunks:hanging"), 1), *seeds(job(tmp_path, epochs=1), 2)[1:]]

    with LocalWorkers(1, timeout=15) as workers:
        events = list(workers.run(jobs))

    (failed,) = [event for event in events if isinstance(event, TrialFailed)]
    assert failed.seed == 0
    assert "not finished after 15 seconds" in failed.error.message
    assert [event.seed for event in events if isinstance(event, TrialRetried)] == [0]
    assert [event.seed for event in events if isinstance(event, TrialDone)] == [1]


@pytest.mark.slow
def test_a_trial_that_runs_out_of_memory_costs_itself_alone(tmp_path: Path) -> None:
    jobs = [*seeds(job(tmp_path, model="tests.trunks:greedy"), 1), *seeds(job(tmp_path, epochs=1), 2)[1:]]

    with LocalWorkers(1) as workers:
        events = list(workers.run(jobs))

    (failed,) = [event for event in events if isinstance(event, TrialFailed)]
    assert isinstance(failed.error, OutOfMemoryError)
    assert [event.seed for event in events if isinstance(event, TrialRetried)] == [0]
    assert [event.seed for event in events if isinstance(event, TrialDone)] == [1]


@pytest.mark.slow
def test_a_worker_over_its_memory_limit_costs_its_trial_alone(tmp_path: Path) -> None:
    jobs = [*seeds(job(tmp_path, model="tests.trunks:beyond_its_limit"), 1), *seeds(job(tmp_path, epochs=1), 2)[1:]]

    with LocalWorkers(1) as workers:
        events = list(workers.run(jobs))

    (failed,) = [event for event in events if isinstance(event, TrialFailed)]
    assert "memory" in failed.error.message + failed.error.hint
    assert [event.seed for event in events if isinstance(event, TrialRetried)] == [0]
    assert [event.seed for event in events if isinstance(event, TrialDone)] == [1]


def test_workers_that_are_stopped_end_soon_and_leave_no_half_trial(tmp_path: Path) -> None:
    jobs = seeds(job(tmp_path, epochs=100_000), 2)

    with LocalWorkers(1) as workers:
        for event in workers.run(jobs):
            if isinstance(event, EpochEnd):
                break
        began = time.monotonic()
        workers.stop()

        assert time.monotonic() - began < local.GRACE
        assert workers._workers[0].process.poll() == 0
    found = store.read([jobs[0].run])
    assert (found.trials, found.broken) == ([], [])


def test_a_worker_whose_caller_is_gone_ends_too(tmp_path: Path) -> None:
    with LocalWorkers(1) as workers:
        events = workers.run(seeds(job(tmp_path, epochs=100_000), 1))
        next(events)
        process = workers._workers[0].process
        workers._workers[0].connection.close()

        assert process.wait(timeout=20) == 0


@pytest.mark.slow
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


def test_an_error_of_the_system_may_be_over_when_the_run_is_resumed(tmp_path: Path) -> None:
    jobs = [
        *seeds(job(tmp_path, model="tests.trunks:built_on_a_full_disk"), 1),
        *seeds(job(tmp_path, model="tests.trunks:trained_on_a_full_disk"), 2)[1:],
    ]
    with LocalWorkers(1) as workers:
        failed = [event for event in workers.run(jobs) if isinstance(event, TrialFailed)]

    assert [event.seed for event in failed] == [0, 1]
    for event in failed:
        assert "training raised OSError: " in event.error.message
        assert (event.error.repeats, event.error.exit_code) == (False, 4)


@pytest.mark.slow
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


def test_workers_are_added_up_to_a_number(tmp_path: Path) -> None:
    with LocalWorkers(1) as workers:
        workers.grow(2)
        workers.grow(1)
        assert len({worker.process.pid for worker in workers._workers}) == 2
        events = list(workers.run(seeds(job(tmp_path), 2)))
    assert sorted(event.seed for event in events if isinstance(event, TrialDone)) == [0, 1]
