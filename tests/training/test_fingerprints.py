from __future__ import annotations

import numpy as np

from logitbench.data.dataset import Dataset
from logitbench.training import fingerprints
from tests.training.conftest import MakeSetup


def test_a_digest_tells_values_shapes_and_types() -> None:
    arrays = [
        np.zeros((2, 3), np.float32),
        np.zeros((3, 2), np.float32),
        np.zeros((2, 3), np.int32),
        -np.zeros((2, 3), np.float32),
    ]

    assert len({fingerprints.digest_arrays([array]) for array in arrays}) == len(arrays)


def test_the_dropout_digest_tells_another_mask(make_setup: MakeSetup, texts: Dataset) -> None:
    one, other = make_setup(texts, model="text-average").arms
    before = fingerprints.digest_dropout(one, texts.x_train[:32])
    assert fingerprints.digest_dropout(other, texts.x_train[:32]) == before

    state = next(variable for variable in other.trunk.variables if "seed_generator" in variable.path)
    state.assign(state + 1)

    assert fingerprints.digest_dropout(other, texts.x_train[:32]) != before


def test_taking_the_dropout_digest_leaves_the_model_as_it_was(make_setup: MakeSetup, features: Dataset) -> None:
    (model,) = make_setup(features, model="tests.trunks:normalised", arms=("logits",)).arms
    before = fingerprints.digest_variables(model.model.variables)

    fingerprints.digest_dropout(model, features.x_train[:32])

    assert fingerprints.digest_variables(model.model.variables) == before
    assert fingerprints.digest_dropout(model, features.x_train[:32]) == fingerprints.digest_dropout(
        model, features.x_train[:32]
    )
