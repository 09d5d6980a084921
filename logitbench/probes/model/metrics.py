"""Whether a compiled metric fits what a head gives, and which one does."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from scipy import special

from logitbench.errors import first_line
from logitbench.probes.model.asking import Tried, reading, resolve
from logitbench.probes.model.configured import as_code, config_of, kind_of, name_of
from logitbench.probes.model.records import MetricReading, Reads

NEAR = 1e-3
"""How close to a number a cut is taken to be that number."""


def read_metric(asked: Any, units: int, labels: str, activation: str | None, meant: str | None) -> MetricReading:
    """Find what a metric does to the output of a head, and what puts it right.

    Args:
        asked: As ``compile`` was given it.
        units: Of the output.
        labels: How the loss takes its labels: ``numbers``, ``one-hot`` or ``class numbers``.
        activation: The head's: ``none``, ``sigmoid`` or ``softmax``; others are not judged.
        meant: The activation that the loss is of, ``sigmoid`` or ``softmax``; None where that is not known, and then no
            metric is judged: a regression's numbers are neither logits nor probabilities.
    """
    try:
        tried = resolve(asked, units, labels)
        reads, cuts = reading(tried, units)
    except Exception as error:
        why = f"it could not be tried: {type(error).__name__}: {first_line(error)[:200]}"
        return MetricReading(name_of(asked), name_of(asked), Reads.UNKNOWN, why=why if meant else "")
    kind = kind_of(tried.metric)
    if meant is None or (reads is Reads.CONSTANT and not kind.startswith("keras.")):
        return MetricReading(tried.name, kind, reads, cuts)  # a metric of the user's may count what it likes
    if reads is Reads.ORDER and meant == "sigmoid" and activation in {"none", "sigmoid"}:
        return _of_several_labels(asked, tried, activation)
    fits, why = _judged(reads, cuts, activation, meant)
    if fits and not _suits(tried, units, activation, meant, reads):
        fits, why = False, "it takes the sigmoid of each logit, and the loss is of their softmax"
    code = _mended(tried, units, labels, activation, meant) if fits is False else ""
    return MetricReading(tried.name, kind, reads, cuts, fits, why, code)


def _of_several_labels(asked: Any, tried: Tried, activation: str) -> MetricReading:
    """Judge what reads the greatest unit of labels that do not exclude each other: Keras's choice, or the user's."""
    kind = kind_of(tried.metric)
    if not isinstance(asked, str) or asked not in {"accuracy", "acc"}:
        return MetricReading(tried.name, kind, Reads.ORDER)
    new = keras.metrics.BinaryAccuracy(threshold=0.0 if activation == "none" else 0.5, name=tried.name)
    why = "it reads only which unit is greatest, and the loss takes each unit for a label of its own"
    return MetricReading(tried.name, kind, Reads.ORDER, (), False, why, as_code(new, config_of(new)))


def _judged(reads: Reads, cuts: tuple[float, ...], activation: str | None, meant: str) -> tuple[bool | None, str]:
    """Return whether what a metric reads is what a head gives, and why."""
    if reads is Reads.ORDER:
        return True, "it reads only which unit is greatest"
    if reads is Reads.CONSTANT:
        return False, "it says the same of every output"
    if reads is Reads.NUMBERS or activation not in {"none", "sigmoid", "softmax"}:
        return None, ""
    if reads is Reads.CUT:
        return _judged_cut(cuts, activation, meant)
    gives = Reads.LOGITS if activation == "none" else Reads.PROBABILITIES
    if reads is gives:
        return True, f"it reads {reads}, and the head gives them"
    if reads is Reads.PROBABILITIES:
        return False, "it reads numbers from 0 to 1, and the head gives logits"
    return False, f"it reads logits and applies the activation itself, and the head gives {activation} probabilities"


def _judged_cut(cuts: tuple[float, ...], activation: str, meant: str) -> tuple[bool | None, str]:
    if activation != "none":
        outside = [cut for cut in cuts if not 0 < cut < 1]
        if outside:
            return False, f"it cuts at {outside[0]:g}, and every {activation} probability is above 0 and below 1"
        return True, f"it cuts at p = {', '.join(f'{cut:g}' for cut in cuts)}"
    if meant == "softmax":
        return False, f"it cuts at {cuts[0]:g}, and the head gives logits: their softmax is not known from one of them"
    wrong = [cut for cut in cuts if abs(cut) > NEAR]
    if not wrong:
        return True, "it cuts at logit 0, which is p = 0.5"
    means = "; ".join(f"{cut:g} on a logit is p = {special.expit(cut):.2f}" for cut in wrong)
    if any(abs(cut - 0.5) <= NEAR for cut in wrong):
        return False, f"it cuts at {', '.join(f'{cut:g}' for cut in cuts)}, and the head gives logits: {means}"
    return None, f"it cuts at a logit of your own: {means}"


def _mended(tried: Tried, units: int, labels: str, activation: str | None, meant: str) -> str:
    """Return a metric of the same kind that fits, seen to do so; empty where there is none."""
    config = config_of(tried.metric)
    cut = 0.0 if activation == "none" else 0.5
    for change in ({"threshold": cut}, {"thresholds": cut}, {"from_logits": activation == "none"}):
        if not set(change) <= set(config):
            continue
        try:
            new = resolve(type(tried.metric).from_config({**config, **change}), units, labels)
            reads, cuts = reading(new, units)
            if _judged(reads, cuts, activation, meant)[0] and _suits(new, units, activation, meant, reads):
                return as_code(new.metric, config_of(new.metric))
        except Exception:  # noqa: S112 - a metric that refuses the change cannot be put right by it
            continue
    return ""


def _suits(tried: Tried, units: int, activation: str | None, meant: str, reads: Reads) -> bool:
    """Return whether a metric that reads a softmax's logits applies a softmax: no common shift changes what it says."""
    if activation != "none" or meant != "softmax" or reads is not Reads.LOGITS:
        return True
    logits, turns = np.random.default_rng(1).normal(size=(12, units)), min(12, units)
    truth = np.eye(turns, units)[np.arange(12) % turns]
    return bool(np.allclose(tried.says(truth, logits), tried.says(truth, logits + 1.5), atol=1e-4))
