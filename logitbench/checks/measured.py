"""From what was measured of a model to findings, under the codes that source has."""

from __future__ import annotations

from collections.abc import Iterator

from logitbench.checks.engine import ORDER, Settings
from logitbench.checks.records import UNDETERMINED, Finding, Severity
from logitbench.checks.registry import all_rules
from logitbench.checks.rules.words import BACKENDS
from logitbench.probes.model.records import Advice, Level, ModelProbe

SEVERITIES = {
    Level.WRONG: Severity.ERROR,
    Level.RISK: Severity.WARNING,
    Level.NOTE: Severity.NOTE,
    Level.UNKNOWN: Severity.UNKNOWN,
}


def findings_of(target: str, probe: ModelProbe, settings: Settings) -> list[Finding]:
    """Return what is wrong with a model that was measured.

    Args:
        target: What the model was asked for as.
        probe: What was measured.
        settings: Which rules are asked, and what is reported.
    """
    return list(_findings(target, probe, settings))


def _findings(target: str, probe: ModelProbe, settings: Settings) -> Iterator[Finding]:
    asked = {rule.code for rule in settings.rules} or all_rules().keys()
    for advice in probe.advice:
        if advice.rule == UNDETERMINED:
            severity = Severity.UNKNOWN
        elif advice.rule in asked:
            severity = _severity(advice)
            if ORDER.index(severity) > ORDER.index(settings.severity):
                continue
        else:
            continue
        part = f"output {advice.output!r}" if advice.output else "model"
        message = f"{advice.what.rstrip('.')} ({_measured(advice, probe)})"
        yield Finding(advice.rule, severity, target, 1, 1, 1, 1, message, advice.code, part=part)


def _severity(advice: Advice) -> Severity:
    """Return the rule's severity, or that of what was measured where it is milder: source and model end alike."""
    return max(all_rules()[advice.rule].severity, SEVERITIES[advice.level], key=ORDER.index)


def _measured(advice: Advice, probe: ModelProbe) -> str:
    path = next((output.reading.path for output in probe.outputs if output.name == advice.output), None)
    return f"measured on {BACKENDS[probe.backend]}" + (f": the loss path is {path}" if path else "")
