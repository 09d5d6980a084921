"""What the evidence says of two arms, by the number of each trial that was chosen up front."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from logitbench.compare import robustness, statistics
from logitbench.compare.declared import Declared, less_is_better
from logitbench.compare.power import fewest_seeds, seeds_needed
from logitbench.compare.signflip import least_p
from logitbench.compare.statistics import ALPHA, FEWEST, Array, Paired


class Verdict(StrEnum):
    """A is the baseline, B the arm that is compared with it."""

    IDENTICAL = "IDENTICAL"
    """Every learned figure and all final weights are equal to the bit in every seed; no test is run.

    Seeds in which both diverged are counted apart; one in which only one of them did makes them differ.
    """
    DIVERGED = "DIVERGED"
    """One of them diverged in every seed."""
    TOO_FEW_SEEDS = "TOO FEW SEEDS"
    """No outcome of the test could reach .05 after the correction for all pairs."""
    EQUIVALENT = "EQUIVALENT"
    """The confidence interval of the mean difference lies within the margin."""
    A_BETTER = "A BETTER"
    B_BETTER = "B BETTER"
    INCONCLUSIVE = "INCONCLUSIVE"


FEW_ENOUGH_TO_LEAVE_OUT = 100
"""Seeds; of more, none carries an effect alone."""

DECISIVE = frozenset({Verdict.EQUIVALENT, Verdict.A_BETTER, Verdict.B_BETTER})


@dataclass(frozen=True)
class Evidence:
    """An arm compared with the baseline by the declared number.

    Args:
        sample: The arm's number minus the baseline's, over the seeds in which both are finite.
        p: p of the sample, corrected (Holm) for all pairs of arms that were compared; None for fewer than 6 seeds.
        equivalence_p: p of equivalence, corrected in the same way; None for fewer than 6.
        tests: For how many pairs of arms the p-values are corrected.
        needed: Seeds that would probably reach a verdict: a fresh run of so many where the verdict is INCONCLUSIVE,
            the least number that can reach one where it is TOO FEW SEEDS; in a sequential design the next look that
            can; None where no number is known.
        verdict: What follows.
        doubts: What makes the evidence weak, one sentence each.
        lost: Seeds in which B alone has no number, and those in which A alone has none.
        look: In a sequential design, the number of seeds after which it was judged; p-values and interval are then
            corrected for all looks.
        least_p: The least p that so many seeds can reach, corrected in the same way; above 1 it is 1.
        p_error: Standard error of p where it is drawn, else 0.
        firm: Whether the verdict is decisive, and no seed dominates its sample or would change it.
    """

    sample: Paired
    verdict: Verdict
    p: float | None = None
    equivalence_p: float | None = None
    tests: int = 1
    needed: int | None = None
    doubts: tuple[str, ...] = ()
    lost: tuple[int, int] = (0, 0)
    look: int | None = None
    least_p: float = 0.0
    p_error: float = 0.0
    firm: bool = False


def judge(differences: Sequence[Array], declared: Declared, alpha: float = ALPHA) -> list[Evidence]:
    """Judge pairs of arms, none of them identical, that make up a family.

    Args:
        differences: For each pair, the arm's number minus the baseline's, [seeds]; NaN where one diverged.
        declared: What the numbers are.
        alpha: The share of ``ALPHA``, the probability of an error in the family, that this judgement may spend.
            p-values are multiplied by ``ALPHA / alpha``, so that they are compared with ``ALPHA`` in any case.
    """
    finite = [d[np.isfinite(d)] for d in differences]
    tests = sum(len(d) >= FEWEST for d in finite)
    judge = _Judge(declared, tests, sum(len(d) > 0 for d in finite), ALPHA / alpha)
    samples = [statistics.paired(d[:, None], tests, 1 - alpha)[0] for d in finite]
    tested = [i for i, sample in enumerate(samples) if sample.p is not None]
    ps = {i: samples[i].p or 0.0 for i in tested}
    equivalence_ps = {i: judge.equivalence_p(samples[i]) for i in tested}
    corrected, corrected_equivalence = judge.corrected(ps), judge.corrected(equivalence_ps)
    judged = []
    for i, (d, sample) in enumerate(zip(finite, samples, strict=True)):
        p, equivalence_p, least = corrected.get(i), corrected_equivalence.get(i), judge.least_p(sample, i, ps)
        verdict = judge.verdict(sample, p, equivalence_p, least)
        error = sample.p_error * (p or 0.0) / (sample.p or 1.0)
        fragile = list(robustness.of_seeds(d, sample))
        skewed = [] if fragile else list(robustness.of_skewness(sample))
        fragile += robustness.of_drawn_p(p, error)
        if verdict in DECISIVE and FEWEST < len(d) <= FEW_ENOUGH_TO_LEAVE_OUT:
            fragile += judge.carried_by_one(d, verdict, i, ps, equivalence_ps)
        needed = judge.needed(sample, verdict)
        judged.append(
            Evidence(
                sample,
                verdict,
                p,
                equivalence_p,
                tests,
                needed,
                (*skewed, *fragile),
                least_p=least,
                p_error=error,
                firm=verdict in DECISIVE and not fragile,
            )
        )
    return judged


@dataclass(frozen=True)
class _Judge:
    """The rules of one judgement.

    Args:
        declared: The number of each trial.
        tests: How many pairs are tested.
        pairs: How many would be with enough seeds.
        factor: What p-values are multiplied by, besides the correction for ``tests``.
    """

    declared: Declared
    tests: int
    pairs: int
    factor: float

    def equivalence_p(self, sample: Paired) -> float:
        return statistics.equivalence_p(sample, self.declared.equivalence_margin)

    def corrected(self, ps: Mapping[int, float]) -> dict[int, float]:
        corrected = statistics.holm(list(ps.values()))
        return {i: min(1.0, p * self.factor) for i, p in zip(ps, corrected, strict=True)}

    def least_p(self, sample: Paired, pair: int, ps: Mapping[int, float]) -> float:
        """Return the least corrected p that a pair can reach, with the rest of the family unchanged."""
        if sample.n == 0:
            return 1.0
        least = least_p(sample.n)
        return self._corrected_in(ps, pair, least) if pair in ps else min(1.0, least * self.factor)

    def verdict(self, sample: Paired, p: float | None, equivalence_p: float | None, least: float) -> Verdict:
        if sample.n == 0:
            return Verdict.DIVERGED
        if p is None or equivalence_p is None:
            return Verdict.TOO_FEW_SEEDS
        if equivalence_p < ALPHA:
            return Verdict.EQUIVALENT
        if p < ALPHA and sample.mean:
            arm_is_better = (sample.mean < 0) == less_is_better(self.declared.metric)
            return Verdict.B_BETTER if arm_is_better else Verdict.A_BETTER
        return Verdict.INCONCLUSIVE if least < ALPHA else Verdict.TOO_FEW_SEEDS

    def needed(self, sample: Paired, verdict: Verdict) -> int | None:
        if verdict is Verdict.TOO_FEW_SEEDS:
            return fewest_seeds(max(self.pairs, 1) * self.factor)
        if verdict is Verdict.INCONCLUSIVE:
            return seeds_needed(sample, self.declared.equivalence_margin, self.pairs * self.factor)
        return None

    def carried_by_one(
        self, d: Array, verdict: Verdict, pair: int, ps: Mapping[int, float], equivalence_ps: Mapping[int, float]
    ) -> Iterator[str]:
        """Yield a doubt if the verdict would change without one of the seeds, with the rest of the family unchanged."""
        rest = np.stack([np.delete(d, seed) for seed in range(len(d))], axis=1)
        samples, ps_without = statistics.described(rest), statistics.mean_p(rest, self.tests)[0]
        equivalence_without = [self.equivalence_p(sample) for sample in samples]
        # Verdicts change with rising p only: the seeds without which a p is largest or least are enough to try.
        extremes = np.argmax(equivalence_without), np.argmin(equivalence_without), np.argmax(ps_without)
        for seed in dict.fromkeys(map(int, extremes)):
            p = self._corrected_in(ps, pair, float(ps_without[seed]))
            equivalence_p = self._corrected_in(equivalence_ps, pair, equivalence_without[seed])
            without = self.verdict(samples[seed], p, equivalence_p, self.least_p(samples[seed], pair, ps))
            if without not in (verdict, Verdict.TOO_FEW_SEEDS):
                yield f"without one of its {len(d)} seeds the verdict would be {without}"
                return

    def _corrected_in(self, ps: Mapping[int, float], pair: int, p: float) -> float:
        """Return p corrected in place of a pair's; its bounds where they decide, as statsmodels takes 0.1 s a call."""
        if p * self.factor >= ALPHA:
            return min(1.0, p * self.factor)  # Holm's is no less
        bonferroni = p * len(ps) * self.factor
        return bonferroni if bonferroni < ALPHA else self.corrected({**ps, pair: p})[pair]  # Holm's is no more


def without_survivors(evidence: Evidence, lost: tuple[int, int], names: tuple[str, str]) -> Evidence:
    """Return evidence without a verdict that favours an arm only because the seeds in which it diverged are missing.

    Doubts of that verdict go with it.

    Args:
        evidence: Of the seeds in which both are finite.
        lost: Seeds in which B has no number and A has one, and those in which it is the other way round.
        names: Of B and of A.
    """
    evidence = replace(evidence, lost=lost)
    for seeds, name, favourable in zip(lost, names, (Verdict.B_BETTER, Verdict.A_BETTER), strict=True):
        if seeds and evidence.verdict in (favourable, Verdict.EQUIVALENT):
            doubt = (
                f"{name} diverged in {seeds} seeds in which the other did not; the remaining seeds say "
                f"{evidence.verdict}"
            )
            evidence = replace(evidence, verdict=Verdict.INCONCLUSIVE, doubts=(doubt,), firm=False)
    return evidence
