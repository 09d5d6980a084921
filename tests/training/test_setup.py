from __future__ import annotations

import numpy as np
import pytest

from logitbench.data.dataset import Dataset
from logitbench.errors import UsageError
from logitbench.heads import ARMS
from tests.training.conftest import MakeSetup


def test_arms_start_from_the_same_weights_and_random_states(make_setup: MakeSetup, texts: Dataset) -> None:
    first, *others = make_setup(texts, model="text-average", arms=tuple(ARMS)).arms

    for other in others:
        for one, two in zip(first.trunk.variables, other.trunk.variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), two.numpy())
        for one, two in zip(first.head_variables, other.head_variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), two.numpy())


def test_arms_start_the_same_though_no_seed_reaches_the_trunks_weights(
    make_setup: MakeSetup, features: Dataset
) -> None:
    one, other = make_setup(features, model="tests.trunks:with_weights_of_its_own").arms

    np.testing.assert_array_equal(one.trunk.weights[0].numpy(), other.trunk.weights[0].numpy())


def test_arms_share_no_weight(make_setup: MakeSetup, features: Dataset) -> None:
    one, other = make_setup(features).arms

    one.head_variables[0].assign(one.head_variables[0] + 1)

    assert np.all(one.head_variables[0].numpy() != other.head_variables[0].numpy())


def test_another_seed_has_other_weights(make_setup: MakeSetup, features: Dataset) -> None:
    weights = [make_setup(features, seed=seed).arms[0].head_variables[0].numpy() for seed in (0, 1)]

    assert not np.array_equal(*weights)


def test_the_optimizer_is_given_its_options(make_setup: MakeSetup, features: Dataset) -> None:
    setup = make_setup(features, optimizer="sgd", optimizer_options={"learning_rate": 0.25, "momentum": 0.5})

    optimizer = setup.arms[0].model.optimizer
    assert float(optimizer.learning_rate) == 0.25
    assert optimizer.momentum == 0.5


@pytest.mark.parametrize(
    ("optimizer", "options"), [("adamant", {}), ("adam", {"learning_speed": 1}), ("adam", {"learning_rate": "x"})]
)
def test_an_optimizer_that_keras_does_not_know_is_refused(
    make_setup: MakeSetup, features: Dataset, optimizer: str, options: dict[str, object]
) -> None:
    with pytest.raises(UsageError, match=optimizer) as refusal:
        make_setup(features, optimizer=optimizer, optimizer_options=options)

    assert "learning_rate = 0.001" in refusal.value.hint


def test_an_optimizer_that_averages_weights_is_refused(make_setup: MakeSetup, features: Dataset) -> None:
    with pytest.raises(UsageError, match="use_ema"):
        make_setup(features, optimizer_options={"use_ema": True})


@pytest.mark.parametrize("target", ["the_same_model", "a_shared_layer"])
def test_a_function_that_gives_the_same_layers_twice_is_refused(
    make_setup: MakeSetup, features: Dataset, target: str
) -> None:
    with pytest.raises(UsageError, match="share weights") as refusal:
        make_setup(features, model=f"tests.trunks:{target}")

    assert "inside the function" in refusal.value.hint
