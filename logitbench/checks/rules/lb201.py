"""A metric applies a probability threshold to logits.

## What it does

Finds `"accuracy"`, `BinaryAccuracy`, `Precision`, `Recall`, `BinaryIoU` and the counts of true and false positives
and negatives, with their default threshold of 0.5, on a head that gives logits. It also finds `F1Score` and
`FBetaScore` with the threshold 0.5, or without a threshold on one unit.

## Why is this bad?

A logit of 0.5 is a probability of 0.62. For a logit between 0 and 0.5 the model predicts the positive class, but the
metric counts the negative class. So the metric disagrees with the loss.

`logitbench run breast-cancer --arms logits,probs --epochs 1` shows the effect on TensorFlow. The logits head reports
a mean val_accuracy of 0.38 and the sigmoid head 0.56, with equal losses and equal weights.

## Example

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])

## Use instead

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
    )

`F1Score` refuses a threshold of 0: end the model in a sigmoid instead. Without a threshold, `F1Score` takes the
largest output of each row. That is the same for logits and probabilities, but a single unit is always the largest:
every example counts as positive.

## Limits

Not reported: a threshold other than 0.5, and `"accuracy"` on several units with a categorical loss. That compares the
largest outputs and is right on logits. Not detected: metrics that a training loop updates by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from logitbench.checks.interpret import known
from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.interpret.values import Metric
from logitbench.checks.records import Severity
from logitbench.checks.rule import Problem
from logitbench.checks.rules import fixes, words

SEVERITY = Severity.ERROR
THRESHOLD = {"BinaryAccuracy": ("threshold", 2), "BinaryIoU": ("threshold", 1)}
"""How a metric's threshold is called, and where among the arguments it may stand; ``thresholds`` is first."""


def check(event: Event, backend: str) -> Iterator[Problem]:
    """Find metrics that cut logits where probabilities are to be cut."""
    del backend
    if not isinstance(event, Pair) or not words.gives_logits(event.tensor, event.loss):
        return
    for metric in event.metrics:
        problem = _about(event, metric)
        if problem is not None:
            yield replace(problem, head=event.tensor.node)


def _about(event: Pair, metric: Metric) -> Problem | None:
    binary = event.loss.family == "binary"
    where = words.place(metric.node, event.node)
    cuts = f"{metric.kind} cuts at 0.5, and {words.head(event.tensor)} gives logits"
    if metric.kind == "accuracy" and binary and event.tensor.units == 1:
        return Problem(
            where,
            f"{cuts}: a logit of 0.5 is a probability of 0.62",
            'keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")',
            fix=fixes.put_metric(metric, "BinaryAccuracy", "threshold=0.0"),
        )
    if metric.kind in known.CUT_METRICS and metric.cut == 0.5 and not metric.ranked:
        if not binary:
            return Problem(where, f"{cuts}: their softmax is not known from one of them")
        name, slot = THRESHOLD.get(metric.kind, ("thresholds", 0))
        return Problem(
            where,
            f"{cuts}: a logit of 0.5 is a probability of 0.62",
            words.metric_call(metric, metric.kind, name, "0.0", slot),
            fix=fixes.set_on_metric(metric, (name, "0.0", slot)),
        )
    if metric.kind in known.F_METRICS and binary and metric.cut == 0.5:
        return Problem(
            where, f"{cuts}: a logit of 0.5 is a probability of 0.62, and {metric.kind} takes no threshold of 0"
        )
    if metric.kind in known.F_METRICS and event.tensor.units == 1 and metric.cut is None:
        return Problem(
            where, f"{metric.kind} without a threshold takes the greatest of one unit: all is positive to it"
        )
    return None
