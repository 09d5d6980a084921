"""Each thing that the fixtures say is wrong, done once with the real Keras: a rule cannot be wrong about it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from logitbench.checks.interpret.events import Activated, Cut, Event, Logged, Pair, Served, Untold
from logitbench.checks.interpret.program import events_of
from logitbench.checks.interpret.values import Tensor
from logitbench.checks.registry import all_rules
from logitbench.checks.rule import Problem
from logitbench.checks.rules.lb301 import SATURATES
from tests.checks import fixtures

BACKENDS = ("tensorflow", "jax", "torch")
Case = dict[str, Any]


def facts(event: Event, problem: Problem, code: str) -> Case:
    """Return all that a rule's claim rests on."""
    assert not isinstance(event, Untold)
    tensor: Tensor = event.before if isinstance(event, Activated) else event.tensor
    pair = event if isinstance(event, Pair) else None
    counted = [one for one in (pair.metrics if pair else ()) if one.node is problem.node]
    keys = ("kind", "from_logits", "cut")
    return {
        "claim": f"{code} log" if isinstance(event, Logged) else code,
        "activation": event.activation if isinstance(event, Activated) else tensor.activation,
        "units": tensor.units,
        "after": list(tensor.after),
        "dtype": tensor.dtype,
        "loss": pair.loss.kind if pair else None,
        "from_logits": pair.loss.from_logits if pair else None,
        "metric": {key: getattr(counted[0], key) for key in keys} if counted else None,
        "remedy": problem.remedy,
        "cut": isinstance(event, Cut | Served),
    }


@cache
def cases(backend: str) -> tuple[tuple[str, str | None], ...]:
    """Return what the hits of all rules for Keras come down to, each once, with its severity."""
    found: dict[str, str | None] = {}
    for path in fixtures.of_kind("hits"):
        for event in events_of(ast.parse(path.read_text(encoding="utf-8"))):
            for code, rule in all_rules().items():
                for problem in rule.check(event, backend) if code < "LB500" or backend == "torch" else ():
                    if code > "LB500" or not (isinstance(event, Logged) and event.tensor.torch):
                        case = json.dumps(facts(event, problem, code), sort_keys=True)
                        found[case] = str(problem.severity or rule.severity)
    return tuple(found.items())


@cache
def answers(backend: str) -> tuple[tuple[Case, str, Case], ...]:
    """Return each case with its severity and what was measured."""
    asked = [(json.loads(case), severity) for case, severity in cases(backend)]
    asked = [one for one in asked if backend == "tensorflow" or one[0]["claim"] not in {"LB105", "LB302", "LB402"}]
    done = subprocess.run(
        [sys.executable, "-m", "tests.checks.claims"],
        input=json.dumps([case for case, _ in asked]),
        env={**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    return tuple((case, str(severity), found) for (case, severity), found in zip(asked, measured, strict=True))


def claims(code: str, backend: str) -> list[tuple[Case, str, Case]]:
    found = [one for one in answers(backend) if one[0]["claim"] == code]
    assert found, f"no hit of {code}"
    return found


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_logits_that_are_read_as_probabilities_stop_learning(backend: str) -> None:
    for case, _, found in claims("LB101", backend):
        assert found["path"] in {"raw", "other"}, case
        assert found["dead_from"] is not None, case


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_activation_is_applied_twice_but_where_tensorflow_takes_the_logits_back(backend: str) -> None:
    for case, severity, found in claims("LB102", backend):
        assert found["path"] == ("fused" if severity == "warning" else "double"), case


@pytest.mark.slow
def test_what_a_head_of_another_family_optimises_depends_on_the_backend() -> None:
    by_backend = [[found["loss"] for _, _, found in claims("LB103", backend)] for backend in BACKENDS]
    for on_tensorflow, on_jax, on_torch in zip(*by_backend, strict=True):
        assert on_jax == pytest.approx(on_torch, rel=1e-5)
        assert abs(on_tensorflow - on_jax) > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_the_softmax_of_one_unit_tells_nothing_apart(backend: str) -> None:
    for _, _, found in claims("LB104", backend):
        assert found["probabilities"] == [1.0, 1.0]
        assert (found["moved"] > 0) == (backend == "tensorflow")
        first, second = found.get("losses", (0.0, 0.0))
        assert first == pytest.approx(second, abs=1e-6)


@pytest.mark.slow
def test_a_function_of_logits_applies_its_activation_to_probabilities() -> None:
    for _, _, found in claims("LB105", "tensorflow"):
        assert found["loss"] == pytest.approx(found["double"], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_probability_is_rounded_to_0_whose_log_would_be_finite(backend: str) -> None:
    for _, _, found in claims("LB105 log", backend):
        assert found["once"][0] == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_focal_loss_of_logits_is_clipped(backend: str) -> None:
    for _, _, found in claims("LB106", backend):
        assert found["path"] == "clipped"
        assert found["dead_from"] < 20


@pytest.mark.slow
@pytest.mark.parametrize("code", ["LB201", "LB202"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_metric_of_logits_is_not_that_of_probabilities_and_the_remedy_is(code: str, backend: str) -> None:
    for case, severity, found in claims(code, backend):
        if case["metric"]["kind"] == "F1Score":
            assert found["shown"] == pytest.approx(found["all positive"], rel=1e-4), (case, found)
        elif severity == "error":
            assert abs(found["shown"] - found["right"]) > 1e-3, (case, found)
        else:
            assert found["shown"] == pytest.approx(found["right"], rel=1e-4), (case, found)
        if "fixed" in found:
            assert found["fixed"] == pytest.approx(found["right"], rel=1e-4), (case, found)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_accuracy_of_many_labels_looks_at_the_greatest_alone(backend: str) -> None:
    for case, _, found in claims("LB203", backend):
        assert abs(found["shown"] - found["share"]) > 0.1, (case, found)
        assert found["fixed"] == pytest.approx(found["share"], rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_softmax_over_the_batch_depends_on_the_other_examples(backend: str) -> None:
    for _, _, found in claims("LB108", backend):
        first, second = found["first"]
        assert abs(first[1] - second[1]) > 0.001
        assert abs(sum(first) - 1) > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_metric_of_other_labels_does_not_count_what_is_right_and_the_remedy_does(backend: str) -> None:
    for case, _, found in claims("LB204", backend):
        raises = case["metric"]["kind"].startswith("Sparse")  # one-hot labels have one dimension too many for it
        assert (found["shown"] is None) == raises, (case, found)
        assert raises or found["shown"] != pytest.approx([1.0, 0.0], abs=1e-6), (case, found)
        if case["metric"]["kind"] == "BinaryAccuracy":
            assert (case["units"], found["shown"]) == (10, pytest.approx([1.0, 0.8], abs=1e-6))
        assert found["fixed"] == pytest.approx([1.0, 0.0], abs=1e-6), (case, found)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_head_below_float32_saturates_where_the_rule_says(backend: str) -> None:
    for case, _, found in claims("LB301", backend):
        logits = dict(zip((-104.0, 6.25, 8.32, 0.5, 0.0), found["once"], strict=True))
        assert logits[SATURATES[case["dtype"]]] == 1.0, (case, found)


@pytest.mark.slow
def test_behind_another_layer_tensorflow_clips_what_it_would_have_taken_back() -> None:
    for case, _, found in claims("LB302", "tensorflow"):
        assert found["path"] == "clipped", case
        assert found["dead_from"] < 20


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_activation_on_top_of_itself_calls_everything_positive_and_half_a_logit_is_062(backend: str) -> None:
    for case, _, found in claims("LB401", backend):
        if case["cut"]:
            continue
        assert all(0.5 <= one <= 0.74 for one in found["twice"]) or case["activation"] == "softmax", found
        assert max(found["twice"]) - min(found["twice"]) < max(found["once"]) - min(found["once"])
        if case["activation"] == "sigmoid":
            assert found["once"][3] == pytest.approx(0.6225, abs=1e-4)


@pytest.mark.slow
def test_the_loss_of_predictions_is_clipped_and_that_of_evaluate_is_not() -> None:
    for _, _, found in claims("LB402", "tensorflow"):
        assert found["evaluated"] == pytest.approx(60.0, rel=1e-5)
        assert found["by_hand"] < 17


@pytest.mark.slow
@pytest.mark.parametrize("code", ["LB501", "LB502"])
def test_pytorchs_losses_of_logits_apply_their_activation_to_probabilities(code: str) -> None:
    for case, _, found in claims(code, "torch"):
        assert found["loss"] == pytest.approx(found["double"], rel=1e-5), case


@pytest.mark.slow
def test_pytorchs_loss_of_probabilities_refuses_logits() -> None:
    for case, _, found in claims("LB503", "torch"):
        assert "between 0 and 1" in found["error"], case


@pytest.mark.slow
def test_pytorchs_loss_of_log_probabilities_has_no_floor_on_anything_else() -> None:
    for case, _, found in claims("LB504", "torch"):
        assert found["loss"] < 0, case
        assert found["of ten times"] == pytest.approx(10 * found["loss"], rel=1e-5), case
