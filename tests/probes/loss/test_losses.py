"""What is known of heads and losses, found by the probe on each backend."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import product

import pytest

from logitbench.heads import LossPath
from logitbench.probes.loss import processes
from logitbench.probes.loss.records import LossProbe, Setting
from logitbench.probes.loss.settings import IN_TRAINING, TOPOLOGIES, references, usual

FUSED, CLIPPED, DOUBLE, RAW = LossPath.FUSED, LossPath.CLIPPED, LossPath.DOUBLE, LossPath.RAW

KEEPS = {
    "direct",
    "activation",
    "softmax",
    "function",
    "framework",
    "linear",
    "identity",
    "nested",
    "subclassed",
    "float32",
}
"""Topologies from which TensorFlow takes the logits back, in a graph."""

ON_EACH = ["tensorflow", *(pytest.param(name, marks=pytest.mark.slow) for name in ("jax", "torch"))]

Found = dict[Setting, LossProbe]


def found_on(backend: str, settings: Iterable[Setting]) -> Found:
    asked = list(settings)
    probes = list(processes.probe(backend, asked))
    assert [probe.setting for probe in probes] == asked
    return {probe.setting: probe for probe in probes if isinstance(probe, LossProbe)}


@pytest.fixture(scope="module", params=ON_EACH)
def found(request: pytest.FixtureRequest) -> Found:
    """What the usual settings give on a backend, as ``fit`` computes them, and its own framework's losses."""
    execution = IN_TRAINING[request.param]
    others = [
        Setting("binary", "sigmoid", True, topology="reshape", execution=execution),
        Setting("binary", "sigmoid", True, policy="mixed_float16", execution=execution),
        Setting("binary", None, True, policy="mixed_float16", execution=execution),
        Setting("categorical", None, True, policy="mixed_float16", execution=execution),
        Setting("binary", "sigmoid", False, policy="float64", execution=execution),
    ]
    return found_on(request.param, [*usual(execution), *others, *references(request.param)])


def backend_of(found: Found) -> str:
    return next(iter(found.values())).backend


def one(found: Found, loss: str, activation: str | None, from_logits: bool, **rest: str) -> LossProbe:
    execution = next(iter(found)).execution
    return found[Setting(loss, activation, from_logits, execution=execution, **rest)]


@pytest.mark.parametrize("loss", ["binary", "categorical", "sparse"])
def test_paths_of_cross_entropies(found: Found, loss: str) -> None:
    own = "sigmoid" if loss == "binary" else "softmax"
    recovers = backend_of(found) == "tensorflow"
    assert one(found, loss, None, True).path is FUSED
    assert one(found, loss, None, False).path is RAW
    assert one(found, loss, own, False).path is (FUSED if recovers else CLIPPED)
    twice = one(found, loss, own, True)
    assert twice.path is (FUSED if recovers else DOUBLE)
    assert bool(twice.warnings) is recovers


@pytest.mark.parametrize(("loss", "own"), [("binary", "sigmoid"), ("categorical", "softmax")])
def test_what_hides_the_logits_from_the_loss(found: Found, loss: str, own: str) -> None:
    recovers = backend_of(found) == "tensorflow"
    assert one(found, loss, own, False, topology="reshape").path is CLIPPED
    assert one(found, loss, own, False, policy="mixed_float16").path is CLIPPED
    assert one(found, loss, own, False, policy="mixed_bfloat16").path is CLIPPED
    kept = one(found, loss, own, False, policy="mixed_float16", topology="float32")
    assert kept.path is (FUSED if recovers else CLIPPED)


def test_an_activation_that_is_hidden_from_a_loss_of_logits_is_applied_twice_in_silence(found: Found) -> None:
    for hidden in ({"topology": "reshape"}, {"policy": "mixed_float16"}):
        probe = one(found, "binary", "sigmoid", True, **hidden)
        assert (probe.path, probe.warnings) == (DOUBLE, ())


def test_an_activation_of_the_other_kind_is_taken_back_too_or_is_the_one_that_is_clipped(found: Found) -> None:
    for loss, other in (("binary", "softmax"), ("categorical", "sigmoid")):
        probe = one(found, loss, other, False)
        recovered = (FUSED, None) if probe.backend == "tensorflow" else (CLIPPED, other)
        assert (probe.path, probe.through) == recovered


def test_focal_loss_of_several_classes_gains_nothing_from_logits(found: Found) -> None:
    for activation, from_logits in ((None, True), ("softmax", False)):
        assert one(found, "categorical-focal", activation, from_logits).path is CLIPPED


def test_a_clipped_loss_has_a_greatest_value_and_no_gradient_past_it(found: Found) -> None:
    probe = one(found, "binary", "sigmoid", False, topology="reshape")
    by_point = {(point.logit, point.right): point for point in probe.points}
    assert by_point[100.0, False].loss == pytest.approx(15.9424, abs=5e-5)
    assert by_point[-100.0, False].loss == pytest.approx(16.1181, abs=5e-5)
    assert probe.wrong_dead_from == pytest.approx(16.118, abs=0.6)
    assert by_point[17.0, False].gradient == 0
    assert by_point[8.0, False].gradient == pytest.approx(by_point[8.0, False].exact_gradient, rel=1e-3)
    several = one(found, "categorical", "softmax", False, topology="reshape")
    assert several.largest == pytest.approx(16.1181, abs=5e-5)


def test_a_fused_loss_never_dies_on_a_wrong_prediction_and_is_right_to_a_few_units_in_the_last_place(
    found: Found,
) -> None:
    for loss, policy in (*product(("binary", "categorical", "sparse"), ("float32",)), ("binary", "mixed_float16")):
        probe = one(found, loss, None, True, policy=policy)
        assert probe.path is FUSED
        assert probe.wrong_dead_from is None
        assert max(point.ulps for point in probe.points if not point.right) <= 2
        assert all(abs(point.gradient - point.exact_gradient) < 1e-3 for point in probe.points)


def test_a_head_of_logits_is_right_in_half_precision_at_every_point_tried(found: Found) -> None:
    for loss in ("binary", "categorical"):
        for point in one(found, loss, None, True, policy="mixed_float16").points:
            assert point.loss == pytest.approx(point.exact, rel=2e-3, abs=1e-6)
            assert point.gradient == pytest.approx(point.exact_gradient, abs=1e-3)


def test_a_softmax_in_half_precision_has_a_gradient_that_is_no_number(found: Found) -> None:
    probe = one(found, "categorical", "softmax", False, policy="mixed_float16")
    assert any(not math.isfinite(point.gradient) for point in probe.points if abs(point.logit) <= 16)


def test_losses_are_computed_in_float32_even_under_a_float64_policy(found: Found) -> None:
    probe = one(found, "binary", "sigmoid", False, policy="float64")
    assert (probe.dtype, probe.path) == ("float32", CLIPPED)


def test_the_frameworks_own_losses_of_logits_are_fused(found: Found) -> None:
    own = [probe for setting, probe in found.items() if setting in set(references(backend_of(found)))]
    assert own or backend_of(found) == "jax"  # of optax, which is not always there
    for probe in own:
        if probe.setting.activation is None:
            assert probe.path is FUSED


@pytest.mark.slow
def test_bceloss_of_torch_is_cut_at_100_and_bcewithlogitsloss_is_not() -> None:
    settings = [setting for setting in references("torch") if "BCE" in setting.loss]
    for probe in found_on("torch", settings).values():
        far = {point.logit: point for point in probe.points if not point.right}
        if probe.setting.activation == "sigmoid":
            assert probe.path is LossPath.OTHER
            assert (far[100.0].loss, far[17.0].loss, far[30.0].gradient) == (100.0, 100.0, 0.0)
        else:
            assert far[17.0].loss == 17.0


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "own"), [("binary", "sigmoid"), ("categorical", "softmax")])
def test_topologies_from_which_tensorflow_takes_the_logits_back(loss: str, own: str) -> None:
    names = [name for name in TOPOLOGIES if name != "softmax" or own == "softmax"]
    found = found_on("tensorflow", [Setting(loss, own, False, topology=name, execution="graph") for name in names])
    paths = {probe.setting.topology: probe.path for probe in found.values()}
    assert {name for name, path in paths.items() if path is FUSED} == KEEPS & set(names)
    assert {name for name, path in paths.items() if path is CLIPPED} == set(names) - KEEPS


@pytest.mark.slow
def test_a_function_of_tensorflow_is_taken_back_in_a_graph_and_not_eagerly() -> None:
    settings = [
        Setting("binary", "sigmoid", False, topology="framework", execution=name) for name in ("graph", "eager")
    ]
    assert [probe.path for probe in found_on("tensorflow", settings).values()] == [FUSED, CLIPPED]
