"""How far the engine lockstep and ``model.fit`` drift apart, on every experiment that needs no download.

    python tests/benchmarks/drift.py [--epochs 30]

Prints, over all arms and the epochs so far, the greatest relative difference of a loss and the greatest difference of
the matched accuracy in examples.
"""

import argparse
from pathlib import Path

from logitbench import spec, trial
from logitbench.catalogue import shipped
from logitbench.data.cache import obtain, open_dataset
from logitbench.records import EpochEnd

LOSSES = ("loss", "val_loss", "val_nll")


def trained(name: str, epochs: int, engine: str):
    experiment = spec.read(name, {"training.epochs": epochs, "training.engine": engine})
    folder = obtain(experiment.data, lambda _: None).folder
    ready = trial._ready(trial.TrialJob(experiment, 0, folder, Path()))
    steps = ready.engine.train(ready.pair.start(0))
    records = [record for step in steps if isinstance(step, EpochEnd) for record in step.records]
    dataset = open_dataset(folder)
    return records, len(dataset.y_train), len(dataset.y_val)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args()
    print("| experiment | epochs | loss, relative | matched accuracy, examples |\n| --- | --- | --- | --- |")
    for name in shipped():
        if name in {"imdb", "csv"}:
            continue
        ours, rows, val_rows = trained(name, options.epochs, "lockstep")
        theirs, *_ = trained(name, options.epochs, "fit")
        loss = accuracy = 0.0
        for one, other in zip(ours, theirs, strict=True):
            loss = max(loss, *(difference(one, other, metric) / abs(getattr(other, metric)) for metric in LOSSES))
            accuracy = max(
                accuracy,
                difference(one, other, "matched_accuracy") * rows,
                difference(one, other, "val_matched_accuracy") * val_rows,
            )
            if one.arm == ours[-1].arm and one.epoch in {3, 10, options.epochs}:
                print(f"| {name} | {one.epoch} | {loss:.1e} | {accuracy:.0f} |", flush=True)


def difference(one, other, metric: str) -> float:
    return abs(getattr(one, metric) - getattr(other, metric))


if __name__ == "__main__":
    main()
