"""Published values of activations, and what is known of their ends, on each backend that is installed."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitbench.errors import UsageError
from logitbench.probes.activation import process as activation_process
from logitbench.probes.activation import records as activation_records
from logitbench.probes.activation.records import ActivationProbe, Found, InPrecision, Request, setting

ROW = (1.5, 4.4, 2.0)
SOFTMAX = "0.04802413 0.87279755 0.0791784"

PUBLISHED: dict[str, tuple[list[str], str]] = {
    "sigmoid": ([], "0.00669285 0.04742587 0.26894143 0.7310586 0.95257413 0.9933072"),
    "tanh": ([], "-0.99990916 -0.9950547 -0.7615942 0.7615942 0.9950547 0.99990916"),
    "relu": ([], "0 0 0 1 3 5"),
    "relu, slope": (["relu.negative_slope=2"], "-10 -6 -2 1 3 5"),
    "relu, greatest": (["relu.max_value=2"], "0 0 0 1 2 2"),
    "relu, threshold": (["relu.alpha=2", "relu.threshold=3.5"], "-17 -13 -9 -5 -1 5"),
}
"""By a TensorFlow 2.0 article, at the inputs that are shown unasked, as NumPy prints them."""


def probe(*names: str, sets: Sequence[str] = (), at: tuple[float, ...] = activation_records.AT) -> Found:
    """Measure in this process, which starts TensorFlow once for all."""
    from logitbench.probes.activation import activations

    return activations.probe(Request(names, tuple(map(setting, sets)), at))


def one(found: Found, name: str, precision: str = "float32") -> InPrecision:
    return {which.precision: which for which in named(found, name).precisions}[precision]


def named(found: Found, name: str) -> ActivationProbe:
    return next(activation for activation in found.probes if activation.name == name)


def values(found: Found, name: str) -> list[float]:
    return [float(np.float32(place.value)) for place in one(found, name).places]


def printed(numbers: list[float]) -> str:
    return " ".join(np.format_float_positional(np.float32(number), precision=8, trim="-") for number in numbers)


@pytest.fixture(scope="module")
def found() -> Found:
    """All activations on TensorFlow."""
    return probe()


@pytest.mark.parametrize("what", PUBLISHED)
def test_published_values_come_out_to_the_printed_digits(found: Found, what: str) -> None:
    sets, published = PUBLISHED[what]
    name = what.partition(",")[0]
    assert printed(values(probe(name, sets=sets) if sets else found, name)) == published


@pytest.mark.slow
def test_published_values_of_softmax_come_out_without_onednn_and_within_2_last_places_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = [float(number) for number in SOFTMAX.split()]
    np.testing.assert_allclose(values(probe("softmax", at=ROW), "softmax"), published, rtol=0, atol=1.5e-7)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert printed(values(activation_process.probe(Request(("softmax",), at=ROW)), "softmax")) == SOFTMAX


@pytest.mark.slow
def test_published_values_come_out_on_torch_to_the_printed_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("torch") is None:
        pytest.skip("torch is not installed")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    measured = activation_process.probe(Request(("softmax", "sigmoid"), at=ROW))
    assert measured.backend == "torch"
    assert printed(values(measured, "softmax")) == SOFTMAX
    for precision, first in {"bfloat16": 6.25, "float16": 8.32, "float32": 16.636, "float64": 36.737}.items():
        assert one(measured, "sigmoid", precision).stretches[1].low == pytest.approx(first, abs=1e-3)
    assert one(measured, "sigmoid").stretches[0].high == pytest.approx(-88.72, abs=0.01)


def test_every_activation_of_keras_is_measured_or_why_not_is_said(found: Found) -> None:
    import keras

    public = {
        function.__name__
        for name, function in vars(keras.activations).items()
        if callable(function) and name not in {"get", "serialize", "deserialize"}
    }
    assert {activation.name for activation in found.probes} == public - {"threshold"}
    assert [note.partition(":")[0] for note in found.notes] == ["threshold is left out"]
    assert all(
        tuple(which.precision for which in activation.precisions) == activation_records.PRECISIONS
        for activation in found.probes
    )


def test_which_act_on_a_row_is_told_by_what_they_do(found: Found) -> None:
    rows = {activation.name for activation in found.probes if activation.of_row}
    assert rows == {"glu", "log_softmax", "softmax", "sparsemax"}
    assert len(one(found, "glu").places) == len(activation_records.AT) // 2
    total = sum(place.value for place in one(found, "softmax").places)
    assert total == pytest.approx(1, abs=1e-6)


def test_a_derivative_of_a_row_is_of_each_entry_by_itself(found: Found) -> None:
    softmax = one(found, "softmax", "float64").places
    assert [place.derivative for place in softmax] == pytest.approx([p.value * (1 - p.value) for p in softmax])
    gates = [1 / (1 + math.exp(-x)) for x in activation_records.AT[3:]]
    assert [place.derivative for place in one(found, "glu", "float64").places] == pytest.approx(gates)


@pytest.mark.parametrize(
    ("precision", "first", "met"),
    [
        ("bfloat16", 6.25, 5.5625),
        ("float16", 8.3203125, 7.625),
        ("float32", 16.635532, None),
        ("float64", 54 * math.log(2), 36.737),
    ],
)
def test_sigmoid_is_1_from_where_it_is_known_to_be(
    found: Found, precision: str, first: float, met: float | None
) -> None:
    low, high, dead_low, dead_high = one(found, "sigmoid", precision).stretches
    assert (low.number, high.number, dead_low.number, dead_high.number) == (0, 1, 0, 0)
    assert high.low == dead_high.low == pytest.approx(first, rel=1e-6)
    assert high.met is None if met is None else high.met == pytest.approx(met, rel=1e-4)
    assert low.high < -high.low or precision == "float16"


def test_relu_and_its_kind_die_where_they_are_known_to(found: Found) -> None:
    dead = {
        name: {(where.low, where.high) for where in one(found, name).stretches if where.what == "gradient"}
        for name in ("relu", "relu6", "hard_shrink", "leaky_relu", "hard_silu")
    }
    assert dead == {
        "relu": {(-math.inf, 0)},
        "relu6": {(-math.inf, 0), (6, math.inf)},
        "hard_shrink": {(-0.5, 0.5)},
        "leaky_relu": set(),
        "hard_silu": {(-math.inf, -3)},
    }


def test_ranges_are_those_of_the_functions(found: Found) -> None:
    silu = one(found, "silu")
    assert silu.least.value == pytest.approx(-0.278464, abs=1e-6)
    assert silu.least.x == -1.28
    assert (one(found, "tanh").least.value, one(found, "tanh").greatest.value) == (-1, 1)
    assert [place.value for place in one(found, "relu").far] == [0, activation_records.FAR]
    assert one(found, "exponential").greatest.value == math.inf


def test_what_is_not_a_number_is_neither_the_least_nor_the_greatest() -> None:
    measured = one(probe("celu", sets=["celu.alpha=0"], at=(0.0,)), "celu")
    assert math.isnan(measured.places[0].value)
    assert (measured.least.value, measured.greatest.value) == (0, 0)  # of the negative ones; all others are NaN
    assert math.isnan(measured.far[1].value)


EXACT: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "mish": lambda x: x * mpmath.tanh(mpmath.log(1 + mpmath.exp(x))),
    "squareplus": lambda x: (x + mpmath.sqrt(x * x + 4)) / 2,
    "exponential": mpmath.exp,
    "log_sigmoid": lambda x: -mpmath.log(1 + mpmath.exp(-x)),
    "tanh_shrink": lambda x: x - mpmath.tanh(x),
}


@pytest.mark.parametrize("name", EXACT)
def test_values_and_derivatives_are_those_of_the_formula(found: Found, name: str) -> None:
    places = [*one(found, name, "float64").places, *named(found, name).curve]
    for number, place in enumerate(places):
        exactly = number < len(activation_records.AT) and name != "gelu"  # TensorFlow has its √2 in float32
        tolerance = 1e-12 if exactly else 2e-6
        x = mpmath.mpf(place.x)
        assert place.value == pytest.approx(float(EXACT[name](x)), rel=tolerance, abs=tolerance)
        assert place.derivative == pytest.approx(float(mpmath.diff(EXACT[name], x)), rel=tolerance, abs=tolerance)


def test_an_alias_and_an_old_argument_are_understood_and_todays_named() -> None:
    measured = probe("swish", "relu", sets=["relu.alpha=0.5", "relu.theta=1"])
    assert [(one.name, one.parameters) for one in measured.probes] == [
        ("silu", {}),
        ("relu", {"negative_slope": 0.5, "threshold": 1}),
    ]
    assert measured.notes == (
        "swish is another name of silu.",
        "relu's alpha is named negative_slope in Keras 3: --set relu.negative_slope=0.5",
        "relu's theta is named threshold in Keras 3: --set relu.threshold=1",
    )


def test_alpha_of_elu_is_still_its_own_name_and_threshold_is_measured_once_it_is_set() -> None:
    measured = probe(sets=["elu.alpha=2", "threshold.threshold=1", "threshold.default_value=7"], at=(-50.0, 1.0, 3.0))
    assert measured.notes == ()
    assert values(measured, "elu") == [-2, 1, 3]
    assert values(measured, "threshold") == [7, 7, 3]


@pytest.mark.parametrize(
    ("names", "sets", "message", "hint"),
    [
        (["sigmod"], [], "there is no activation 'sigmod' in Keras", "Did you mean 'sigmoid'?"),
        (["relu"], ["relu.negativ_slope=1"], "relu has no parameter 'negativ_slope'", "Did you mean 'negative_slope'?"),
        (["tanh"], ["tanh.alpha=1"], "tanh has no parameter 'alpha'", "tanh has none."),
        (["tanh"], ["relu.alpha=1"], "relu.alpha is set, but relu is not asked for", "Asked for: tanh."),
        (["relu"], ["relu.alpha=1", "relu.negative_slope=2"], "relu.negative_slope is set twice", "Set it once."),
        (["gelu"], ["gelu.approximate=2"], "gelu.approximate should be true or false, got 2", "approximate=False"),
        (["relu"], ["relu.max_value=true"], "relu.max_value should be a number, got True", "max_value=None"),
        (["threshold"], [], "threshold is left out: Keras has no default for threshold and default_value", ""),
        (["softmax"], ["softmax.axis=0"], "softmax is left out: it mixes the examples of a batch", ""),
    ],
)
def test_what_is_not_there_is_refused_and_the_nearest_is_named(
    names: list[str], sets: list[str], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        probe(*names, sets=sets)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["relu", "relu.negative_slope", "relu=2", ".alpha=2", "relu.=2", "relu.alpha=much"])
def test_a_parameter_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"got '{text}'"):
        setting(text)


@pytest.mark.parametrize("text", ["", "1,,2", "1;2", "x", "nan"])
def test_inputs_that_are_no_numbers_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="inputs are numbers with commas between"):
        activation_records.inputs(text)


@settings(max_examples=30)
@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_inputs_are_read_as_they_are_written(numbers: list[float]) -> None:
    assert activation_records.inputs(",".join(map(repr, numbers))) == tuple(numbers)


def test_another_backend_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(UsageError, match="there is no backend 'theano'"):
        activation_process.probe(Request(("relu",)))


def test_records_need_no_keras() -> None:
    code = (
        "import sys, logitbench.probes.activation.process, logitbench.report.activations; print('keras' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ), check=True
    )
    assert done.stdout == "False\n"
