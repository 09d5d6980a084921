"""JUnit's XML, parsed back."""

from __future__ import annotations

from xml.etree import ElementTree

from logitbench.checks.records import Report
from logitbench.report.checks import junit
from tests.report.checks import samples


def suite_of(report: Report) -> ElementTree.Element:
    """Return the one suite of a document."""
    whole = ElementTree.fromstring(junit.render(report))  # noqa: S314 - our own
    assert whole.tag == "testsuites"
    (suite,) = whole
    return suite


def test_a_file_is_a_case_and_a_finding_a_failure() -> None:
    report = samples.of_fixtures()
    suite = suite_of(report)
    known = [one for one in report.findings if one.severity != "unknown"]
    assert [case.get("name") for case in suite.iter("testcase")] == list(report.paths)
    assert [one.get("type") for one in suite.iter("failure")] == [one.code for one in known]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        str(report.files),
        str(len(known)),
        "0",
    )


def test_a_model_that_was_measured_is_a_case_too() -> None:
    suite = suite_of(samples.in_models())
    assert [(case.get("name"), len(case)) for case in suite.iter("testcase")] == [
        ("a.keras", 2),
        ("nets.small:build", 1),
    ]


def test_a_file_without_findings_is_a_case_that_passes() -> None:
    (case,) = suite_of(Report(paths=("right.py",)))
    assert list(case) == []


def test_what_cannot_be_parsed_is_an_error_and_the_rest_of_the_file_is_told() -> None:
    suite = suite_of(samples.in_a_notebook())
    (case,) = suite
    assert [one.tag for one in case] == ["error", "failure"]
    assert case[0].get("message") == "Cell 1 cannot be checked: line 1: invalid syntax"
    assert (case[1].text or "").startswith("a.ipynb:cell 4:2:5: LB101 wrong\n    loss\n")


def test_hostile_names_and_texts_come_back_without_what_xml_cannot_hold() -> None:
    text = junit.render(samples.hostile())
    assert text.isascii()
    (case,) = suite_of(samples.hostile())
    kept = samples.TEXT.replace("\x00", "").replace("\x1b", "").replace("\ud800", "")
    assert case.get("name") == samples.PATH.replace("\x1b", "").replace("\udce9", "")
    assert [one.tag for one in case] == ["error", "failure", "system-out"]
    assert case[0].get("message") == f"It cannot be checked: {kept}"
    assert case[1].get("message") == kept
