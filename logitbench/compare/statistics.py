"""Statistics of differences paired by seed; SciPy and statsmodels do the arithmetic.

Seeds are the replicates, epochs are not. A seed in which a figure of either arm is not a finite number has no
difference; it is counted elsewhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CONFIDENCE, ALPHA = 0.95, 0.05

FEWEST = 6
"""The fewest seeds with which the sign-flip test can reach ``ALPHA``: its least p is 2 / 2^n."""

BCA_FROM, MANY = 20, 1000
"""From how many differences on the interval is BCa, which covers .85 instead of .95 at n = 5; and from how many it is
the t interval again and p that of the t-test, which are the same by then and cost nothing."""

RESAMPLES = 2**14
"""All changes of sign are tried up to n = 14, and so many drawn beyond; so many resamples has the bootstrap."""

TIE = 2.0**-30
"""Of the largest difference: sums no farther apart are equal on paper, and floats made them differ, as 0.1 + 0.2 does
from 0.3. Differences of a ten-thousandth between figures near 1 have noise of 2^-40 of themselves; sums that come so
near by chance are fewer than one in 2^28."""

INTEGERS_AT_ONCE, COLUMNS_AT_ONCE = 2**21, 256

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """A sample of paired differences, arm minus baseline.

    Args:
        n: Number of differences.
        mean: Their mean; None where there is none.
        spread: Their standard deviation (n - 1); None for fewer than two.
        low: Lower end of the 95 % confidence interval of the mean; None for fewer than two, and where none was asked
            for.
        high: Upper end.
        interval: How the interval was made.
        effect: Cohen's d of paired differences, mean over standard deviation; None where that is 0 or not there.
        p: Two-sided p of the sign-flip permutation test of the mean; None for fewer than ``FEWEST``, and where no test
            was asked for.
    """

    n: int
    mean: float | None = None
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    interval: Literal["t", "BCa"] | None = None
    effect: float | None = None
    p: float | None = None


def described(differences: Array) -> list[Paired]:
    """Describe columns of paired differences with Student's interval, without a test.

    Args:
        differences: [seeds, columns]; what is not a finite number counts as none.
    """
    return _by_seeds(differences, _described)


def paired(differences: Array, tests: int = 1) -> list[Paired]:
    """Describe and test columns of paired differences.

    Args:
        differences: [seeds, columns]; what is not a finite number counts as none.
        tests: For how many tests the p-values will be corrected.
    """
    return _by_seeds(differences, partial(_tested, tests=tests))


def _by_seeds(differences: Array, of_whole: Callable[[Array], list[Paired]]) -> list[Paired]:
    """Take columns that have the same seeds at once."""
    finite = np.isfinite(differences)
    found: dict[int, Paired] = {}
    for seeds in np.unique(finite, axis=1).T:
        columns = np.flatnonzero((finite == seeds[:, None]).all(axis=0))
        found.update(zip(columns.tolist(), of_whole(differences[seeds][:, columns]), strict=True))
    return [found[column] for column in range(differences.shape[1])]


def _described(d: Array) -> list[Paired]:
    n, columns = d.shape
    if n == 0:
        return [Paired(0)] * columns
    if n == 1:
        return [Paired(1, float(mean)) for mean in d[0]]
    unit, exponents = _to_unit(d)
    means, spreads = _means(unit), np.where(_varied(unit), unit.std(axis=0, ddof=1), 0.0)
    half = _students_quantile(n) * spreads / np.sqrt(n) if spreads.any() else spreads
    figures = [_from_unit(of_unit, exponents).tolist() for of_unit in (means, spreads, means - half, means + half)]
    return [
        Paired(n, mean, spread, low, high, "t", float(effect) if np.isfinite(effect) else None)
        for mean, spread, low, high, effect in zip(*figures, _ratio(means, spreads), strict=True)
    ]


def _students_quantile(n: int) -> float:
    from scipy import special  # imported in a fraction of the time of scipy.stats

    return float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2))


def _tested(d: Array, tests: int) -> list[Paired]:
    samples, n = _described(d), len(d)
    if n < FEWEST:
        return samples
    samples = [
        dataclasses.replace(sample, p=p) for sample, p in zip(samples, sign_flip_p(d, tests).tolist(), strict=True)
    ]
    return _with_bca(d, samples) if BCA_FROM <= n < MANY else samples


def _with_bca(d: Array, samples: Sequence[Paired]) -> list[Paired]:
    """Return samples with the BCa interval, but for those whose bootstrap has none."""
    found = list(samples)
    unit, exponents = _to_unit(d)
    columns = np.flatnonzero(np.ptp(unit, axis=0) > TIE)
    if len(columns):
        ends = _in_parts(unit[:, columns], _bca)
        sound = np.asarray(np.isfinite(ends).all(axis=0))
        lows, highs = _from_unit(ends, exponents[columns])
        for column, low, high in zip(columns[sound], lows[sound], highs[sound], strict=True):
            found[column] = dataclasses.replace(found[column], low=float(low), high=float(high), interval="BCa")
    return found


def _to_unit(d: Array) -> tuple[Array, NDArray[np.int32]]:
    """Return columns divided by powers of two, so that none is above 1 and no square over- or underflows."""
    exponents = np.frexp(np.abs(d).max(axis=0))[1]
    return np.asarray(np.ldexp(d, -exponents)), exponents


def _from_unit(figures: Array, exponents: NDArray[np.int32]) -> Array:
    """Undo ``_to_unit``; what is beyond the largest float is that."""
    with np.errstate(over="ignore"):
        most = np.finfo(np.float64).max
        return np.asarray(np.clip(np.ldexp(figures, exponents), -most, most))


def _ratio(one: Array, other: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(one / other)


def _means(d: Array) -> Array:
    """Return means of columns; of equal numbers their mean is that number, to the last bit."""
    return np.asarray(np.where(_varied(d), d.mean(axis=0), d[0]))


def _varied(d: Array) -> NDArray[np.bool_]:
    return np.asarray((d != d[0]).any(axis=0))


def _tied(figures: Array, to: Array) -> Array:
    """Return figures, those that are as good as equal to another made equal to it."""
    return np.where(np.abs(figures - to) <= TIE, to, figures)


def _in_parts(unit: Array, of_part: Callable[[Array], Array]) -> Array:
    """Take so many columns at once that memory suffices; the last axis of what is returned is the columns."""
    parts = range(0, unit.shape[1], COLUMNS_AT_ONCE)
    return np.concatenate([of_part(unit[:, part : part + COLUMNS_AT_ONCE]) for part in parts], axis=-1)


def _bca(unit: Array) -> Array:
    """Return the ends of BCa intervals, [2, columns]. All columns share their resamples: what is drawn are seeds.

    They are asked for at a higher level, so that of normal differences they are as wide as t intervals: the bootstrap
    takes the normal quantile for t's and n for n - 1, and at n = 20 covers .923 instead of .95 (Hesterberg, 2015, What
    Teachers Should Know About the Bootstrap, section 5.3).
    """
    from scipy import stats

    n, mean = len(unit), unit.mean(axis=0)
    quantile = _students_quantile(n) * np.sqrt(n / (n - 1))

    def means(drawn: NDArray[np.int64], axis: int = -1) -> Array:
        """[..., seeds drawn] to [columns, ...]: sums by how often each seed was drawn, one product of matrices."""
        rows = drawn.reshape(-1, drawn.shape[axis])
        cells = (rows + n * np.arange(len(rows))[:, None]).ravel()
        times = np.bincount(cells, minlength=n * len(rows)).reshape(len(rows), n)
        return _tied(times @ unit / rows.shape[1], mean).T.reshape(-1, *drawn.shape[:-1])

    found = stats.bootstrap(
        (np.arange(n),),
        means,
        vectorized=True,
        confidence_level=float(1 - 2 * stats.norm.sf(quantile)),
        method="BCa",
        n_resamples=RESAMPLES,
        batch=INTEGERS_AT_ONCE // n,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return np.stack([found.low, found.high])


def sign_flip_p(d: Array, tests: int = 1) -> Array:
    """Return two-sided p of the sign-flip permutation test of means: exact up to 14 seeds, drawn beyond.

    The least p that can be drawn is 2 / (2^14 + 1). Where that is too much for so many tests, p is that of the t-test.

    Args:
        d: Finite numbers, [seeds, columns].
        tests: For how many tests the p-values will be corrected.
    """
    ps = np.ones(d.shape[1])
    columns = np.flatnonzero(d.any(axis=0))
    if len(columns):
        unit = _to_unit(d[:, columns])[0]
        too_coarse = 2 ** len(d) > RESAMPLES and tests * 2 / (RESAMPLES + 1) >= ALPHA
        ps[columns] = _t_test_p(unit) if len(d) >= MANY or too_coarse else _in_parts(unit, _permuted)
    return ps


def _t_test_p(unit: Array) -> Array:
    from scipy import stats

    t = _ratio(unit.mean(axis=0), unit.std(axis=0, ddof=1)) * np.sqrt(len(unit))
    return np.asarray(2 * stats.t.sf(np.abs(np.where(_varied(unit), t, np.inf)), len(unit) - 1))


def _permuted(unit: Array) -> Array:
    """Return p-values, [columns]. All columns share their changes of sign: what is permuted is ones and minus ones."""
    from scipy import stats

    observed = unit.sum(axis=0)

    def sums(signs: Array, axis: int = -1) -> Array:
        """[..., seeds] to [..., columns]."""
        del axis  # the last one always
        return _tied(signs @ unit, observed)

    found = stats.permutation_test(
        (np.ones(len(unit)),),
        sums,
        permutation_type="samples",  # of a single sample: changes of sign
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=INTEGERS_AT_ONCE // len(unit),
        rng=np.random.default_rng(0),
    )
    return np.asarray(found.pvalue)


def least_p(n: int) -> float:
    """Return the least p that a two-sided sign-flip test of n differences can reach, 2 / 2^n."""
    return 2.0 ** (1 - n)


def equivalence_p(sample: Paired, margin: float) -> float:
    """Return the p of two one-sided t-tests of the mean against -margin and margin (Schuirmann, 1987).

    Args:
        sample: At least 2 differences.
        margin: Above 0.
    """
    if sample.mean is None or sample.spread is None:
        raise ValueError(f"two one-sided tests need at least 2 differences, got {sample.n}")
    if sample.spread == 0:
        return 0.0 if abs(sample.mean) < margin else 1.0
    from scipy import stats

    t = (margin - abs(sample.mean)) / sample.spread * np.sqrt(sample.n)
    return float(stats.t.sf(t, sample.n - 1))  # the nearer of the two margins has the larger p


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm, 1979)."""
    if len(ps) < 2:
        return list(ps)
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(ps, alpha=ALPHA, method="holm")[1]]
