"""What a probe's findings mean and what to change: the words of the command and of the callback alike."""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.heads import LossPath
from logitbench.probes.model.records import Advice, Batch, Level, LossReading, MetricReading, OutputProbe, Reads

LOW = {"float16": 8, "bfloat16": 6}
"""About from which logit on a sigmoid is 1 in a dtype: backends differ by a tenth. A softmax's depends on its units."""

ORDER = tuple(Level)

OTHERWISE = {
    "softmax": ("where several classes may be right at once", "keras.losses.BinaryCrossentropy()"),
    "sigmoid": ("where one class is right", "keras.losses.CategoricalCrossentropy()"),
}
"""What else may have been meant where an activation other than this one stands before the loss of this one."""

AT_ONCE = 0.001
"""Up to which logit a gradient is said to be gone from the start."""

UNDETERMINED = "LB000"
"""The code of an undetermined result in ``logitbench check``."""

RULES = {
    Reads.CUT: "LB201",
    Reads.PROBABILITIES: "LB202",
    Reads.LOGITS: "LB202",
    Reads.CONSTANT: "LB202",
    Reads.ORDER: "LB203",
}
"""Its rule on a metric that reads what the head does not give."""

OTHER_KIND = "LB204"
"""Its rule on a metric that expects other labels or another head."""

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def untold(output: str, what: str) -> Advice:
    """Return advice for an undetermined result."""
    return Advice(Level.UNKNOWN, output, what, rule=UNDETERMINED)


def advise(output: OutputProbe, backend: str, loss_of_logits: str, loss_of_probabilities: str) -> list[Advice]:
    """Return what to change about one output, the gravest first.

    Args:
        output: What was found.
        backend: Keras's.
        loss_of_logits: The Python of the same loss that takes logits.
        loss_of_probabilities: And of the one that takes probabilities.
    """
    of_logits, of_probabilities = (_loss(output, one) for one in (loss_of_logits, loss_of_probabilities))
    found = [
        *_on_units(output),
        *_on_batch(output),
        *(_on_path(output, backend, of_logits, of_probabilities) if output.batch is not Batch.SOFTMAX else ()),
        *_on_precision(output),
        *(one for metric in output.metrics for one in _on_metric(output, metric)),
    ]
    return sorted(found, key=lambda one: ORDER.index(one.level))


def _on_units(output: OutputProbe) -> Iterator[Advice]:
    if output.units == 1 and output.activation == "softmax":
        yield Advice(
            Level.WRONG,
            output.name,
            "The softmax of one unit is 1, whatever its logit: every prediction is the same.",
            'keras.layers.Dense(1, activation="sigmoid")',
            "LB104",
        )


def _loss(output: OutputProbe, loss: str) -> str:
    """Return what ``compile`` is given to change the loss of one output; empty where there is no loss to give."""
    if not loss:
        return ""
    code = f"loss={output.given_loss.replace('{}', loss)}"
    return f"{code}  # keep the loss of the other outputs in place of ..." if "..." in output.given_loss else code


def _on_batch(output: OutputProbe) -> Iterator[Advice]:
    """Say where the output of one example depends on the other examples of its batch."""
    if output.batch is Batch.SOFTMAX:
        yield Advice(
            Level.WRONG,
            output.name,
            "The softmax is over the batch, not over the units: the output of one example depends on the other "
            "examples, and its units do not add up to 1.",
            f'keras.layers.Dense({output.units}, activation="softmax")  # in place of the softmax over axis 0',
            "LB108",
        )
    elif output.batch is Batch.MIXED:
        what = "The output of one example depends on the other examples of its batch."
        yield Advice(Level.NOTE, output.name, what)


def _on_path(output: OutputProbe, backend: str, of_logits: str, of_probabilities: str) -> Iterator[Advice]:
    reading, name = output.reading, output.name
    linear = f"keras.layers.Dense({output.units})  # no activation\n{of_logits}{_then_metrics(output)}"
    end = _dies(reading)
    if reading.path is None:
        level = Level.NOTE if output.loss is None and output.layer else Level.UNKNOWN
        yield Advice(
            level, name, f"logitbench could not determine which loss is computed: {reading.why}.", rule=UNDETERMINED
        )
    elif reading.path is LossPath.OTHER:
        yield Advice(
            Level.NOTE,
            name,
            "The loss is none that is known: it agrees with no cross-entropy in value and gradient."
            + (end if output.activation in {"sigmoid", "softmax"} else ""),
            rule=UNDETERMINED,
        )
    elif reading.path is LossPath.RAW:
        yield Advice(
            Level.WRONG,
            name,
            "The loss reads logits as if they were probabilities." + end,
            of_logits,
            "LB101",
        )
    elif reading.path is LossPath.DOUBLE:
        what = f"The {reading.through} is applied twice: by the model and by the loss." + end
        better = "" if _has_no_better(output, backend) else f"\n# or, which keeps every gradient:\n{linear}"
        yield Advice(Level.WRONG, name, what, f"{of_probabilities}{better}", "LB102")
    elif reading.path is LossPath.CLIPPED:
        what = "The loss takes probabilities, clips them and takes their log." + end
        if _has_no_better(output, backend):
            rule = "LB106" if output.activation == "none" else ""
            yield Advice(Level.NOTE, name, f"{what} Keras has no better form of this loss.", rule=rule)
        else:
            yield Advice(Level.RISK, name, what, linear if of_logits else "", "LB302")
    elif output.activation in {"sigmoid", "softmax"} and not list(_on_kind(output)) and not list(_on_units(output)):
        yield _recovered(output, backend, linear, of_probabilities)
    yield from _on_break(output, linear if of_logits else "")
    if reading.path in {LossPath.FUSED, LossPath.CLIPPED, LossPath.DOUBLE}:
        yield from _on_kind(output)


def _dies(reading: LossReading) -> str:
    if reading.dead_from is None:
        return ""
    start = f"From a logit of {reading.dead_from:.4g} on" if reading.dead_from > AT_ONCE else "At any logit"
    return f" {start} a wrong prediction can have no gradient: it is never unlearned."


def _then_metrics(output: OutputProbe) -> str:
    """Name the metrics that fit probabilities and would not fit the logits that are advised."""
    read = {Reads.CUT: "thresholds at 0 in place of 0.5", Reads.PROBABILITIES: "from_logits=True, or an activation"}
    return "".join(
        f"\n# its metric {metric.name!r} then needs {read[metric.reads]}"
        for metric in output.metrics
        if metric.fits and metric.reads in read and output.activation != "none"
    )


def _on_break(output: OutputProbe, remedy: str) -> Iterator[Advice]:
    if output.reading.broken_at is not None:
        what = (
            f"At a logit of {output.reading.broken_at:g} the loss or its gradient is no number: one such example "
            "spoils all."
        )
        # Below float32 that is where it comes from; else a log is taken of what is rounded to 0.
        yield Advice(Level.WRONG, output.name, what, remedy, "LB301" if output.precision in LOW else "LB105")


def _has_no_better(output: OutputProbe, backend: str) -> bool:
    """Return whether Keras clips the probabilities of this loss whatever it is given: the remedy would change nothing.

    The focal losses take the activation of logits and go on with probabilities; TensorFlow alone takes the logits of
    the binary one back.
    """
    family = output.reading.family or ""
    focal = family == "categorical focal cross-entropy" or ("focal" in family and backend != "tensorflow")
    return focal or (output.activation == "none" and output.from_logits is True)


def _recovered(output: OutputProbe, backend: str, linear: str, of_probabilities: str) -> Advice:
    taken = (
        f"The head ends in {output.activation}, and Keras on {BACKENDS[backend]} takes its logits back: the loss is "
        "exact here."
    )
    if output.from_logits:
        return Advice(
            Level.RISK,
            output.name,
            f"{taken} from_logits=True is wrong of it all the same: on JAX and PyTorch the {output.activation} is "
            "applied twice.",
            f"{of_probabilities}\n# or, the same on every backend:\n{linear}",
            "LB102",
        )
    return Advice(
        Level.NOTE,
        output.name,
        f"{taken} JAX and PyTorch clip the probabilities instead, as TensorFlow does after a Reshape, a cast or the "
        "like.",
        f"# the same on every backend:\n{linear}",
    )


def _on_kind(output: OutputProbe) -> Iterator[Advice]:
    """Say where the head's activation is not the one that its loss is of."""
    family = output.reading.family or ""
    own = "sigmoid" if family.startswith("binary") else "softmax"
    if output.activation in {"sigmoid", "softmax"} and output.activation != own and output.units != 1:
        when, other = OTHERWISE[own]
        yield Advice(
            Level.WRONG,
            output.name,
            f"The head ends in {output.activation}, and {family} is of {own} probabilities.",
            f'keras.layers.Dense({output.units}, activation="{own}")\n# or, {when}:\n{_loss(output, other)}',
            "LB103",
        )


def _on_precision(output: OutputProbe) -> Iterator[Advice]:
    if output.precision not in LOW or output.activation not in {"sigmoid", "softmax"}:
        return
    start = (
        "far earlier than in float32"
        if output.activation == "softmax"
        else f"from a logit of about {LOW[output.precision]} on"
    )
    yield Advice(
        Level.RISK,
        output.name,
        f"The {output.activation} is computed in {output.precision}: {start} it is exactly 1, and what the model knows "
        "past that is lost.",
        f'keras.layers.Dense({output.units}, activation="{output.activation}", dtype="float32")',
        "LB301",
    )


def _on_metric(output: OutputProbe, metric: MetricReading) -> Iterator[Advice]:
    about = f"The metric {metric.name!r} does not fit the head: {metric.why}."
    rule = OTHER_KIND if metric.other_kind else RULES.get(metric.reads, "")
    if metric.fits:
        return
    if metric.code:
        keyword = "weighted_metrics" if metric.weighted else "metrics"
        code = f"{keyword}={output.given_metrics.replace('{}', f'[{metric.code}]')}"
        if len(output.metrics) > 1 or output.given_metrics != "{}":
            code += "  # change this entry alone: keep the other metrics"
        yield Advice(Level.WRONG, output.name, about, code, rule)
    elif metric.fits is False:
        remedy = f" No setting of {metric.kind} fixes that."
        if output.activation == "none":
            remedy += " Give it probabilities: end the model in an activation, or apply one before the metric."
        yield Advice(Level.WRONG, output.name, about + remedy, rule=rule)
    elif metric.why:
        said = f"The metric {metric.name!r}: {metric.why}."
        yield Advice(Level.NOTE, output.name, said) if metric.cuts else untold(output.name, said)
