from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from logitbench.data.dataset import Dataset
from logitbench.heads import ARMS, Labels
from logitbench.records import LEARNED, METRICS, EpochEnd, EpochRecord, StepProgress
from logitbench.training import fit, lockstep
from tests.training.conftest import MakePair


def epochs(engine: Any, pair: Any, seed: int = 0) -> list[EpochRecord]:
    steps = engine.Engine(pair).train(pair.start(seed))
    return [record for step in steps if isinstance(step, EpochEnd) for record in step.records]


def require_agreement(ours: list[EpochRecord], reference: list[EpochRecord], tolerance: float = 1e-6) -> None:
    assert len(ours) == len(reference) > 0
    key = {(record.arm, record.epoch): record for record in reference}
    for record in ours:
        for metric in METRICS:
            expected = getattr(key[record.arm, record.epoch], metric)
            assert getattr(record, metric) == pytest.approx(expected, rel=tolerance, abs=tolerance), (
                record.arm,
                record.epoch,
                metric,
            )


def test_two_arms_with_the_same_loss_path_stay_equal_to_the_bit(make_pair: MakePair, texts: Dataset) -> None:
    pair = make_pair(texts, model="text-average", options={"dropout": 0.5})

    records = epochs(lockstep, pair)

    for ours, theirs in zip(records[::2], records[1::2], strict=True):
        assert [getattr(ours, metric) for metric in LEARNED] == [getattr(theirs, metric) for metric in LEARNED]
    logits, probs = pair.models
    for one, other in zip(logits.model.weights, probs.model.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_arms_with_the_same_loss_path_stay_equal_to_the_bit_beside_others(make_pair: MakePair, texts: Dataset) -> None:
    long = replace(texts, x_train=np.tile(texts.x_train, (1, 20)), x_val=np.tile(texts.x_val, (1, 20)))
    pair = make_pair(long, model="text-average", arms=tuple(ARMS), epochs=2)

    records = {(record.arm, record.epoch): record for record in epochs(lockstep, pair)}

    for epoch in (1, 2):
        logits, probs = records["logits", epoch], records["probs", epoch]
        assert [getattr(logits, metric) for metric in LEARNED] == [getattr(probs, metric) for metric in LEARNED]
    logits_model, probs_model, *_ = pair.models
    for one, other in zip(logits_model.model.weights, probs_model.model.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize(
    ("model", "optimizer"),
    [
        ("text-average", "adam"),
        ("tests.trunks:normalised", "nadam"),
        pytest.param("tests.trunks:spectral", "ScheduleFreeAdamW", marks=pytest.mark.slow),
    ],
)
def test_a_seed_after_another_gives_the_bits_that_it_gives_alone(
    make_pair: MakePair, texts: Dataset, features: Dataset, model: str, optimizer: str
) -> None:
    require_independence(make_pair, texts if model == "text-average" else features, model, optimizer)


def require_independence(make_pair: MakePair, dataset: Dataset, model: str, optimizer: str) -> None:
    used, new = (make_pair(dataset, model=model, optimizer=optimizer, arms=("logits", "double")) for _ in range(2))
    engine = lockstep.Engine(used)
    list(engine.train(used.start(0)))

    after = [step.records for step in engine.train(used.start(1)) if isinstance(step, EpochEnd)]
    alone = [step.records for step in lockstep.Engine(new).train(new.start(1)) if isinstance(step, EpochEnd)]

    assert _untimed(after) == _untimed(alone)
    for one, other in zip(used.models[0].model.weights, new.models[0].model.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def _untimed(epochs: list[tuple[EpochRecord, ...]]) -> list[EpochRecord]:
    return [replace(record, seconds=0.0) for records in epochs for record in records]


def test_any_number_of_seeds_and_epochs_is_traced_once(
    make_pair: MakePair, texts: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = replace(texts, x_train=np.tile(texts.x_train, (1, 20)), x_val=np.tile(texts.x_val, (1, 20)))
    pair = make_pair(long, model="text-average", epochs=2, batch_size=32)
    engine = lockstep.Engine(pair)
    step, steps = lockstep._Arm.step, []

    def counted(arm: Any, x: Any, y: Any) -> Any:
        steps.append(arm.name)
        return step(arm, x, y)

    monkeypatch.setattr(lockstep._Arm, "step", counted)

    for seed in range(3):
        list(engine.train(pair.start(seed)))

    assert steps == ["logits", "probs"] * 2  # for whole batches, and for the last and shorter one
    assert engine._evaluate.experimental_get_tracing_count() == 1


@pytest.mark.parametrize(("rows", "batch_size"), [(2, 3), (5, 5), (5, 512), (7, 3)])
def test_it_agrees_with_fit_where_batches_are_short_or_the_only_one(
    make_pair: MakePair, three_classes: Dataset, rows: int, batch_size: int
) -> None:
    few = replace(three_classes, x_train=three_classes.x_train[:rows], y_train=three_classes.y_train[:rows])

    ours, reference = (
        prepared_epochs(engine, make_pair(few, batch_size=batch_size, epochs=2)) for engine in (lockstep, fit)
    )

    require_agreement(ours, reference)


def prepared_epochs(engine: Any, pair: Any) -> list[EpochRecord]:
    """As a run trains: what is needed is compiled first."""
    made = engine.Engine(pair)
    made.prepare()
    return [record for step in made.train(pair.start(0)) if isinstance(step, EpochEnd) for record in step.records]


def test_training_learns(make_pair: MakePair, texts: Dataset) -> None:
    records = epochs(lockstep, make_pair(texts, model="linear", epochs=5, optimizer_options={"learning_rate": 0.05}))

    assert records[-1].val_nll is not None
    assert records[0].val_nll is not None
    assert records[-1].val_nll < records[0].val_nll


TWO_ARMS = ("logits", "probs-clipped")
"""Enough for questions that do not depend on the arm: each arm takes seconds to trace, twice."""


@pytest.mark.parametrize(
    ("model", "arms"),
    [
        ("text-average", TWO_ARMS),
        pytest.param("text-average", tuple(ARMS), marks=pytest.mark.slow),
        ("tests.trunks:embedded", TWO_ARMS),
    ],
)
def test_it_agrees_with_fit_on_text_with_dropout(
    make_pair: MakePair, texts: Dataset, model: str, arms: tuple[str, ...]
) -> None:
    require_agreement(
        epochs(lockstep, make_pair(texts, model=model, arms=arms, batch_size=32)),
        epochs(fit, make_pair(texts, model=model, arms=arms, batch_size=32)),
    )


@pytest.mark.parametrize(
    ("model", "optimizer"),
    [
        ("tests.trunks:normalised", "adam"),
        ("tests.trunks:subclassed", "rmsprop"),
        ("linear", "sgd"),
        ("mlp", "adamw"),
        pytest.param("tests.trunks:recurrent", "adam", marks=pytest.mark.slow),
        ("tests.trunks:spectral", "adam"),
    ],
)
def test_it_agrees_with_fit_on_features(make_pair: MakePair, features: Dataset, model: str, optimizer: str) -> None:
    require_agreement(
        epochs(lockstep, make_pair(features, model=model, optimizer=optimizer, arms=TWO_ARMS)),
        epochs(fit, make_pair(features, model=model, optimizer=optimizer, arms=TWO_ARMS)),
    )


NO_NAMES = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap", "Lamb"}
"""Classes of ``keras.optimizers`` that ``keras.optimizers.get`` does not make from their names."""

OPTIMIZERS = sorted({name for name, value in vars(keras.optimizers).items() if inspect.isclass(value)} - NO_NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_agrees_with_fit_under_every_optimizer_of_keras(make_pair: MakePair, texts: Dataset, optimizer: str) -> None:
    require_agreement(
        epochs(lockstep, make_pair(texts, model="text-average", optimizer=optimizer, arms=TWO_ARMS)),
        epochs(fit, make_pair(texts, model="text-average", optimizer=optimizer, arms=TWO_ARMS)),
    )


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_seed_after_another_gives_the_same_bits_under_every_optimizer_of_keras(
    make_pair: MakePair, features: Dataset, optimizer: str
) -> None:
    require_independence(make_pair, features, "mlp", optimizer)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"clipnorm": 0.01},
        {"global_clipnorm": 0.01},
        {"weight_decay": 0.1},
        {"amsgrad": True},
        {"gradient_accumulation_steps": 3},
        {"learning_rate": {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.01, "decay_steps": 15}}},
    ],
)
def test_it_agrees_with_fit_under_every_option_of_adam(
    make_pair: MakePair, texts: Dataset, options: dict[str, Any]
) -> None:
    require_agreement(
        epochs(lockstep, make_pair(texts, model="text-average", optimizer_options=options)),
        epochs(fit, make_pair(texts, model="text-average", optimizer_options=options)),
    )


@pytest.mark.parametrize(
    ("labels", "arms"),
    [
        (Labels.SPARSE, tuple(ARMS)),
        (Labels.ONE_HOT, TWO_ARMS),
        pytest.param(Labels.ONE_HOT, tuple(ARMS), marks=pytest.mark.slow),
    ],
)
def test_it_agrees_with_fit_on_many_classes(
    make_pair: MakePair, three_classes: Dataset, labels: Labels, arms: tuple[str, ...]
) -> None:
    require_agreement(
        epochs(lockstep, make_pair(three_classes, arms=arms, labels=labels, epochs=2)),
        epochs(fit, make_pair(three_classes, arms=arms, labels=labels, epochs=2)),
    )


def test_it_agrees_with_fit_in_mixed_precision(make_pair: MakePair, features: Dataset) -> None:
    require_agreement(
        epochs(lockstep, make_pair(features, precision="mixed_float16")),
        epochs(fit, make_pair(features, precision="mixed_float16")),
    )


def test_it_agrees_with_fit_where_dropped_values_are_infinite(make_pair: MakePair, features: Dataset) -> None:
    options = {"model": "tests.trunks:overflowing", "precision": "mixed_float16", "epochs": 2, "batch_size": 8}
    ours = epochs(lockstep, make_pair(features, **options))

    require_agreement(ours, epochs(fit, make_pair(features, **options)))
    assert {record.status for record in ours} == {"ok"}


@pytest.mark.parametrize("engine", [lockstep, fit])
def test_the_same_seed_gives_the_same_bits(make_pair: MakePair, texts: Dataset, engine: Any) -> None:
    first, second = (epochs(engine, make_pair(texts, model="text-average")) for _ in range(2))

    assert [replace(record, seconds=0.0) for record in first] == [replace(record, seconds=0.0) for record in second]


def test_another_seed_gives_other_figures(make_pair: MakePair, texts: Dataset) -> None:
    assert epochs(lockstep, make_pair(texts), 0)[0].loss != epochs(lockstep, make_pair(texts), 1)[0].loss


@pytest.mark.parametrize(("engine", "arms"), [(lockstep, tuple(ARMS)), (fit, TWO_ARMS)])
def test_every_arm_sees_the_same_rows_in_the_same_order_under_the_same_masks(
    make_pair: MakePair, features: Dataset, engine: Any, arms: tuple[str, ...]
) -> None:
    pair = make_pair(features, model="tests.trunks:diary", arms=arms)

    epochs(engine, pair)

    diaries = [model.trunk.layers[0].entries.numpy() for model in pair.models]
    assert np.all(diaries[0] != 0)
    for entries in diaries[1:]:
        np.testing.assert_array_equal(entries, diaries[0])


def test_the_rows_and_masks_are_those_of_fit(make_pair: MakePair, features: Dataset) -> None:
    pairs = [make_pair(features, model="tests.trunks:diary") for _ in range(2)]

    for engine, pair in zip((lockstep, fit), pairs, strict=True):
        epochs(engine, pair)

    ours, theirs = (pair.models[0].trunk.layers[0].entries.numpy() for pair in pairs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_the_diary_notices_another_order_and_other_masks(make_pair: MakePair, features: Dataset) -> None:
    swapped = replace(features, x_train=features.x_train[::-1].copy(), y_train=features.y_train[::-1].copy())
    entries = []
    for dataset, seed in ((features, 0), (swapped, 0), (features, 1)):
        pair = make_pair(dataset, model="tests.trunks:diary", epochs=1)
        epochs(lockstep, pair, seed)
        entries.append(pair.models[0].trunk.layers[0].entries.numpy())

    assert not np.array_equal(entries[0], entries[1])
    assert not np.array_equal(entries[0][2:], entries[2][2:])


def test_validation_leaves_weights_and_moving_averages_alone(make_pair: MakePair, features: Dataset) -> None:
    pair = make_pair(features, model="tests.trunks:normalised", epochs=1, batch_size=200)
    halved = replace(features, x_val=features.x_val[:50], y_val=features.y_val[:50])
    other = make_pair(halved, model="tests.trunks:normalised", epochs=1, batch_size=200)

    epochs(lockstep, pair)
    epochs(lockstep, other)

    for one, two in zip(pair.models[0].model.weights, other.models[0].model.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy())


def test_steps_are_told_up_to_the_last_and_shorter_batch(make_pair: MakePair, features: Dataset) -> None:
    pair = make_pair(features, epochs=2, batch_size=32)

    told = [step for step in lockstep.Engine(pair).train(pair.start(0)) if isinstance(step, StepProgress)]

    assert [(step.epoch, step.step, step.steps) for step in told] == [(1, 6, 7), (1, 7, 7), (2, 6, 7), (2, 7, 7)]
    assert set(told[0].losses) == {"logits", "probs"}


def test_a_loss_that_is_not_finite_is_a_result(make_pair: MakePair, features: Dataset) -> None:
    pair = make_pair(features, optimizer="sgd", optimizer_options={"learning_rate": 1e30}, epochs=2)

    last = epochs(lockstep, pair)[-1]

    assert last.status == "diverged"
    assert last.val_nll is None


def test_dead_examples_are_those_past_the_clip(make_pair: MakePair, features: Dataset) -> None:
    far = replace(features, x_train=features.x_train * 1e4, y_train=1 - features.y_train)
    pair = make_pair(far, model="linear", arms=("logits", "probs-clipped", "double"), epochs=1, batch_size=200)
    clipped = pair.models[1]
    logits = clipped.with_logits(far.x_train, training=False)[0].numpy()[:, 0]
    wrong = (logits > 0) != (far.y_train == 1)
    # float32: sigmoid is within epsilon of 1 past 16, of 0 past -16.2; 1 - sigmoid is exact only to 6e-8.
    past = np.abs(logits) > 17

    records = {record.arm: record for record in epochs(lockstep, pair)}

    assert records["logits"].dead_fraction == 0
    assert records["probs-clipped"].dead_fraction == pytest.approx(np.mean(wrong & past), abs=0.006)
    assert np.mean(wrong & past) > 0.1
    assert records["probs-clipped"].saturated_fraction == pytest.approx(np.mean(past), abs=0.006)
    assert np.mean(past) > np.mean(wrong & past)
