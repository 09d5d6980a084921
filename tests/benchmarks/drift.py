"""How far the engine lockstep and ``model.fit`` drift apart, on every experiment that needs no download.

    python tests/benchmarks/drift.py [--epochs 30]

Prints, over all arms and the epochs so far, the greatest relative difference of a loss and the greatest difference of
the matched accuracy in examples.
"""

import argparse

from logitbench import spec
from logitbench.data.cache import obtain, open_dataset
from logitbench.heads import ARMS
from logitbench.models.choice import trunk
from logitbench.records import EpochEnd
from logitbench.training import backend
from logitbench.trial import task_of

LOSSES = ("loss", "val_loss", "val_nll")


def trained(experiment: spec.ExperimentSpec, engine: str):
    backend.start(deterministic=True, precision=experiment.training.precision)
    from logitbench import tables
    from logitbench.training import ENGINES
    from logitbench.training.setup import Pair

    dataset = open_dataset(obtain(experiment.data, lambda _: None).folder)
    arms = [ARMS[name] for name in experiment.pairs.arms]
    task = task_of(experiment.head, dataset.num_classes)
    pair = Pair(arms, trunk(experiment.model), dataset, task, experiment.training, 0)
    steps = tables.load(ENGINES[engine])(pair).train(pair.start(0))
    records = [record for step in steps if isinstance(step, EpochEnd) for record in step.records]
    return records, len(dataset.y_train), len(dataset.y_val)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()
    print("| experiment | epochs | loss, relative | matched accuracy, examples |\n| --- | --- | --- | --- |")
    for name in spec.shipped():
        if name in {"imdb", "csv"}:
            continue
        experiment = spec.read(name, {"training.epochs": options.epochs})
        (ours, rows, val_rows), (theirs, *_) = (trained(experiment, engine) for engine in ("lockstep", "fit"))
        loss = accuracy = 0.0
        for one, other in zip(ours, theirs, strict=True):
            loss = max(loss, *(difference(one, other, metric) / abs(getattr(other, metric)) for metric in LOSSES))
            accuracy = max(
                accuracy,
                difference(one, other, "matched_accuracy") * rows,
                difference(one, other, "val_matched_accuracy") * val_rows,
            )
            if one.arm == experiment.pairs.arms[-1] and one.epoch in {3, 10, options.epochs}:
                print(f"| {name} | {one.epoch} | {loss:.1e} | {accuracy:.0f} |", flush=True)


def difference(one, other, metric: str) -> float:
    return abs(getattr(one, metric) - getattr(other, metric))


if __name__ == "__main__":
    main()
