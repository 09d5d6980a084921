"""Comparisons as ``compare`` and ``report`` are asked for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from logitbench.errors import UsageError

if TYPE_CHECKING:
    from logitbench.compare.comparison import Comparison
    from logitbench.compare.declared import Declared


def comparisons(
    results: list[Path],
    *,
    experiment: str | None,
    metrics: list[str] | None,
    baseline: str | None,
    declared: Declared,
    against: list[Path] | None,
    strict: bool,
) -> list[Comparison]:
    """Compare the finished trials under results folders, among themselves or against others.

    Raises:
        UsageError: Options exclude each other, or what they name is not there.
    """
    from logitbench.cli.output import finished
    from logitbench.compare.comparing import compare, compare_against

    if against and baseline:
        raise UsageError("--against goes without --baseline", "Each arm is compared with itself.")
    metrics = list(dict.fromkeys(metrics)) if metrics else None
    trials = finished(results, experiment)
    if against:
        others = finished(against, experiment)
        return compare_against(trials, others, metrics=metrics, declared=declared, strict=strict)
    return compare(trials, metrics=metrics, baseline=baseline, declared=declared, strict=strict)
