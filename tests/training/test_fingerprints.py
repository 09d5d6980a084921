from __future__ import annotations

import numpy as np

from logitbench.data.dataset import Dataset
from logitbench.training import fingerprints
from tests.training.conftest import MakePair


def test_a_digest_tells_values_shapes_and_types() -> None:
    arrays = [
        np.zeros((2, 3), np.float32),
        np.zeros((3, 2), np.float32),
        np.zeros((2, 3), np.int32),
        -np.zeros((2, 3), np.float32),
    ]

    assert len({fingerprints.digest_arrays([array]) for array in arrays}) == len(arrays)


def test_the_dropout_digest_tells_another_mask(make_pair: MakePair, texts: Dataset) -> None:
    one, other = make_pair(texts, model="text-average").models
    proof = fingerprints.DropoutProof([one, other])
    before = proof.digests(texts.x_train[:32])
    assert before[0] == before[1]

    state = next(variable for variable in other.trunk.variables if "seed_generator" in variable.path)
    state.assign(state + 1)

    after = proof.digests(texts.x_train[:32])
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_taking_the_dropout_digest_leaves_the_models_as_they_were(make_pair: MakePair, features: Dataset) -> None:
    models = make_pair(features, model="tests.trunks:normalised").models
    before = [fingerprints.digest_variables(model.model.variables) for model in models]

    proof = fingerprints.DropoutProof(models)
    first, second = (proof.digests(features.x_train[:32]) for _ in range(2))

    assert [fingerprints.digest_variables(model.model.variables) for model in models] == before
    assert first == second
