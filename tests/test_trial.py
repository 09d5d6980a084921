from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logitbench import spec, store, trial
from logitbench.data.cache import obtain, open_dataset
from logitbench.errors import PairingError, UsageError
from logitbench.heads import Activation, LossPath
from logitbench.records import SCHEMA_VERSION, EpochEnd, Progress, RunRecord
from logitbench.runner import new_run_id
from logitbench.training import setup
from logitbench.trial import TrialJob

PATHS = {"logits": "fused", "probs": "fused", "probs-clipped": "clipped", "double": "double", "raw": "raw"}
"""The loss path of each arm."""


def job(tmp_path: Path, *arms: str, **training: Any) -> TrialJob:
    """Make a job of the given arms, or of the two that every question needs: each arm takes time to trace."""
    experiment = spec.ExperimentSpec.model_validate(
        {
            "name": "small",
            "data": {"source": "breast-cancer", "standardise": False},
            "model": {"name": training.pop("model", "mlp"), **training.pop("options", {})},
            # 40 divides the 400 training rows: a shorter last batch doubles the time of tracing.
            "training": {"epochs": 2, "batch_size": 40, **training},
            "pairs": {"arms": list(arms or ("logits", "probs")), "seeds": 1},
        }
    )
    run = store.create_run(
        tmp_path,
        RunRecord(
            schema_version=SCHEMA_VERSION,
            experiment="small",
            run_id=new_run_id(),
            created="2026-01-01T00:00:00+00:00",
            spec=experiment.model_dump(mode="json"),
            spec_sha256=spec.digest(experiment),
            dataset={},
            environment={},
        ),
    )
    return TrialJob(experiment, 0, obtain(experiment.data, lambda _: None).folder, run)


def published(of: TrialJob) -> store.Results:
    return store.read([of.run])


@pytest.mark.parametrize(("engine", "arms"), [("lockstep", list(PATHS)), ("fit", ["logits", "probs", "probs-clipped"])])
def test_a_trial_is_published_with_its_proofs(tmp_path: Path, engine: str, arms: list[str]) -> None:
    this = job(tmp_path, *arms, engine=engine)
    told: list[Progress] = []

    trial.Trainer().run(this, told.append)

    (read,) = published(this).trials
    assert published(this).broken == []
    assert read.record.engine == engine
    assert {name: str(arm.loss_path) for name, arm in read.record.arms.items()} == {arm: PATHS[arm] for arm in arms}
    prints = [arm.fingerprints for arm in read.record.arms.values()]
    for promised in ("trunk", "head", "batches", "dropout"):
        assert len({getattr(one, promised) for one in prints}) == 1
    assert prints[0].final == prints[1].final != prints[2].final
    assert list(read.rows) == [record for step in told if isinstance(step, EpochEnd) for record in step.records]


def test_the_same_trial_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = job(tmp_path), job(tmp_path)
    trial.Trainer().run(one, lambda _: None)
    trial.Trainer().run(other, lambda _: None)

    first, second = ([replace(row, seconds=0.0) for row in published(run).trials[0].rows] for run in (one, other))
    assert first == second
    assert published(one).trials[0].record.arms == published(other).trials[0].record.arms


@pytest.mark.parametrize(
    "model",
    [
        "mlp",
        "tests.trunks:with_a_constant_of_the_seed",
        *(
            pytest.param(f"tests.trunks:{name}", marks=pytest.mark.slow)
            for name in (
                "normalised",
                "spectral",
                "with_a_penalty_of_the_seed",
                "as_wide_as_the_seed",
                "warning_of_the_seed",
            )
        ),
    ],
)
def test_a_trial_after_others_gives_the_bytes_that_it_gives_alone(tmp_path: Path, model: str) -> None:
    trainer, after, alone = trial.Trainer(), job(tmp_path, model=model), job(tmp_path, model=model)
    for seed in (3, 5):
        trainer.run(replace(after, seed=seed), lambda _: None)
    trial.Trainer().run(replace(alone, seed=5), lambda _: None)

    first, second = (next(one for one in published(run).trials if one.record.seed == 5) for run in (after, alone))
    assert [replace(row, seconds=0.0) for row in first.rows] == [replace(row, seconds=0.0) for row in second.rows]
    assert (first.record.arms, first.record.warnings) == (second.record.arms, second.record.warnings)


def test_another_initial_weight_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, copies = setup._copy, count()

    def copy_wrongly(sources: Any, targets: Any) -> None:
        copy(sources, targets)
        if next(copies) in {3, 4}:  # the second arm's trunk and head
            targets[0].assign(targets[0] + np.float32(1e-3))

    monkeypatch.setattr(setup, "_copy", copy_wrongly)
    this = job(tmp_path)

    with pytest.raises(PairingError, match=r"the same initial weights of the trunk .* nor the same initial weights"):
        trial.Trainer().run(this, lambda _: None)
    assert published(this).trials == []


def test_a_swapped_batch_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = setup.Setup.order
    calls = count()

    def swap_two(self: setup.Setup, epoch: int) -> Any:
        rows = order(self, epoch)
        if next(calls) == 2:  # after the proof of dropout: the second arm's first epoch
            rows[[0, 100]] = rows[[100, 0]]
        return rows

    monkeypatch.setattr(setup.Setup, "order", swap_two)
    this = job(tmp_path, engine="fit")

    with pytest.raises(PairingError, match="the same batches in the same order"):
        trial.Trainer().run(this, lambda _: None)
    assert published(this).trials == []


def test_another_dropout_seed_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, copies = setup._copy, count()

    def forget_random_states(sources: Any, targets: Any) -> None:
        copy(sources, targets)
        if next(copies) == 3:  # the second arm's trunk
            for target in targets:
                if "seed_generator" in target.path:
                    target.assign(target + 1)

    monkeypatch.setattr(setup, "_copy", forget_random_states)
    this = job(tmp_path, options={"dropout": 0.5})

    with pytest.raises(PairingError, match="the same dropout masks"):
        trial.Trainer().run(this, lambda _: None)
    assert published(this).trials == []


@pytest.mark.parametrize("target", ["unseeded", "tensorflows_dropout"])
def test_a_layer_that_no_seed_controls_is_refused_by_name(tmp_path: Path, target: str) -> None:
    this = job(tmp_path, model=f"tests.trunks:{target}")

    with pytest.raises(PairingError, match="the same dropout masks") as refusal:
        trial.Trainer().run(this, lambda _: None)
    assert "SeedGenerator" in refusal.value.hint


@pytest.mark.parametrize("target", ["normalised", "with_a_loss_of_its_own", "subclassed"])
def test_a_trunk_with_losses_or_states_of_its_own_is_trained(tmp_path: Path, target: str) -> None:
    this = job(tmp_path, "logits", "probs-clipped", "double", model=f"tests.trunks:{target}", epochs=1)

    trial.Trainer().run(this, lambda _: None)

    paths = [str(arm.loss_path) for arm in published(this).trials[0].record.arms.values()]
    assert paths == ["fused", "clipped", "double"]


def test_a_trunk_that_is_another_one_at_each_call_is_refused(tmp_path: Path) -> None:
    this = job(tmp_path, model="tests.trunks:growing")

    with pytest.raises(UsageError, match="gives another model when it is called again"):
        trial.Trainer().run(this, lambda _: None)


def test_an_arm_that_misses_its_path_is_warned_of(tmp_path: Path) -> None:
    this = job(tmp_path, "logits", "probs-clipped", "double", precision="mixed_float16", epochs=1)

    trial.Trainer().run(this, lambda _: None)

    # Nothing is missed here: the clipped and the doubled path are there in any precision.
    assert not [text for text in published(this).trials[0].record.warnings if "there to show" in text]
    paths = dict.fromkeys(["probs", "probs-clipped"], LossPath.FUSED)
    assert trial._unintended(paths) == [
        "the arm probs-clipped is there to show the loss path clipped, and fused was measured"
    ]


def test_a_diverged_loss_is_published_with_its_epoch(tmp_path: Path) -> None:
    this = job(tmp_path, optimizer="sgd", optimizer_options={"learning_rate": 1e30})

    trial.Trainer().run(this, lambda _: None)

    rows = published(this).trials[0].rows
    assert {row.status for row in rows if row.arm == "logits"} == {"diverged"}
    for figure in ("val_nll", "val_accuracy", "val_matched_accuracy", "accuracy", "dead_fraction"):
        assert all(getattr(row, figure) is None for row in rows if row.arm == "logits"), figure


@pytest.mark.parametrize(("num_classes", "expected"), [(2, Activation.SIGMOID), (3, Activation.SOFTMAX)])
def test_the_head_fits_the_number_of_classes(num_classes: int, expected: Activation) -> None:
    assert trial.task_of(spec.HeadSpec(), num_classes).activation is expected


def test_softmax_over_two_classes_can_be_asked_for() -> None:
    task = trial.task_of(spec.HeadSpec(activation=Activation.SOFTMAX), 2)

    assert (task.units, task.loss) == (2, "SparseCategoricalCrossentropy")


def test_sigmoid_over_three_classes_is_refused() -> None:
    with pytest.raises(UsageError, match="for two classes, and the data has 3"):
        trial.task_of(spec.HeadSpec(activation=Activation.SIGMOID), 3)


def test_validation_logits_are_those_of_the_first_arm_once_it_is_trained(tmp_path: Path) -> None:
    experiment = spec.read("breast-cancer", {"training.epochs": 10, "pairs.arms": ["logits"]})
    folder = obtain(experiment.data, lambda line: None).folder
    logits = trial.validation_logits(experiment, 1, folder, rows=10_000)
    again = trial.validation_logits(experiment, 1, folder, rows=10_000)

    labels = open_dataset(folder).y_val
    assert logits.shape == (len(labels), 1)
    assert logits.dtype == np.float64
    assert np.mean((logits[:, 0] > 0) == labels) > 0.9
    np.testing.assert_array_equal(logits, again)
    few = trial.validation_logits(experiment, 1, folder, rows=3)
    np.testing.assert_allclose(few, logits[[0, len(labels) // 2, -1]], rtol=1e-5)
