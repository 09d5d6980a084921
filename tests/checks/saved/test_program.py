"""Files of real models: what is found in them, and that it is what the probe measures of the same models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logitbench.checks.engine import Settings, check
from logitbench.checks.measured import findings_of
from logitbench.checks.records import Finding, Severity
from logitbench.probes.model.models import probe_model
from tests.checks.saved.models import MODELS

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1, and says that a lambda is saved with its code.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The object being serialized includes a `lambda`:UserWarning"),
]

ALL = Settings(severity=Severity.NOTE, show_unknown=True)

BEYOND = {
    "custom_activation": {"LB101"},
    "arithmetic": {"LB000"},
    "own_layer": {"LB000"},
    "subclassed": {"LB101"},
    "softmax_over_the_batch": {"LB108"},
}
"""Where the probe measures something else than the file says: code that is not in the file, above all."""


def found(path: Path, settings: Settings = ALL) -> list[Finding]:
    report = check([str(path)], settings)
    assert not report.unparsable
    return list(report.findings)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_has_the_findings_of_its_model(saved: Path, name: str) -> None:
    assert {one.code for one in found(saved / f"{name}.keras")} == MODELS[name][1]


@pytest.mark.parametrize("name", MODELS)
def test_the_probe_measures_what_the_file_says(real: dict[str, Any], name: str) -> None:
    measured = {one.code for one in findings_of(name, probe_model(real[name]), ALL)}
    if "LB101" in measured:
        measured -= {"LB201", "LB202"}  # the rules on metrics wait until the loss is right
    told = BEYOND.get(name, MODELS[name][1])
    # The probe says of every loss that it is clipped; the rule, of what stands between a head and its loss.
    assert measured - {"LB302"} == told - {"LB302"}
    assert measured >= told


def test_a_finding_names_the_output_the_metric_or_the_layer_and_the_head(saved: Path) -> None:
    (finding,) = found(saved / "nested.keras")
    assert (finding.part, finding.line, finding.column, finding.source) == ("output 'last'", 1, 1, "")
    assert finding.head is not None
    assert finding.head.source.startswith("layer 'activation")
    (finding,) = found(saved / "accuracy_of_logits.keras")
    assert (finding.part, finding.head and finding.head.source) == ("output 'head', metric accuracy", "layer 'head'")
    (finding,) = found(saved / "softmax_of_one.keras")
    assert finding.part == "layer 'head'"
    assert {one.part for one in found(saved / "several.keras")} == {"output 'spam'", "layer 'tags'"}
    assert [one.part for one in found(saved / "shared.keras")] == ["output 'wrong'"]


def test_what_could_not_be_told_is_said_only_when_asked_for(saved: Path) -> None:
    for name in ("custom_loss", "subclassed", "uncompiled"):
        assert found(saved / f"{name}.keras", Settings()) == []
    (finding,) = found(saved / "uncompiled.keras")
    assert (finding.part, finding.severity) == ("model", Severity.UNKNOWN)


def test_another_backend_changes_what_a_finding_weighs(saved: Path) -> None:
    (finding,) = found(saved / "sigmoid_and_from_logits.keras", Settings(backend="jax"))
    assert finding.severity is Severity.ERROR
    (finding,) = found(saved / "sigmoid_and_from_logits.keras")
    assert finding.severity is Severity.WARNING
