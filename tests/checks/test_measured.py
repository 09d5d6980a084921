"""What was measured of a model, under the codes of the rules and at their levels."""

from __future__ import annotations

import pytest

from logitbench.checks.engine import Settings, sorted_out
from logitbench.checks.measured import findings_of
from logitbench.checks.records import Severity
from logitbench.checks.registry import chosen
from logitbench.heads import LossPath
from logitbench.probes.model.records import Advice, Level, LossReading, ModelProbe, OutputProbe


def probe(*advice: Advice, backend: str = "tensorflow") -> ModelProbe:
    reading = LossReading(LossPath.RAW)
    output = OutputProbe("spam", "head", 1, "none", "float32", "bce", False, reading)
    return ModelProbe(backend, "3.15.1", "graph", (output,), advice)


RAW = Advice(Level.WRONG, "spam", "The loss reads logits.", "loss=right", "LB101")
FAMILY = Advice(Level.WRONG, "spam", "Of another family.", rule="LB103")
CLIPPED = Advice(Level.RISK, "spam", "It clips.", rule="LB302")
RECOVERED = Advice(Level.RISK, "spam", "TensorFlow takes them back.", rule="LB102")
UNDETERMINED = Advice(Level.UNKNOWN, "", "It could not be determined.", rule="LB000")
RIGHT = Advice(Level.NOTE, "spam", "It is right.")


def test_a_finding_says_the_path_that_was_measured_and_on_what() -> None:
    (finding,) = findings_of("mine:build", probe(RAW), Settings())
    assert finding.message == "The loss reads logits (measured on TensorFlow: the loss path is raw)"
    assert (finding.code, finding.path, finding.part) == ("LB101", "mine:build", "output 'spam'")
    assert (finding.remedy, finding.line) == ("loss=right", 1)
    (finding,) = findings_of("mine:build", probe(RAW, backend="jax"), Settings())
    assert "measured on JAX" in finding.message


@pytest.mark.parametrize(
    ("advice", "severity"),
    [
        (RAW, Severity.ERROR),
        (FAMILY, Severity.WARNING),
        (CLIPPED, Severity.NOTE),
        (RECOVERED, Severity.WARNING),
        (UNDETERMINED, Severity.UNKNOWN),
    ],
)
def test_it_weighs_what_the_rule_weighs_or_less(advice: Advice, severity: Severity) -> None:
    (finding,) = findings_of("a:b", probe(advice), Settings(severity=Severity.NOTE, show_unknown=True))
    assert finding.severity is severity


def test_rules_and_levels_that_are_not_asked_for_are_left_out() -> None:
    everything = probe(RAW, FAMILY, CLIPPED, UNDETERMINED, RIGHT)

    def codes(settings: Settings) -> list[str]:
        found, untold = sorted_out(findings_of("a:b", everything, settings), settings)
        assert [one.code for one in untold] == ([] if settings.show_unknown else ["LB000"])
        return [one.code for one in found]

    assert codes(Settings()) == ["LB101", "LB103"]
    assert codes(Settings(severity=Severity.ERROR)) == ["LB101"]
    assert codes(Settings(severity=Severity.NOTE)) == ["LB101", "LB103", "LB302"]
    assert codes(Settings(show_unknown=True)) == ["LB101", "LB103", "LB000"]
    assert codes(Settings(rules=chosen("LB1", "LB101"))) == ["LB103"]
