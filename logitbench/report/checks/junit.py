"""JUnit's XML, which most CI services show: a case a file, a failure a finding."""

from __future__ import annotations

import re
from collections import defaultdict
from xml.etree import ElementTree

from logitbench.checks.records import Finding, Report, Severity
from logitbench.report.checks import places
from logitbench.report.checks.text import lines_of

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write (section 2.2)."""


def render(report: Report) -> str:
    """Return a suite with a case for each file; in ASCII, so that it is what it says in every encoding."""
    findings: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        findings[finding.path].append(finding)
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for one in report.unparsable:
        reasons[one.path].append(places.why(one))
    suite = ElementTree.Element("testsuite", name="logitbench")
    for path in (*report.paths, *report.models):
        case = ElementTree.SubElement(suite, "testcase", name=_text(path), classname="logitbench.check")
        for reason in reasons[path]:
            ElementTree.SubElement(case, "error", type="unparsable", message=_text(reason))
        _tell(case, findings[path])
    for name, kind in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        suite.set(name, str(sum(1 for _ in suite.iter(kind))))
    whole = ElementTree.Element("testsuites")
    whole.append(suite)
    ElementTree.indent(whole)
    written: bytes = ElementTree.tostring(whole, encoding="us-ascii", xml_declaration=True)
    return written.decode("ascii") + "\n"


def _tell(case: ElementTree.Element, findings: list[Finding]) -> None:
    """Add failures; what could not be told is none, and stands in the case's output."""
    untold = []
    for finding in findings:
        lines = "\n".join("".join(text for text, _ in line) for line in lines_of(finding))
        if finding.severity is Severity.UNKNOWN:
            untold.append(lines)
            continue
        failure = ElementTree.SubElement(case, "failure", type=finding.code, message=_text(finding.message))
        failure.text = _text(lines)
    if untold:
        ElementTree.SubElement(case, "system-out").text = _text("\n".join(untold))


def _text(text: str) -> str:
    return _FORBIDDEN.sub("", text)
