"""Write a results folder of any size, through the project's own store, with figures from a seeded generator.

python tests/benchmarks/make_results.py FOLDER --trials 2000 --epochs 10 --arms 2
"""

from __future__ import annotations

import argparse
from pathlib import Path
from unittest.mock import patch

import numpy as np

from logitbench import store
from logitbench.heads import ARMS, LossPath
from logitbench.records import METRICS, SCHEMA_VERSION, ArmRecord, EpochRecord, Fingerprints, RunRecord, TrialRecord

PROMISED = {"trunk": "a" * 64, "head": "b" * 64, "batches": "c" * 64, "dropout": "d" * 64}


def publish(run: Path, seed: int, epochs: int, arms: list[str]) -> None:
    """Write a trial; like Keras's, all figures but the nll have the digits of a float32."""
    figures = np.random.default_rng(seed).random((epochs, len(arms), len(METRICS)))
    kept = METRICS.index("val_nll")
    digits = np.where(np.arange(len(METRICS)) == kept, figures, figures.astype(np.float32).astype(np.float64)).tolist()
    with store.TrialWriter(run, seed) as writer:
        writer.append(
            EpochRecord(
                arm=arm,
                epoch=epoch + 1,
                **dict(zip(METRICS, digits[epoch][column], strict=True)),
                seconds=0.25,
                status="ok",
            )
            for epoch in range(epochs)
            for column, arm in enumerate(arms)
        )
        prints = [Fingerprints(**PROMISED, final=f"{seed:032x}{column:032x}") for column in range(len(arms))]
        writer.publish(
            TrialRecord(
                schema_version=SCHEMA_VERSION,
                status="finished",
                seed=seed,
                engine="lockstep",
                device="CPU",
                epochs=epochs,
                arms={
                    arm: ArmRecord(loss_path=ARMS[arm].intended or LossPath.FUSED, fingerprints=fingerprints)
                    for arm, fingerprints in zip(arms, prints, strict=True)
                },
                warnings=(),
                epochs_sha256=writer.epochs_sha256,
                run_id=run.name,
                spec_sha256="0" * 64,
            )
        )


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--arms", type=int, default=2, choices=range(1, len(ARMS) + 1))
    options = parser.parse_args()
    arms = list(ARMS)[: options.arms]
    record = RunRecord(
        schema_version=SCHEMA_VERSION,
        experiment="made",
        run_id=f"{options.trials}-trials",
        created="2026-01-02T03:04:05+00:00",
        spec={"pairs": {"arms": arms, "seeds": options.trials}, "training": {"epochs": options.epochs}},
        spec_sha256="0" * 64,
        dataset={"sha256": "1" * 64},
        environment={},
    )
    with patch("os.fsync"):  # these files need not outlive a power cut
        run = store.create_run(options.folder, record)
        for seed in range(options.trials):
            publish(run, seed, options.epochs, arms)


if __name__ == "__main__":
    main()
