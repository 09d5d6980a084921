"""Comparisons as ``compare`` and ``report`` are asked for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.errors import UsageError

if TYPE_CHECKING:
    from logitbench.compare.comparison import Comparison
    from logitbench.compare.verdict import Declared


def comparisons(
    results: list[Path],
    *,
    experiment: str | None,
    metrics: list[str] | None,
    baseline: str | None,
    declared: Declared,
    against: list[Path] | None,
    allow_mixed: bool,
) -> list[Comparison]:
    """Compare the finished trials under results folders, among themselves or against others.

    Raises:
        UsageError: Options exclude each other, or what they name is not there.
    """
    from logitbench.cli.output import finished
    from logitbench.compare.comparing import compare, compare_against

    if against and (baseline or allow_mixed):
        raise UsageError("--against goes without --baseline and --allow-mixed", "Each arm is held against itself.")
    metrics = list(dict.fromkeys(metrics)) if metrics else None
    trials = finished(results, experiment)
    if against:
        return compare_against(trials, finished(against, experiment), metrics=metrics, declared=declared)
    return compare(trials, metrics=metrics, baseline=baseline, declared=declared, allow_mixed=allow_mixed)
