"""Statistics of differences paired by seed.

Seeds are the replicates, epochs are not. A seed in which a figure of either arm is not finite has no difference; it is
counted elsewhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from logitbench.compare import signflip, skewness
from logitbench.compare.signflip import DRAWS, EXACT_UP_TO

CONFIDENCE, ALPHA = 0.95, 0.05

FEWEST = 6
"""The fewest seeds with which the sign-flip test can reach ``ALPHA``: its least p is 2 / 2^n."""

MANY = 1000
"""Seeds from which the sign-flip test, which takes long, is left out: the interval alone keeps its level by then."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """A sample of paired differences, arm minus baseline.

    Args:
        n: Number of differences.
        mean: Their mean; None where there is no difference.
        spread: Their standard deviation (n - 1); None for fewer than two.
        low: Lower end of the confidence interval of the mean: the lower of Student's and Hall's (see ``skewness.py``);
            None for fewer than two differences.
        high: Upper end, the higher of the two.
        effect: Cohen's d of paired differences, mean over standard deviation; None where that is 0 or undefined.
        p: Two-sided p of the mean: the larger of the sign-flip permutation test's and the interval's; None for fewer
            than ``FEWEST``, and where no test was asked for.
        p_error: Standard error of p where it comes from drawn sign changes, else 0.
        median: Their median; None where there is no difference.
        skewness: Their skewness (G1); None for fewer than three, 0 where they do not vary.
    """

    n: int
    mean: float | None = None
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    effect: float | None = None
    p: float | None = None
    p_error: float = 0.0
    median: float | None = None
    skewness: float | None = None


def described(differences: Array, confidence: float = CONFIDENCE) -> list[Paired]:
    """Describe columns of paired differences, without a test.

    Args:
        differences: [seeds, columns]; a number that is not finite counts as no difference.
        confidence: Of the intervals.
    """
    return _by_seeds(differences, partial(_described, confidence=confidence))


def paired(differences: Array, tests: int = 1, confidence: float = CONFIDENCE) -> list[Paired]:
    """Describe and test columns of paired differences.

    Args:
        differences: [seeds, columns]; a number that is not finite counts as no difference.
        tests: For how many tests the p-values will be corrected.
        confidence: Of the intervals.
    """
    return _by_seeds(differences, partial(_tested, tests=tests, confidence=confidence))


def _by_seeds(differences: Array, of_finite: Callable[[Array], list[Paired]]) -> list[Paired]:
    """Process columns that have the same seeds together."""
    finite = np.isfinite(differences)
    found: dict[int, Paired] = {}
    for seeds in np.unique(finite, axis=1).T:
        columns = np.flatnonzero((finite == seeds[:, None]).all(axis=0))
        found.update(zip(columns.tolist(), of_finite(differences[seeds][:, columns]), strict=True))
    return [found[column] for column in range(differences.shape[1])]


def _described(d: Array, confidence: float) -> list[Paired]:
    n, columns = d.shape
    if n == 0:
        return [Paired(0)] * columns
    if n == 1:
        return [Paired(1, float(one), median=float(one)) for one in d[0]]
    unit, exponents = _to_unit(d)
    means, spreads = _means(unit), np.where(_varied(unit), unit.std(axis=0, ddof=1), 0.0)
    skews = skewness.skewness(unit, spreads)
    below, above = skewness.half_widths(n, skews, confidence) if spreads.any() else (spreads, spreads)
    error = spreads / np.sqrt(n)
    of_unit = (means, spreads, means - below * error, means + above * error, np.median(unit, axis=0))
    figures = [_from_unit(figure, exponents).tolist() for figure in of_unit]
    effects = _ratio(means, spreads).tolist()
    return [
        Paired(
            n=n,
            mean=mean,
            spread=spread,
            low=low,
            high=high,
            effect=effect if np.isfinite(effect) else None,
            median=median,
            skewness=skew if n > 2 else None,
        )
        for mean, spread, low, high, median, effect, skew in zip(*figures, effects, skews.tolist(), strict=True)
    ]


def _tested(d: Array, tests: int, confidence: float) -> list[Paired]:
    samples = _described(d, confidence)
    if len(d) < FEWEST:
        return samples
    ps, errors = mean_p(d, tests)
    return [
        dataclasses.replace(sample, p=p, p_error=error)
        for sample, p, error in zip(samples, ps.tolist(), errors.tolist(), strict=True)
    ]


def mean_p(d: Array, tests: int = 1) -> tuple[Array, Array]:
    """Return two-sided p-values of means, the larger of the sign-flip test's and the interval's, and their errors.

    The sign-flip test is exact if the differences are symmetric, whatever their distribution; the interval's p corrects
    for skewness. From ``MANY`` seeds on, and where the draws are too few for so many tests, the interval's p stands
    alone.

    Args:
        d: Finite numbers, [seeds, columns], at least 2 seeds.
        tests: For how many tests the p-values will be corrected.

    Returns:
        p, [columns]; and its standard error where it is drawn, else 0, [columns].
    """
    ps, errors = np.ones(d.shape[1]), np.zeros(d.shape[1])
    columns = np.flatnonzero(d.any(axis=0))
    if len(columns):
        unit = _to_unit(d[:, columns])[0]
        ps[columns] = _interval_p(unit)
        too_coarse = len(d) > EXACT_UP_TO and tests * 2 / (DRAWS + 1) >= ALPHA
        if len(d) < MANY and not too_coarse:
            flipped = signflip.sign_flip_p(unit)
            if len(d) > EXACT_UP_TO:
                errors[columns] = np.where(flipped > ps[columns], signflip.drawn_error(flipped), 0.0)
            ps[columns] = np.maximum(ps[columns], flipped)
    return ps, errors


def _interval_p(unit: Array) -> Array:
    """Return the least level at which the interval of each mean leaves out 0."""
    n = len(unit)
    means, spreads = _means(unit), unit.std(axis=0, ddof=1)
    varied = _varied(unit)
    t = np.where(varied, _ratio(means, spreads) * np.sqrt(n), 0.0)
    skews = skewness.skewness(unit, np.where(varied, spreads, 0.0))
    one_sided = np.minimum(skewness.p_above(n, t, skews), skewness.p_above(n, -t, -skews))
    return np.asarray(np.where(varied, np.minimum(2 * one_sided, 1.0), 0.0))


def _to_unit(d: Array) -> tuple[Array, NDArray[np.int32]]:
    """Return columns divided by powers of two, so that none is above 1 and no square over- or underflows."""
    exponents = np.frexp(np.abs(d).max(axis=0))[1]
    return np.asarray(np.ldexp(d, -exponents)), exponents


def _from_unit(figures: Array, exponents: NDArray[np.int32]) -> Array:
    """Undo ``_to_unit``; a result beyond the largest float becomes the largest float."""
    with np.errstate(over="ignore"):
        most = np.finfo(np.float64).max
        return np.asarray(np.clip(np.ldexp(figures, exponents), -most, most))


def _ratio(one: Array, other: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(one / other)


def _means(d: Array) -> Array:
    """Return means of columns; the mean of equal numbers is that number, to the last bit."""
    return np.asarray(np.where(_varied(d), d.mean(axis=0), d[0]))


def _varied(d: Array) -> NDArray[np.bool_]:
    return np.asarray((d != d[0]).any(axis=0))


def equivalence_p(sample: Paired, margin: float) -> float:
    """Return the least level at which the confidence interval of the mean lies within -margin and margin.

    The two one-sided tests (Schuirmann, 1987) reject at a 90 % interval within the margin; here the 95 % interval that
    is shown has to be, because skewed samples are called equivalent too often at 90 %.

    Args:
        sample: At least 2 differences.
        margin: Above 0.
    """
    if sample.mean is None or sample.spread is None:
        raise ValueError(f"equivalence needs at least 2 differences, got {sample.n}")
    error = sample.spread / np.sqrt(sample.n)
    if error == 0:
        return 0.0 if abs(sample.mean) < margin else 1.0
    t = np.array([sample.mean + margin, margin - sample.mean]) / error
    skew = sample.skewness or 0.0
    one_sided = skewness.p_above(sample.n, t, np.array([skew, -skew]))
    return float(min(2 * one_sided.max(), 1.0))


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm, 1979)."""
    if len(ps) < 2:
        return list(ps)
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(ps, alpha=ALPHA, method="holm")[1]]
