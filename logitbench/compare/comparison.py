"""What is known of arms side by side: figures by epoch, paired differences, a verdict for each pair, explanations."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from logitbench.compare.attribution import Split
from logitbench.compare.declared import Declared
from logitbench.compare.figures import Figures
from logitbench.compare.statistics import Paired
from logitbench.compare.verdict import Evidence, Verdict
from logitbench.records import RunRecord


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
        arm: The arm, B of the verdict.
        baseline: The arm it is held against, A of the verdict.
        seeds: Seeds that have both.
        identical: Seeds in which neither diverged, and every learned figure of every epoch and all final weights are
            equal to the bit.
        diverged: Seeds in which a figure of either is not a finite number.
        alone: Seeds in which the arm diverged and the baseline did not, and those in which it is the other way.
        evidence: The declared number, and what follows from it.
        differences: The arm's figures minus the baseline's, by (metric, epoch).
        accuracy: The gap between the reported validation accuracies, split, by epoch.
        loss: The gap between the reported validation losses, split, by epoch.
    """

    arm: str
    baseline: str
    seeds: int
    identical: int
    diverged: int
    alone: tuple[int, int]
    evidence: Evidence
    differences: Mapping[tuple[str, int], Paired]
    accuracy: tuple[Split, ...]
    loss: tuple[Split, ...]

    @property
    def verdict(self) -> Verdict:
        """What the evidence says."""
        return self.evidence.verdict


@dataclass(frozen=True)
class Comparison:
    """What the trials of an experiment say.

    Args:
        runs: The runs that they are of; they differ in nothing that decides a figure.
        seeds: The trials.
        epochs: Epochs, from 1.
        metrics: The metrics compared, in order.
        declared: What the verdicts are about.
        loss_paths: Each arm's loss path as measured; more than one if seeds differ.
        cells: Figures by (metric, epoch, arm).
        pairs: Each arm against the baseline.
        findings: What explains the figures, five at most.
        notes: How the trials were put together, where the user should know.
        warnings: What the trials warned of, once each.
        apart: Settings in which the runs differ from other runs of the experiment, which are compared apart.
        figures: Each arm's figures by metric, [seeds, epochs]; NaN where one is not a finite number.
    """

    runs: tuple[RunRecord, ...]
    seeds: tuple[int, ...]
    epochs: tuple[int, ...]
    metrics: tuple[str, ...]
    declared: Declared
    loss_paths: Mapping[str, tuple[str, ...]]
    cells: Mapping[tuple[str, int, str], Cell]
    pairs: tuple[ArmPair, ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    apart: tuple[str, ...]
    figures: Figures = dataclasses.field(repr=False, compare=False)

    @property
    def run(self) -> RunRecord:
        """The first of the runs: in all that matters it is like the others."""
        return self.runs[0]

    @property
    def name(self) -> str:
        """The experiment, with the settings that set the runs apart: ``digits (training.epochs 3)``."""
        return f"{self.run.experiment} ({', '.join(self.apart)})" if self.apart else self.run.experiment

    @property
    def different(self) -> tuple[ArmPair, ...]:
        """The pairs that are not identical."""
        return tuple(pair for pair in self.pairs if pair.verdict is not Verdict.IDENTICAL)

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, in the order of the run."""
        return tuple(self.loss_paths)
