"""What a loss should be, to 50 digits, with mpmath: written out of the definitions, and of nothing else here.

A row of logits and its targets, [units], go in; the loss and its gradient by the logits come out. Probabilities of both
ends are formed from their own exponentials, so that nothing cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

import mpmath
from mpmath import mpf

DIGITS, GUARD = 50, 120
"""Digits of what is returned, and of the arithmetic: 1 - p of a logit of 100 has lost 43 of them."""

Exact = tuple[mpf, list[mpf]]
Formula = Callable[[Sequence[float], Sequence[float]], Exact]


def _precise(formula: Formula) -> Formula:
    @wraps(formula)
    def rounded(logits: Sequence[float], targets: Sequence[float]) -> Exact:
        with mpmath.workdps(GUARD):
            value, gradient = formula([mpf(z) for z in logits], [mpf(t) for t in targets])
        with mpmath.workdps(DIGITS):
            return +value, [+slope for slope in gradient]

    return rounded


def _expit(z: mpf) -> mpf:
    return 1 / (1 + mpmath.exp(-z))


@_precise
def binary(logits: Sequence[float], targets: Sequence[float]) -> Exact:
    """Return binary cross-entropy, the mean over units of t log(1 + e^-z) + (1 - t) log(1 + e^z)."""
    units = len(logits)
    each = [
        t * mpmath.log1p(mpmath.exp(-z)) + (1 - t) * mpmath.log1p(mpmath.exp(z))
        for z, t in zip(logits, targets, strict=True)
    ]
    return mpmath.fsum(each) / units, [(_expit(z) - t) / units for z, t in zip(logits, targets, strict=True)]


@_precise
def categorical(logits: Sequence[float], targets: Sequence[float]) -> Exact:
    """Return categorical cross-entropy, the sum of t log(1 + the others' e^(z_j - z_i))."""
    total = mpmath.fsum(map(mpmath.exp, logits))
    weight = mpmath.fsum(targets)
    value = mpmath.fsum(
        t * mpmath.log1p(mpmath.fsum(mpmath.exp(other - z) for j, other in enumerate(logits) if j != i))
        for i, (z, t) in enumerate(zip(logits, targets, strict=True))
    )
    return value, [weight * mpmath.exp(z) / total - t for z, t in zip(logits, targets, strict=True)]


def binary_focal(gamma: float) -> Formula:
    """Return the focal loss of two classes (Lin et al., 2017), the mean of (1 - p_t)^gamma times the cross-entropy."""

    @_precise
    def formula(logits: Sequence[float], targets: Sequence[float]) -> Exact:
        values, slopes = [], []
        for z, t in zip(logits, targets, strict=True):
            missed = t * _expit(-z) + (1 - t) * _expit(z)
            loss = t * mpmath.log1p(mpmath.exp(-z)) + (1 - t) * mpmath.log1p(mpmath.exp(z))
            by_missed = (1 - 2 * t) * _expit(z) * _expit(-z)
            values.append(missed**gamma * loss)
            slopes.append(missed**gamma * (_expit(z) - t) + gamma * missed ** (gamma - 1) * by_missed * loss)
        return mpmath.fsum(values) / len(values), [slope / len(values) for slope in slopes]

    return formula


def categorical_focal(gamma: float, alpha: float) -> Formula:
    """Return the focal loss of several classes, the sum of alpha t (1 - p)^gamma times -log p."""

    @_precise
    def formula(logits: Sequence[float], targets: Sequence[float]) -> Exact:
        powers = [mpmath.exp(z) for z in logits]
        total = mpmath.fsum(powers)
        values, by_log_p = [], []
        for place, (power, t) in enumerate(zip(powers, targets, strict=True)):
            p, missed = power / total, mpmath.fsum(powers[:place] + powers[place + 1 :]) / total
            log_p = mpmath.log(power / total)
            values.append(-alpha * t * missed**gamma * log_p)
            by_log_p.append(alpha * t * (gamma * missed ** (gamma - 1) * p * log_p - missed**gamma))
        # the derivative of log p_i by z_j is [i = j] - p_j
        whole = mpmath.fsum(by_log_p)
        slopes = [slope - whole * power / total for slope, power in zip(by_log_p, powers, strict=True)]
        return mpmath.fsum(values), slopes

    return formula
