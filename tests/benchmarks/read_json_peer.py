"""What a good pandas user writes to compare a results folder without logitbench: read every file, join, group, average.

It checks no digest and no row. Means and deviations are of the metrics that ``logitbench compare`` shows.

    python tests/benchmarks/read_json_peer.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

METRICS = ["loss", "val_loss", "val_accuracy", "val_matched_accuracy", "val_nll"]


def main() -> None:
    """Read the command line and print the table."""
    files = sorted(Path(sys.argv[1]).rglob("seed-*/epochs.jsonl"))
    table = pd.concat(
        [pd.read_json(file, lines=True).assign(seed=int(file.parent.name.removeprefix("seed-"))) for file in files]
    )
    sys.stdout.write(table.groupby(["epoch", "arm"])[METRICS].agg(["mean", "std"]).to_string() + "\n")


if __name__ == "__main__":
    main()
