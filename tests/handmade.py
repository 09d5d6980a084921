"""Results written by hand, through the real store, where arithmetic and files are tested and not training."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from logitbench import store
from logitbench.heads import LossPath
from logitbench.records import SCHEMA_VERSION, ArmRecord, EpochRecord, Fingerprints, RunRecord, TrialRecord
from logitbench.store import Trial, TrialWriter

ASSETS = Path(__file__).parent / "assets" / "results-schema-3"
"""What `logitbench run` left when schema 3 was new: breast-cancer-raw, 4 arms and 3 seeds; language-family, 2 and 2."""

PATHS = {
    "logits": LossPath.FUSED,
    "probs": LossPath.FUSED,
    "probs-clipped": LossPath.CLIPPED,
    "double": LossPath.DOUBLE,
    "raw": LossPath.RAW,
}


def epoch(arm: str = "logits", number: int = 1, /, **figures: float | None) -> EpochRecord:
    """An epoch whose figures are all 0.5 but those that are given; None is one that was not finite."""
    usual: dict[str, float | None] = {
        "loss": 0.5,
        "accuracy": 0.5,
        "val_loss": 0.5,
        "val_accuracy": 0.5,
        "matched_accuracy": 0.5,
        "val_matched_accuracy": 0.5,
        "val_nll": 0.5,
        "saturated_fraction": 0.25,
        "dead_fraction": 0.0,
    }
    return EpochRecord(
        arm=arm,
        epoch=number,
        **(usual | figures),
        seconds=0.25,
        status="diverged" if None in figures.values() else "ok",
        only_class=None,
    )


def run_record(
    arms: Sequence[str] = ("logits", "probs"),
    epochs: int = 1,
    experiment: str = "handmade",
    run_id: str = "first",
    seeds: int = 1,
) -> RunRecord:
    """What was asked."""
    return RunRecord(
        schema_version=SCHEMA_VERSION,
        experiment=experiment,
        run_id=run_id,
        created="2026-01-02T03:04:05+00:00",
        spec={"pairs": {"arms": list(arms), "seeds": seeds}, "training": {"epochs": epochs}},
        spec_sha256="0" * 64,
        dataset={"sha256": "1" * 64},
        environment={"keras": "3.15.1"},
    )


def trial_record(
    rows: Iterable[EpochRecord],
    seed: int = 0,
    *,
    final: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
    device: str = "CPU",
    sha256: str = "",
) -> TrialRecord:
    """A trial with the arms and epochs of its rows; a final digest that is not given is the same for all arms."""
    rows = list(rows)
    prints = {"trunk": "a" * 64, "head": "b" * 64, "batches": "c" * 64, "dropout": "d" * 64}
    return TrialRecord(
        schema_version=SCHEMA_VERSION,
        status="finished",
        seed=seed,
        engine="lockstep",
        device=device,
        epochs=max(row.epoch for row in rows),
        arms={
            row.arm: ArmRecord(
                loss_path=PATHS.get(row.arm, LossPath.OTHER),
                fingerprints=Fingerprints(**prints, final=(final or {}).get(row.arm, "e" * 64)),
            )
            for row in rows
        },
        warnings=tuple(warnings),
        epochs_sha256=sha256,
        run_id="first",
        spec_sha256="0" * 64,
    )


def publish(
    run: Path,
    rows: Sequence[EpochRecord],
    seed: int = 0,
    *,
    final: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
    device: str = "CPU",
) -> TrialRecord:
    """Write a trial where it belongs."""
    with TrialWriter(run, seed) as writer:
        writer.append(rows)
        record = trial_record(rows, seed, final=final, warnings=warnings, device=device, sha256=writer.epochs_sha256)
        asked = json.loads((run / "run.json").read_text())
        record = record.model_copy(update={key: asked[key] for key in ("run_id", "spec_sha256")})
        writer.publish(record)
    return record


def trials(
    results: Path, by_seed: Sequence[Sequence[EpochRecord]], finals: Sequence[Mapping[str, str]] = ()
) -> list[Trial]:
    """Write a run with a trial for each seed, and read it back."""
    arms = tuple(dict.fromkeys(row.arm for row in by_seed[0]))
    run = store.create_run(results, run_record(arms, max(row.epoch for row in by_seed[0])))
    for seed, rows in enumerate(by_seed):
        publish(run, rows, seed, final=finals[seed] if finals else None)
    found = store.read([results])
    assert found.broken == []
    return found.trials
