"""What a metric makes of outputs, told by what it says of chosen ones.

Metrics are tried as copies, in a model of their own: the user's keep their state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy import special

from logitbench.formulas import ACTIVATIONS, BINARY, CATEGORICAL
from logitbench.probes.model.configured import config_of
from logitbench.probes.model.records import Reads

Says = Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]
"""From labels, 0 and 1 or one-hot, and outputs, both [examples, units], to what the metric says, flat."""

GRID = (-8.0, -2.0, -0.25, 0.25, 0.75, 2.0, 8.0)
"""Outputs between which a cut is looked for."""

SEEN = (-2.0, 0.2, 0.7, 2.0)
"""Outputs of which a metric tells some apart if it looks at a unit."""

WATCHED = 4
"""Of how many units it is tried whether a metric looks at them."""

FAR_BELOW = -20.0
"""The outputs of the other units meanwhile."""


@dataclass(frozen=True)
class Tried:
    """A metric as Keras resolved it for an output.

    Args:
        name: As Keras prints it.
        metric: The object that computes it.
        says: Asks it.
        unit: Of the output, the one that it looks at.
    """

    name: str
    metric: Any
    says: Says
    unit: int = 0


def resolve(asked: Any, units: int, labels: str, places: tuple[int, ...] = ()) -> Tried:
    """Let Keras make out which metric is meant by a name, for labels and outputs of these shapes.

    Args:
        asked: As ``compile`` was given it.
        units: Of the output.
        labels: How labels are given.
        places: The axes of ones between examples and units; a metric of the user's may count axes.
    """
    copy = type(asked).from_config(asked.get_config()) if isinstance(asked, keras.metrics.Metric) else asked
    bare = keras.Sequential(name="bare")
    bare.compile(optimizer=None, loss=None, metrics=[copy])

    def says(truth: NDArray[Any], output: NDArray[Any]) -> NDArray[Any]:
        bare.reset_metrics()
        given = truth.argmax(axis=1).astype("int32") if labels == "class numbers" else truth.astype("float32")
        shaped, given = (x.reshape(len(x), *places, *x.shape[1:]) for x in (output, given))
        found = bare.compute_metrics(None, ops.convert_to_tensor(given), ops.convert_to_tensor(shaped, dtype="float32"))
        found.pop("loss", None)
        bare_names[:] = list(found)
        return np.ravel(ops.convert_to_numpy(next(iter(found.values()))))

    bare_names: list[str] = []
    says(np.eye(1, units), np.full((1, units), 0.5))
    (inner,) = (one for whole in bare.metrics if hasattr(whole, "metrics") for one in whole.metrics)
    return _watching(Tried(bare_names[0], inner, says), units)


def _watching(tried: Tried, units: int) -> Tried:
    """Return it with the unit that it looks at: the one it was told, or the first whose output it sees."""
    told = config_of(tried.metric).get("class_id")
    if isinstance(told, int) and 0 <= told < units:
        return replace(tried, unit=told)
    for unit in range(min(units, WATCHED)):
        one = replace(tried, unit=unit)
        if not all(_are_equal(said) for said in _alone(one, units, SEEN)):
            return one
    return tried


def reading(tried: Tried, units: int) -> tuple[Reads, tuple[float, ...]]:
    """Return what a metric makes of outputs, and its cuts."""
    if _says_one_thing(tried, units):
        return Reads.CONSTANT, ()
    if units > 1 and _sees_order_alone(tried, units):
        return Reads.ORDER, ()
    if reads := _as_cross_entropy(tried, units):
        return reads, ()
    if "num_thresholds" not in config_of(tried.metric):  # which has many cuts, and says where it finds the best one
        cuts = tuple(sorted(set(_cuts(tried, units))))
        if cuts and _sees_sides_alone(tried, units, cuts):
            return Reads.CUT, cuts
    if _is_blind_past_the_ends(tried, units) and not _is_blind_between(tried, units):
        return Reads.PROBABILITIES, ()
    return (Reads.LOGITS if config_of(tried.metric).get("from_logits") else Reads.NUMBERS), ()


def _classes(examples: int, units: int) -> NDArray[Any]:
    """Return labels in which every class has its turn; of a single unit, 0 and 1 have."""
    turns = max(min(examples, units), 2)
    return np.eye(turns, units)[np.arange(examples) % turns]


def _says_one_thing(tried: Tried, units: int) -> bool:
    rng, truth = np.random.default_rng(2), _classes(24, units)
    outputs = [0.1 + 0.8 * truth, 0.9 - 0.8 * truth, *(scale * rng.normal(size=(24, units)) for scale in (1, 1, 5, 5))]
    return _are_equal([tried.says(truth, one) for one in (*outputs, *(special.expit(one) for one in outputs))])


def _sees_order_alone(tried: Tried, units: int) -> bool:
    rng = np.random.default_rng(0)
    truth, outputs = _classes(24, units), rng.normal(size=(24, units))
    outputs[::2] += 3 * truth[::2]  # of many units a chance one is hardly ever right
    others = (3 * outputs, special.softmax(outputs, axis=1), outputs - 5)
    first = tried.says(truth, outputs)
    return all(np.allclose(first, tried.says(truth, other), atol=1e-6) for other in others)


def _as_cross_entropy(tried: Tried, units: int) -> Reads | None:
    """Return what a metric reads that is a cross-entropy: from that it has the exact value."""
    family = BINARY if units == 1 else CATEGORICAL
    logits = np.random.default_rng(0).normal(size=(6, units))
    truth = _classes(6, units)
    exact = family.of_logits(logits, truth)[0].mean()
    for reads, outputs in ((Reads.LOGITS, logits), (Reads.PROBABILITIES, ACTIVATIONS[family.activation](logits)[0])):
        said = tried.says(truth, outputs)
        if said.size == 1 and np.allclose(said, exact, rtol=1e-4):
            return reads
    return None


def _one(tried: Tried, value: float, units: int) -> NDArray[Any]:
    row = np.full((1, units), FAR_BELOW)
    row[0, tried.unit] = value
    return row


def _labels(tried: Tried, units: int) -> NDArray[Any]:
    """Return two examples' labels: the first is not of the unit's class, the second is."""
    truth = np.zeros((2, units))
    truth[1, tried.unit] = 1
    if units > 1:
        truth[0, (tried.unit + 1) % units] = 1
    return truth


def _alone(tried: Tried, units: int, values: tuple[float, ...]) -> list[list[NDArray[Any]]]:
    """Return what is said of single examples with these outputs, for either label."""
    return [[tried.says(truth[None], _one(tried, value, units)) for value in values] for truth in _labels(tried, units)]


def _cuts(tried: Tried, units: int) -> Iterator[float]:
    """Yield, for each number that a metric gives, the output at which what it says jumps, and says but two things."""
    for truth in _labels(tried, units):
        curve = np.stack([tried.says(truth[None], _one(tried, value, units)) for value in GRID])
        for column in range(curve.shape[1]):
            yield from _jump(tried, truth[None], curve[:, column], column)


def _jump(tried: Tried, truth: NDArray[Any], curve: NDArray[Any], column: int) -> Iterator[float]:
    jumps = np.flatnonzero(np.diff(curve))
    if len(jumps) != 1:
        return
    low, high = GRID[jumps[0]], GRID[jumps[0] + 1]
    below, above = curve[jumps[0]], curve[jumps[0] + 1]
    while high - low > 1e-6:
        middle = (low + high) / 2
        now = tried.says(truth, _one(tried, middle, truth.shape[1]))[column]
        if now not in {below, above}:
            return
        low, high = (middle, high) if now == below else (low, middle)
    yield round((low + high) / 2, 4) + 0.0


def _pairs(tried: Tried, units: int, pairs: tuple[tuple[float, float], ...]) -> list[NDArray[Any]]:
    """Return what is said of two examples, of which the second is of the watched unit's class, by their outputs."""
    truth = _labels(tried, units)
    return [tried.says(truth, np.concatenate([_one(tried, a, units), _one(tried, b, units)])) for a, b in pairs]


def _sees_sides_alone(tried: Tried, units: int, cuts: tuple[float, ...]) -> bool:
    """Return whether two outputs on one side of every cut may change places without a word."""
    top, bottom = max(cuts), min(cuts)
    return all(
        _are_equal(_pairs(tried, units, ((a, b), (b, a))))
        for near, far in ((0.1, 0.3), (1.0, 4.0))
        for a, b in ((top + near, top + far), (bottom - near, bottom - far))
    )


def _are_equal(said: list[NDArray[Any]]) -> bool:
    return all(np.allclose(said[0], other, rtol=1e-5, equal_nan=True) for other in said[1:])


def _is_blind_past_the_ends(tried: Tried, units: int) -> bool:
    """Return whether nothing past 0 and 1 is told apart: no two outputs that change places, and none alone."""
    ends = ((2.0, 5.0), (-5.0, -2.0))
    return all(
        _are_equal(_pairs(tried, units, ((a, b), (b, a)))) and all(map(_are_equal, _alone(tried, units, (a, b))))
        for a, b in ends
    )


def _is_blind_between(tried: Tried, units: int) -> bool:
    return _are_equal(_pairs(tried, units, ((0.2, 0.7), (0.7, 0.2), (0.1, 0.4), (0.9, 0.6))))
