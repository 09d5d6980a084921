"""Memory of a training process on examples of 5 GB, generated and deleted again.

    python tests/benchmarks/larger_than_memory.py [--gigabytes 5]

Prints the process's resident memory after each tenth of two epochs. It stays flat because batches are copied out of a
mapped file, whose pages are given back.
"""

import argparse
import mmap
import tempfile
from pathlib import Path

import numpy as np

from logitbench.data.dataset import Dataset
from logitbench.heads import ARMS, Activation, Labels, Task
from logitbench.models.choice import trunk
from logitbench.records import EpochEnd
from logitbench.spec import ModelSpec, TrainingSpec
from logitbench.training import backend

FEATURES, ROWS_AT_A_TIME = 250, 100_000


def generated(folder: Path, gigabytes: float) -> Dataset:
    """Write examples of two overlapping classes, a part at a time."""
    rows = int(gigabytes * 1e9) // (4 * FEATURES)
    x = np.lib.format.open_memmap(folder / "x.npy", mode="w+", dtype=np.float32, shape=(rows, FEATURES))
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, rows).astype(np.int32)
    for first in range(0, rows, ROWS_AT_A_TIME):
        part = slice(first, first + ROWS_AT_A_TIME)
        x[part] = rng.standard_normal((len(y[part]), FEATURES), np.float32) + 0.1 * y[part, None]
    x.flush()
    del x
    x = np.load(folder / "x.npy", mmap_mode="r")
    return Dataset(x, y, np.array(x[:1000]), y[:1000], ("no", "yes"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        train(generated(Path(folder), options.gigabytes))


def train(dataset: Dataset) -> None:
    training = TrainingSpec(epochs=2, batch_size=1024)
    backend.start(deterministic=True, precision="float32")
    from logitbench.training.lockstep import Engine
    from logitbench.training.setup import Pair

    arms = [ARMS["logits"], ARMS["probs"]]
    task = Task(Activation.SIGMOID, 2, Labels.SPARSE)
    pair = Pair(arms, trunk(ModelSpec(name="mlp")), dataset, task, training, 0)
    tenth = 0
    print(f"examples: {dataset.x_train.nbytes / 1e9:.1f} GB; resident at the start: {resident():.0f} MB")
    for progress in Engine(pair).train(pair.start(0)):
        if isinstance(progress, EpochEnd):
            tenth = 0
        elif progress.step * 10 >= progress.steps * (tenth + 1):
            tenth += 1
            print(f"epoch {progress.epoch}, {tenth * 10:3d} %: {resident():.0f} MB", flush=True)


def resident() -> float:
    """Return this process's resident memory in MB; Linux."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * mmap.PAGESIZE / 1e6


if __name__ == "__main__":
    main()
