"""The fast engine against Keras's own ``fit``, on every shipped experiment whose data needs no download."""

from __future__ import annotations

from typing import Any

import pytest

from logitbench import spec
from logitbench.data.cache import obtain, open_dataset
from logitbench.heads import ARMS
from logitbench.models.choice import trunk
from logitbench.training import backend, fit, lockstep
from logitbench.trial import task_of
from tests.training.test_lockstep import epochs, require_agreement

OFFLINE = [name for name in spec.shipped() if name not in {"imdb", "csv"}]


def trained(experiment: spec.ExperimentSpec, engine: Any) -> list[Any]:
    backend.start(deterministic=True, precision=experiment.training.precision)
    from logitbench.training.setup import Pair

    dataset = open_dataset(obtain(experiment.data, lambda _: None).folder)
    arms = [ARMS[name] for name in experiment.pairs.arms]
    task = task_of(experiment.head, dataset.num_classes)
    return epochs(engine, Pair(arms, trunk(experiment.model), dataset, task, experiment.training, seed=0))


@pytest.mark.parametrize("name", OFFLINE)
def test_lockstep_agrees_with_fit_to_a_millionth_over_three_epochs(name: str) -> None:
    experiment = spec.read(name, {"training.epochs": 3})

    require_agreement(trained(experiment, lockstep), trained(experiment, fit))
