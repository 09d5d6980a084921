"""Few examples and any batch size: every shipped experiment trains, and lockstep agrees with ``fit``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from logitbench import heads, spec, tables, trial
from logitbench.catalogue import shipped
from logitbench.data.cache import obtain, open_dataset
from logitbench.data.dataset import Dataset
from logitbench.models.choice import trunk
from logitbench.records import EpochEnd, EpochRecord
from logitbench.spec import ExperimentSpec
from logitbench.training import ENGINES, backend
from tests.training.test_lockstep import require_agreement

OFFLINE = [name for name in shipped() if name not in {"imdb", "csv"}]

ROWS = (2, 34)


@cache
def _examples(name: str) -> Dataset:
    return open_dataset(obtain(spec.read(name).data, lambda _: None).folder)


def _first(dataset: Dataset, rows: int) -> Dataset:
    """The first rows of either part; the validation part has half as many."""
    val = rows // 2
    return replace(
        dataset,
        x_train=np.array(dataset.x_train[:rows]),
        y_train=np.array(dataset.y_train[:rows]),
        x_val=np.array(dataset.x_val[:val]),
        y_val=np.array(dataset.y_val[:val]),
    )


def _trained(experiment: ExperimentSpec, dataset: Dataset, engine: str) -> list[EpochRecord]:
    training = experiment.training
    backend.start(deterministic=True, precision=training.precision)
    from logitbench.training.setup import Pair

    arms = [heads.ARMS[name] for name in experiment.pairs.arms]
    task = trial.task_of(experiment.head, dataset.num_classes)
    pair = Pair(arms, trunk(experiment.model), dataset, task, training, seed=0)
    ready = tables.load(ENGINES[engine])(pair)
    ready.prepare()
    records = [record for step in ready.train(pair.start(0)) if isinstance(step, EpochEnd) for record in step.records]
    backend.forget()
    return records


def _batch_sizes(rows: int) -> list[int]:
    """Whole batches, whole ones with a short one at the end, one whole batch, and one batch that is not filled."""
    return sorted({rows // 2, rows // 3 + 1, rows, 3 * rows})


@pytest.mark.slow
@pytest.mark.parametrize("name", OFFLINE)
@pytest.mark.parametrize("rows", ROWS)
def test_any_number_of_rows_trains_with_any_batch_size(name: str, rows: int) -> None:
    dataset = _first(_examples(name), rows)
    for batch_size in _batch_sizes(rows):
        experiment = spec.read(name, {"training.epochs": 2, "training.batch_size": batch_size})
        require_agreement(_trained(experiment, dataset, "lockstep"), _trained(experiment, dataset, "fit"))
