"""The fast engine against Keras's own ``fit``, on every shipped experiment whose data needs no download."""

from __future__ import annotations

from pathlib import Path

import pytest

from logitbench import spec, trial
from logitbench.catalogue import shipped
from logitbench.data.cache import obtain
from logitbench.records import EpochEnd, EpochRecord
from tests.training.test_lockstep import require_agreement

QUICK = {"breast-cancer-raw", "digits"}
OFFLINE = [name for name in shipped() if name not in {"imdb", "csv"}]


def trained(name: str, engine: str) -> list[EpochRecord]:
    experiment = spec.read(name, {"training.epochs": 3, "training.engine": engine})
    ready = trial._ready(trial.TrialJob(experiment, 0, obtain(experiment.data, lambda _: None).folder, Path()))
    steps = ready.engine.train(ready.pair.start(0))
    return [record for step in steps if isinstance(step, EpochEnd) for record in step.records]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in OFFLINE]
)
def test_lockstep_agrees_with_fit_to_a_millionth_over_three_epochs(name: str) -> None:
    require_agreement(trained(name, "lockstep"), trained(name, "fit"))
