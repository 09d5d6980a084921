from __future__ import annotations

import numpy as np
import pytest

from logitbench.data.dataset import Dataset
from logitbench.errors import UsageError
from logitbench.heads import ARMS
from logitbench.training.setup import SeedBuiltIn
from tests.training.conftest import MakePair


def test_arms_start_from_the_same_weights_and_random_states(make_pair: MakePair, texts: Dataset) -> None:
    first, *others = make_pair(texts, model="text-average", arms=tuple(ARMS)).models

    for other in others:
        for one, two in zip(first.trunk.variables, other.trunk.variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), two.numpy())
        for one, two in zip(first.head_variables, other.head_variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), two.numpy())


def test_arms_start_the_same_though_no_seed_reaches_the_trunks_weights(make_pair: MakePair, features: Dataset) -> None:
    one, other = make_pair(features, model="tests.trunks:with_weights_of_its_own").models

    np.testing.assert_array_equal(one.trunk.weights[0].numpy(), other.trunk.weights[0].numpy())


def test_arms_share_no_weight(make_pair: MakePair, features: Dataset) -> None:
    one, other = make_pair(features).models

    one.head_variables[0].assign(one.head_variables[0] + 1)

    assert np.all(one.head_variables[0].numpy() != other.head_variables[0].numpy())


def test_another_seed_has_other_weights(make_pair: MakePair, features: Dataset) -> None:
    weights = [make_pair(features, seed=seed).models[0].head_variables[0].numpy() for seed in (0, 1)]

    assert not np.array_equal(*weights)


def test_the_optimizer_is_given_its_options(make_pair: MakePair, features: Dataset) -> None:
    pair = make_pair(features, optimizer="sgd", optimizer_options={"learning_rate": 0.25, "momentum": 0.5})

    optimizer = pair.models[0].model.optimizer
    assert float(optimizer.learning_rate) == 0.25
    assert optimizer.momentum == 0.5


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("adamant", {}),
        ("adam", {"learning_speed": 1}),
        ("adam", {"learning_rate": "x"}),
        ("MultiOptimizer", {}),
    ],
)
def test_an_optimizer_that_keras_does_not_know_is_refused(
    make_pair: MakePair, features: Dataset, optimizer: str, options: dict[str, object]
) -> None:
    with pytest.raises(UsageError, match=optimizer) as refusal:
        make_pair(features, optimizer=optimizer, optimizer_options=options)

    assert "learning_rate = 0.001" in refusal.value.hint


def test_an_optimizer_that_averages_weights_is_refused(make_pair: MakePair, features: Dataset) -> None:
    with pytest.raises(UsageError, match="use_ema"):
        make_pair(features, optimizer_options={"use_ema": True})


@pytest.mark.parametrize("target", ["the_same_model", "a_shared_layer"])
def test_a_function_that_gives_the_same_layers_twice_is_refused(
    make_pair: MakePair, features: Dataset, target: str
) -> None:
    with pytest.raises(UsageError, match="share weights") as refusal:
        make_pair(features, model=f"tests.trunks:{target}")

    assert "inside the function" in refusal.value.hint


def test_one_arm_alone_is_refused_too_if_its_function_gives_the_same_layers_twice(
    make_pair: MakePair, features: Dataset
) -> None:
    with pytest.raises(UsageError, match="share weights"):
        make_pair(features, arms=("logits",), model="tests.trunks:the_same_model")


def test_a_started_pair_has_the_weights_of_models_built_under_that_seed(make_pair: MakePair, texts: Dataset) -> None:
    used, new = (make_pair(texts, model="text-average", seed=seed) for seed in (0, 1))
    used.models[1].trunk.layers[0].embeddings.assign_add(np.ones((51, 16)))

    used.start(1)

    for ours, theirs in zip(used.models, new.models, strict=True):
        for one, two in zip(ours.model.variables, theirs.model.variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), two.numpy())


def test_a_pair_cannot_stand_for_a_seed_that_changes_more_than_weights(make_pair: MakePair, features: Dataset) -> None:
    pair = make_pair(features, model="tests.trunks:with_a_constant_of_the_seed")

    pair.start(0)
    with pytest.raises(SeedBuiltIn):
        pair.start(1)
