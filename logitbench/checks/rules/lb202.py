"""A metric treats logits as probabilities, or probabilities as logits.

## What it does

Finds `AUC`, the cross-entropy metrics, and metrics such as `PrecisionAtRecall` and `SensitivityAtSpecificity`,
without `from_logits=True` on a head that gives logits. It also finds `from_logits=True` on a head that gives
probabilities.

## Why is this bad?

`AUC` and similar metrics use thresholds from 0 to 1, so all logits above 1 look the same to them. The logits 2 and 3
with the labels 0 and 1 have an AUC of 0.50 instead of 1.00.

A cross-entropy metric without `from_logits=True` clips logits to the interval from 0 to 1 and takes their log: a
logit of 20 with label 0 counts 15.94 instead of 20.00.

With `from_logits=True` on probabilities, the metric applies the activation twice: the same example counts 1.31. Keras
on TensorFlow recovers the logits for a cross-entropy metric and counts 20.00, so there it is only a warning.

## Example

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=[keras.metrics.AUC()])

## Use instead

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(
        loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=[keras.metrics.AUC(from_logits=True)]
    )

`PrecisionAtRecall`, `SensitivityAtSpecificity` and similar metrics have no `from_logits`: end the model in an
activation.

## Limits

Not reported: `MeanSquaredError`, because it may be meant on logits. Not detected: metrics that are updated by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.interpret import known
from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.interpret.values import Metric
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import fixes, words

SEVERITY = Severity.ERROR
WITH_FROM_LOGITS = known.CROSSENTROPY_METRICS - {"crossentropy"} | {"AUC"}


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find metrics that read what the head does not give."""
    if not isinstance(event, Pair):
        return
    for metric in event.metrics:
        if metric.kind not in known.CROSSENTROPY_METRICS | known.RANGE_METRICS:
            continue
        where = words.place(metric.node, event.node)
        if words.gives_logits(event.tensor, event.loss) and metric.from_logits is False:
            what = f"{metric.kind} reads probabilities, and {words.head(event.tensor)} gives logits"
            remedy = _remedy(metric, event)
            fix = fixes.set_on_metric(metric, ("from_logits", "True", _slot(metric))) if remedy else None
            yield Problem(where, what, remedy, head=event.tensor.node, fix=fix)
        elif words.gives_probabilities(event.tensor) and metric.from_logits is True:
            what = f"{metric.kind} has from_logits=True, and {words.head(event.tensor)} gives probabilities"
            mild = metric.kind != "AUC" and backend == "tensorflow" and words.is_recovered(event.tensor, event.loss)
            remedy = words.metric_call(metric, metric.kind, "from_logits", "", _slot(metric))
            plain = event.loss.from_logits is False  # else it is not known which of them was meant
            fix = fixes.set_on_metric(metric, ("from_logits", None, _slot(metric)), safe=plain)
            yield Problem(where, what, remedy, Severity.WARNING if mild else None, event.tensor.node, fix)


def _slot(metric: Metric) -> int | None:
    return None if metric.kind == "AUC" else 2


def _remedy(metric: Metric, event: Pair) -> str:
    if metric.kind == "AUC" and event.loss.family == "categorical":
        return ""  # from_logits=True applies a sigmoid
    if metric.kind not in WITH_FROM_LOGITS:
        return ""
    return words.metric_call(metric, metric.kind, "from_logits", "True", _slot(metric))
