"""``probe_model`` and ``loss_path``: what a compiled model, or a bare loss on a bare head, computes."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from logitbench.errors import UsageError
from logitbench.heads import OVER_BATCH, LossPath
from logitbench.probes.loss.settings import IN_TRAINING
from logitbench.probes.model import driving, looking, metrics
from logitbench.probes.model.advice import ORDER, advise, untold
from logitbench.probes.model.configured import (
    as_code,
    config_of,
    defaults_of,
    from_logits_of,
    metrics_of,
    name_of,
    of_output,
)
from logitbench.probes.model.inputs import CannotTellError
from logitbench.probes.model.labels import is_of_keras
from logitbench.probes.model.leaving import as_it_was
from logitbench.probes.model.paths import read_loss
from logitbench.probes.model.records import Advice, Batch, LossReading, ModelProbe, OutputProbe

NOT_COMPILED = (
    "the model is not compiled, so it has no loss. Compile it where it is built, with the loss of your training: "
    'model.compile(optimizer="adam", loss=..., metrics=[...])'
)
"""Why no loss is measured."""

LOSSES = {
    ("binary cross-entropy", "numbers"): keras.losses.BinaryCrossentropy,
    ("binary cross-entropy", "one-hot"): keras.losses.BinaryCrossentropy,
    ("categorical cross-entropy", "one-hot"): keras.losses.CategoricalCrossentropy,
    ("categorical cross-entropy", "class numbers"): keras.losses.SparseCategoricalCrossentropy,
    ("binary focal cross-entropy", "numbers"): keras.losses.BinaryFocalCrossentropy,
    ("binary focal cross-entropy", "one-hot"): keras.losses.BinaryFocalCrossentropy,
    ("categorical focal cross-entropy", "one-hot"): keras.losses.CategoricalFocalCrossentropy,
}
"""Keras's own, by what was found."""


def probe_model(model: Any) -> ModelProbe:
    """Measure what a compiled Keras model computes: its heads, losses and metrics, output by output.

    What Keras keeps does not change: no weight, no optimizer, no metric's state, no seed. Of what a layer of your own
    does besides when it is called, the global generators of random numbers and its TensorFlow variables or PyTorch
    buffers are put back; its Python attributes are not.

    Args:
        model: A ``keras.Model``, built or Sequential. One that is not compiled is probed as far as that goes.

    Raises:
        UsageError: It is no Keras model.
    """
    if not isinstance(model, keras.Model):
        raise UsageError(f"expected a keras.Model, got {type(model).__name__}", "Pass the model itself, compiled.")
    # Keras itself draws from a global generator: the seeds for the copy of a model that is not built.
    with as_it_was(model), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        execution = _execution(model)
        found = [_probed(model, place, execution, seen) for seen in [_seen(model)] for place in range(_count(seen))]
    advice = [*_on_own_steps(model), *(one for _, advice in found for one in advice)]
    said = (str(one.message).strip() for one in caught if issubclass(one.category, UserWarning))
    return ModelProbe(
        backend=keras.config.backend(),
        keras=keras.__version__,
        execution=execution,
        outputs=tuple(output for output, _ in found),
        advice=tuple(sorted(advice, key=lambda one: ORDER.index(one.level))),
        warnings=tuple(dict.fromkeys(said)),
    )


def loss_path(loss: Any, activation: Any = None, *, units: int | None = None, policy: str = "float32") -> LossReading:
    """Measure which loss is computed from the logits of a Dense layer with this activation, as ``fit`` computes it.

    Args:
        loss: As ``compile`` takes it: a name, a function or a ``keras.losses.Loss``.
        activation: As ``Dense`` takes it: a name, a function or None.
        units: Of the layer; by default 1, and 3 where a loss of one unit is none that is known.
        policy: Keras's dtype policy for the layer.

    Raises:
        UsageError: There is no such loss or activation.
    """
    first = 3 if activation in {"softmax", keras.activations.softmax} else 1
    readings = [_bare(loss, activation, number, policy) for number in ([units] if units else sorted({first, 3}))]
    known = (one for one in readings if one.path not in {None, LossPath.OTHER})
    return next(known, readings[0] if readings[0].path else readings[-1])


def _bare(loss: Any, activation: Any, units: int, policy: str) -> LossReading:
    try:
        if loss not in {"crossentropy", "ce"}:  # which Keras makes out by shapes
            keras.losses.get(loss)
        head = keras.layers.Dense(units, activation=activation, dtype=policy, name="head")
        model = keras.Sequential([keras.Input((1,)), head], name="bare")
        model.compile(optimizer=None, loss=loss)
    except (TypeError, ValueError) as error:
        raise UsageError(f"no such head or loss: {error}", "They are what Dense and compile take.") from error
    return probe_model(model).outputs[0].reading


def _on_own_steps(model: Any) -> list[Advice]:
    """Say where a model does its own training, which may not take the loss that it was compiled with."""
    own = [
        name for name in ("train_step", "compute_loss") if getattr(type(model), name) is not getattr(keras.Model, name)
    ]
    what = "The model has a {0} of its own: what is found here is of the loss and metrics that it was compiled with."
    return [untold("", what.format(name)) for name in own]


def _execution(model: Any) -> str:
    """Return how ``fit`` computes on this backend, as the model was compiled."""
    usual = IN_TRAINING[keras.config.backend()]
    if getattr(model, "run_eagerly", False):
        return "eager"
    return "jit" if usual == "graph" and model.compiled and model.jit_compile else usual


def _seen(model: Any) -> looking.Seen | CannotTellError:
    try:
        return looking.look(model)
    except CannotTellError as error:
        return error


def _count(seen: looking.Seen | CannotTellError) -> int:
    return len(seen.outputs) if isinstance(seen, looking.Seen) else 1


def _probed(
    model: Any, place: int, execution: str, seen: looking.Seen | CannotTellError
) -> tuple[OutputProbe, list[Advice]]:
    names = list(seen.outputs) if isinstance(seen, looking.Seen) else ["output"]
    name = names[place]
    loss = of_output(getattr(model, "loss", None), place, name, len(names)) if model.compiled else None
    driver, why = None, ""
    try:
        if isinstance(seen, CannotTellError):
            raise seen
        driver = driving.drive(seen, place, execution)
    except CannotTellError as error:
        why = f"{error.message}{'. ' if error.hint else ''}{error.hint.rstrip('.')}"
    if driver is None:
        reading = LossReading(None, why=why)
    elif loss is None:
        reading = LossReading(None, why=NOT_COMPILED if not model.compiled else "it has no loss")
    else:
        reading = read_loss(driver.head, loss)
    asked = metrics_of(model, names)[place] if driver else []
    batch = driver.batch if driver else None
    if batch is Batch.SOFTMAX and not _is_of_each_example(loss, reading):
        batch = Batch.MIXED
    output = OutputProbe(
        name=name,
        layer=driver.layer if driver else None,
        units=driver.head.units if driver else None,
        activation=OVER_BATCH if batch is Batch.SOFTMAX else driver.activation if driver else None,
        precision=driver.precision if driver else None,
        loss=None if loss is None else name_of(loss),
        from_logits=None if loss is None else from_logits_of(loss),
        reading=reading,
        metrics=tuple(replace(_metric(one, driver, reading), weighted=weighted) for one, weighted in asked if driver),
        batch=batch,
        given_loss=_given(place, names, [_as_given(model, at, names) for at in range(len(names))]),
        given_metrics=_given(place, names, [None] * len(names)),
    )
    return output, advise(output, keras.config.backend(), _written(loss, reading, True), _written(loss, reading, False))


def _is_of_each_example(loss: Any, reading: LossReading) -> bool:
    """Return whether a loss is known to be one of each example, and not one over the batch."""
    known = reading.family is not None or (loss is not None and is_of_keras(loss))
    return known and config_of(loss).get("axis", -1) != 0


def _given(place: int, names: list[str], others: Sequence[str | None]) -> str:
    """Return how ``compile`` is given a loss or metrics for one output, beside the code of those of the others."""
    if len(names) == 1:
        return "{}"
    codes = ["{}" if at == place else code for at, code in enumerate(others)]
    if names != [f"output {number}" for number in range(1, len(names) + 1)]:
        first = sorted(zip(names, codes, strict=True), key=lambda entry: entry[0] != names[place])
        return f"{{{', '.join(f'{json.dumps(name)}: {code}' for name, code in first if code)}}}"
    return f"[{', '.join(code or 'None' for code in codes)}]"


def _as_given(model: Any, place: int, names: list[str]) -> str:
    """Return the Python of the loss that ``compile`` was given for an output, ``...`` for one of the user's own."""
    loss = of_output(getattr(model, "loss", None), place, names[place], len(names)) if model.compiled else None
    if loss is None:
        return "None"
    if isinstance(loss, str):
        return json.dumps(loss)
    if not is_of_keras(loss):
        return "..."
    if not isinstance(loss, keras.losses.Loss):
        return f"keras.losses.{name_of(loss)}"
    arguments = defaults_of(type(loss).__init__)
    kept = {key: value for key, value in getattr(loss, "_fn_kwargs", {}).items() if key in arguments}
    return as_code(loss, {**config_of(loss), **kept})  # the config of a Huber lacks its delta


def _metric(asked: Any, driver: driving.Driver, reading: LossReading) -> Any:
    units = driver.head.units
    meant = driver.activation if driver.activation in driving.PROBABILITIES else None
    if reading.family is not None:
        meant = "softmax" if reading.family.startswith("categorical") else "sigmoid"
    labels = reading.labels if reading.family else None  # of an unknown loss it is the form that raised no error
    return metrics.read_metric(asked, units, labels, driver.activation, meant, len(driver.head.shape))


def _written(loss: Any, reading: LossReading, from_logits: bool) -> str:
    """Return the Python of the same loss of Keras, told so; for a function of the user's, of the one that it equals."""
    made = LOSSES.get((reading.family or "", reading.labels or ""))
    if made is None:
        return ""
    keeps = config_of(loss) if isinstance(loss, made) else {}
    made_so = made.from_config({**keeps, "from_logits": from_logits}) if keeps else made(from_logits=from_logits)
    return as_code(made_so, config_of(made_so))
