"""``--seeds auto``: judge after 8, 16, 32 and 64 seeds, with one probability of an error over all looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from logitbench.compare.declared import Declared, less_is_better
from logitbench.compare.statistics import Array
from logitbench.compare.verdict import DECISIVE, Evidence, Verdict, judge

LOOKS: Mapping[int, float] = {8: 0.016, 16: 0.012, 32: 0.011, 64: 0.011}
"""Numbers of seeds after which a run is judged, each with the probability of an error that it may spend.

They sum to .05. By Bonferroni's inequality, arms without a difference are called better at any look with a probability
of at most .05, however the looks depend on each other. The same holds for arms on the margin that are called
equivalent. It holds as far as the test of each look keeps its level; ``tests/benchmarks/README.md`` has the rates for
skewed differences. The first look may spend most, because 8 seeds cannot reach less than 2 / 2^8 = .0078 a pair.

A verdict that a single seed dominates or would change waits for the next look. The sum stays .05, and wrong verdicts on
skewed differences become rarer.
"""


def judge_in_looks(differences: Sequence[Array], seeds: Sequence[int], declared: Declared) -> list[Evidence]:
    """Judge pairs of arms at each look that is complete.

    A pair keeps the first decisive verdict that is firm; without one, the last look's counts.
    Before the first look is complete, every verdict is TOO FEW SEEDS.

    Args:
        differences: For each pair, the arm's number minus the baseline's, [seeds]; NaN where one diverged.
        seeds: Their numbers; a look is complete if every seed below its own number is there.
        declared: What the numbers are.
    """
    numbers = np.asarray(seeds)
    judged: list[Evidence] = []
    for look, alpha in LOOKS.items():
        if not set(range(look)) <= set(seeds) or (judged and all(evidence.firm for evidence in judged)):
            break
        at_look = judge([d[numbers < look] for d in differences], declared, alpha)
        latest = [replace(evidence, look=look, needed=_next(evidence, look)) for evidence in at_look]
        judged = [old if old.firm else new for old, new in zip(judged or latest, latest, strict=True)]
    if judged:
        return judged
    first = min(LOOKS)
    return [
        replace(evidence, verdict=Verdict.TOO_FEW_SEEDS, p=None, equivalence_p=None, needed=first, doubts=())
        for evidence in judge(differences, declared)
    ]


def _next(evidence: Evidence, look: int) -> int | None:
    """Return the seeds of the next look that can reach a verdict; None where none can."""
    return next((later for later in LOOKS if later > look and later >= (evidence.needed or 0)), None)


def needs_more(evidence: Evidence, declared: Declared) -> bool:
    """Return whether more seeds may lead to a firm verdict.

    They do not where only the arm that is ahead has diverged.
    """
    if evidence.verdict in (Verdict.IDENTICAL, Verdict.DIVERGED):
        return False
    if evidence.verdict in DECISIVE:
        return not evidence.firm
    arm_is_ahead = ((evidence.sample.mean or 0.0) < 0) == less_is_better(declared.metric)
    return evidence.lost[0 if arm_is_ahead else 1] == 0
