"""One run's arms side by side: figures by epoch, what is identical, and what explains a gap."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from logitbench.compare import findings
from logitbench.compare.table import epoch_table
from logitbench.errors import UsageError, did_you_mean
from logitbench.records import LEARNED, METRICS, RunRecord
from logitbench.store import Trial

DEFAULT_METRICS = ("loss", "val_loss", "val_accuracy", "val_matched_accuracy", "val_nll")

GAP_METRICS = ("val_matched_accuracy", "val_nll")
"""What says by how much two arms differ, whatever their heads."""


@dataclass(frozen=True)
class Cell:
    """A metric of one arm at one epoch, over seeds.

    Args:
        mean: Mean over the seeds in which it is a finite number; None where there is none.
        spread: Standard deviation over seeds (n - 1); None for fewer than two.
        n: Number of seeds in which it is a finite number.
        diverged: Number of seeds in which it is not.
    """

    mean: float | None
    spread: float | None
    n: int
    diverged: int


@dataclass(frozen=True)
class ArmPair:
    """An arm against the baseline, paired by seed.

    Args:
        arm: The arm.
        baseline: The arm it is held against.
        identical: Seeds in which neither diverged, and every learned figure of every epoch and all final weights are
            equal to the bit.
        diverged: Seeds in which a figure of either is not a finite number.
        seeds: Seeds that have both.
        epoch: The last epoch.
        gaps: The arm's figure minus the baseline's at the last epoch, over seeds, by metric (``GAP_METRICS``).
    """

    arm: str
    baseline: str
    identical: int
    diverged: int
    seeds: int
    epoch: int
    gaps: Mapping[str, Cell]

    @property
    def verdict(self) -> str:
        """``IDENTICAL`` only if every seed that did not diverge is; ``DIVERGED`` if there is none."""
        if self.diverged == self.seeds:
            return "DIVERGED"
        return "IDENTICAL" if self.identical == self.seeds - self.diverged else "DIFFERENT"


@dataclass(frozen=True)
class Comparison:
    """What one run says.

    Args:
        run: The run.
        seeds: Its finished trials.
        epochs: Epochs, from 1.
        metrics: The metrics compared, in order.
        loss_paths: Each arm's loss path as measured; more than one if seeds differ.
        cells: Figures by (metric, epoch, arm).
        pairs: Each arm against the baseline.
        findings: What explains the figures, one sentence or two each.
        warnings: What the trials warned of, once each.
    """

    run: RunRecord
    seeds: tuple[int, ...]
    epochs: tuple[int, ...]
    metrics: tuple[str, ...]
    loss_paths: Mapping[str, tuple[str, ...]]
    cells: Mapping[tuple[str, int, str], Cell]
    pairs: tuple[ArmPair, ...]
    findings: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, in the order of the run."""
        return tuple(self.loss_paths)


def compare(
    trials: Iterable[Trial], *, metrics: Sequence[str] = DEFAULT_METRICS, baseline: str | None = None
) -> list[Comparison]:
    """Compare the arms of each run among the trials.

    Args:
        trials: Finished trials, in any order; runs come in the order of their first one.
        metrics: Names among ``METRICS``.
        baseline: The arm that others are held against; by default ``logits`` where there is one, else the first.

    Raises:
        UsageError: A metric or the baseline is not there.
    """
    for metric in metrics:
        if metric not in METRICS:
            raise UsageError(f"there is no metric {metric!r}", did_you_mean(metric, METRICS))
    runs: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        runs.setdefault((trial.run.experiment, trial.run.run_id), []).append(trial)
    return [_compare_run(of_run, tuple(metrics), baseline) for of_run in runs.values()]


def _compare_run(trials: Sequence[Trial], metrics: tuple[str, ...], baseline: str | None) -> Comparison:
    arms = tuple(trials[0].record.arms)
    base = _baseline(trials[0].run, arms, baseline)
    table = epoch_table(trials)
    pairs = tuple(_pair(trials, table, arm, base) for arm in arms if arm != base)
    paths = {arm: tuple(sorted({str(trial.record.arms[arm].loss_path) for trial in trials})) for arm in arms}
    return Comparison(
        run=trials[0].run,
        seeds=tuple(trial.record.seed for trial in trials),
        epochs=tuple(sorted(int(epoch) for epoch in table["epoch"].unique())),
        metrics=metrics,
        loss_paths=paths,
        cells=_cells(table, metrics),
        pairs=pairs,
        findings=tuple(findings.explain(table, paths, base)),
        warnings=tuple(dict.fromkeys(warning for trial in trials for warning in trial.record.warnings)),
    )


def _baseline(run: RunRecord, arms: tuple[str, ...], wanted: str | None) -> str:
    if wanted is None:
        return "logits" if "logits" in arms else arms[0]
    if wanted not in arms:
        raise UsageError(
            f"the baseline {wanted!r} is not an arm of the run {run.experiment}/{run.run_id}",
            f"{did_you_mean(wanted, arms)} Runs with other arms can be compared by their own folders.",
        )
    return wanted


def _cells(table: pd.DataFrame, metrics: tuple[str, ...]) -> dict[tuple[str, int, str], Cell]:
    groups: Any = table.groupby(["epoch", "arm"], sort=False)
    return {
        (metric, int(epoch), str(arm)): _cell(figures) for metric in metrics for (epoch, arm), figures in groups[metric]
    }


def _cell(figures: pd.Series[float]) -> Cell:
    finite = figures.dropna().to_numpy()
    return Cell(
        # Rounded once, so that the last digit is the same with every version of pandas.
        mean=statistics.fmean(finite.tolist()) if len(finite) else None,
        spread=float(finite.std(ddof=1)) if len(finite) > 1 else None,
        n=len(finite),
        diverged=len(figures) - len(finite),
    )


def _pair(trials: Sequence[Trial], table: pd.DataFrame, arm: str, baseline: str) -> ArmPair:
    by_arm = table.set_index(["seed", "epoch"]).groupby("arm")[list(LEARNED)]
    ours, theirs = by_arm.get_group(arm), by_arm.get_group(baseline)
    finite = (ours.notna() & theirs.notna()).all(axis=1).groupby("seed").all()
    same_figures = (ours == theirs).all(axis=1).groupby("seed").all()
    identical = 0
    for trial in trials:
        finals = {name: trial.record.arms[name].fingerprints.final for name in (arm, baseline)}
        identical += bool(same_figures[trial.record.seed]) and finals[arm] == finals[baseline]
    last = int(table["epoch"].max())
    differences = (ours - theirs).xs(last, level="epoch")
    gaps = {metric: _cell(differences[metric]) for metric in GAP_METRICS}
    return ArmPair(arm, baseline, identical, int((~finite).sum()), len(trials), last, gaps)
