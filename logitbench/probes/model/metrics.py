"""Whether a compiled metric fits what a head gives, and which one does."""

from __future__ import annotations

import re
from typing import Any

import keras
import numpy as np
from scipy import special

from logitbench.errors import first_line
from logitbench.probes.model import kinds
from logitbench.probes.model.asking import Tried, reading, resolve
from logitbench.probes.model.configured import as_code, config_of, kind_of, name_of
from logitbench.probes.model.records import MetricReading, Reads

NEAR = 1e-3
"""How close to a number a cut is taken to be that number."""


def read_metric(
    asked: Any, units: int, labels: str | None, activation: str | None, meant: str | None, rank: int = 2
) -> MetricReading:
    """Find what a metric does to the output of a head, and what puts it right.

    Args:
        asked: As ``compile`` was given it.
        units: Of the output.
        labels: How the loss takes its labels: ``numbers``, ``one-hot`` or ``class numbers``. None where that is not
            known: one-hot labels are tried then, and a metric of other labels is not told.
        activation: The head's: ``none``, ``sigmoid`` or ``softmax``; others are not judged.
        meant: The activation that the loss is of, ``sigmoid`` or ``softmax``; None where that is not known, and then no
            metric is judged: a regression's numbers are neither logits nor probabilities.
        rank: Number of axes of the model's output.
    """
    form = labels or ("numbers" if units == 1 else "one-hot")
    try:
        tried = _tried(asked, units, form, rank)
        reads, cuts = reading(tried, units)
    except Exception as error:
        why = f"it could not be tried: {type(error).__name__}: {_said(error)}"
        code = _of_another_kind(asked, units, labels, activation, meant)
        if code:
            why = f"it raises {type(error).__name__} on labels as the loss takes them, which are {labels}"
        name, fits = name_of(asked), False if code else None
        return MetricReading(name, name, Reads.UNKNOWN, (), fits, why if meant else "", code, other_kind=bool(code))
    kind = kind_of(tried.metric)
    if meant is None or (reads is Reads.CONSTANT and not kind.startswith("keras.")):
        return MetricReading(tried.name, kind, reads, cuts)  # a metric of the user's may count what it likes
    if reads is Reads.ORDER and meant == "sigmoid" and activation in {"none", "sigmoid"}:
        return _of_several_labels(asked, tried, activation)
    if other := _why_of_another_kind(tried, kind, reads, units, labels, activation, meant):
        code = _of_another_kind(asked, units, labels, activation, meant)
        return MetricReading(tried.name, kind, reads, cuts, False, other, code, other_kind=True)
    fits, why = _judged(reads, cuts, activation, meant)
    if fits and not _suits(tried, units, activation, meant, reads):
        fits, why = False, "it takes the sigmoid of each logit, and the loss is of their softmax"
    code = ""
    if fits is False:
        code = _fixed(tried, units, form, activation, meant) or _of_another_kind(
            asked, units, labels, activation, meant
        )
    return MetricReading(tried.name, kind, reads, cuts, fits, why, code)


def _tried(asked: Any, units: int, labels: str, rank: int) -> Tried:
    try:
        return resolve(asked, units, labels)
    except Exception:
        if rank < 3:
            raise
        return resolve(asked, units, labels, (1,) * (rank - 2))


def _said(error: Exception) -> str:
    """Return what an error says, without the name that TensorFlow gives the operation."""
    return re.sub(r"\{\{.*?\}\} | \[Op:.*", "", first_line(error))[:200]


def _why_of_another_kind(
    tried: Tried, kind: str, reads: Reads, units: int, labels: str | None, activation: str | None, meant: str
) -> str:
    """Return why a metric is one of other labels or of another head; empty where it is not."""
    if not kind.startswith("keras.") or activation not in {"none", "sigmoid", "softmax"}:
        return ""
    if kind == "keras.metrics.Accuracy":
        return f"it compares the outputs with the labels as they are, and the head gives {_given_by(activation)}"
    if units > 1 and config_of(tried.metric).get("sparse_y_pred") is True:
        return f"it takes outputs for class numbers, and the head gives {_given_by(activation)} of {units} classes"
    if labels and reads is not Reads.CONSTANT and kinds.ignores_labels(tried, units):
        return f"it says the same whatever the label is: the loss takes {labels}, and this metric does not"
    if meant == "softmax" and kinds.counts_each_unit(tried, units):
        share = f"{1 - 2 / units:.0%}"
        return f"it compares each of {units} outputs with a threshold, so that a wrong class is {share} right"
    return ""


def _given_by(activation: str) -> str:
    return "logits" if activation == "none" else "probabilities"


def _of_another_kind(asked: Any, units: int, labels: str | None, activation: str | None, meant: str | None) -> str:
    """Return the counterpart of a metric for these labels and this head, seen to fit; empty where there is none."""
    if meant is None or labels is None:
        return ""
    for metric in kinds.counterparts(asked, units, labels, activation):
        try:
            new = resolve(metric, units, labels)
            reads, cuts = reading(new, units)
            other = _why_of_another_kind(new, kind_of(new.metric), reads, units, labels, activation, meant)
            if not other and _judged(reads, cuts, activation, meant)[0]:
                return as_code(metric, config_of(metric))
        except Exception:  # noqa: S112 - a metric that raises on these labels does not fit them
            continue
    return ""


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


def _fixed(tried: Tried, units: int, labels: str, activation: str | None, meant: str) -> str:
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
