"""Pairs of real small models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from logitbench import heads
from logitbench.data.dataset import Dataset
from logitbench.heads import Activation, Labels, Task
from logitbench.models.choice import trunk
from logitbench.spec import ModelSpec, TrainingSpec
from logitbench.training import backend

MakePair = Callable[..., Any]


@pytest.fixture
def make_pair() -> MakePair:
    """Return a function that pairs arms on a dataset; what it leaves out is small and plain."""

    def make(
        dataset: Dataset,
        *,
        arms: Sequence[str] = ("logits", "probs"),
        model: str = "mlp",
        labels: Labels = Labels.SPARSE,
        seed: int = 0,
        options: dict[str, Any] | None = None,
        **training: Any,
    ) -> Any:
        # 40 divides the 200 training rows of the datasets: a shorter last batch doubles the time of tracing.
        spec = TrainingSpec.model_validate({"epochs": 3, "batch_size": 40, **training})
        backend.start(deterministic=True, precision=spec.precision)
        from logitbench.training.setup import Pair

        activation = Activation.SIGMOID if dataset.num_classes == 2 else Activation.SOFTMAX
        task = Task(activation, dataset.num_classes, labels)
        builder = trunk(ModelSpec(name=model, **(options or {})))
        pair = Pair([heads.ARMS[name] for name in arms], builder, dataset, task, spec, seed)
        pair.start(seed)
        return pair

    return make
