"""What a person reads."""

from __future__ import annotations

from logitbench.checks.records import Finding, Place, Report, Severity
from logitbench.report.checks import text
from tests.report.checks import samples


def test_whatever_a_name_or_a_text_holds_it_begins_no_line_and_moves_no_cursor() -> None:
    lines = text.render(samples.hostile()).split("\n")
    assert lines.pop() == ""
    assert [line[:4] for line in lines if not line.startswith("    ")] == ["a,b:", "a,b:"]
    assert not any(character in "\r\x1b\x00" for line in lines for character in line)
    assert "\n" not in text.left_out(samples.hostile().unparsable[0])


def test_a_caret_stands_under_what_is_meant_in_signs_of_two_columns_too() -> None:
    source = "\tmodel.compile(名='損失', loss='損')"
    finding = Finding("LB101", Severity.ERROR, "a.py", 1, 29, 1, 32, "wrong", source=source)
    assert source[28:31] == "'損'"
    _, shown, carets = text.render(Report((finding,))).splitlines()
    assert shown == f"    {source[1:]}"
    assert carets == " " * (4 + 27 + 3) + "^" * 4


def test_what_goes_on_over_lines_is_marked_to_the_end_of_the_first() -> None:
    finding = Finding("LB102", Severity.WARNING, "a.py", 7, 3, 9, 2, "wrong", source="  loss(")
    assert text.render(Report((finding,))) == "a.py:7:3: LB102 warning: wrong\n    loss(\n    ^^^^^\n"


def test_a_head_is_shown_once_and_a_cell_is_named() -> None:
    here = Finding("LB101", Severity.ERROR, "a.py", 3, 1, 3, 5, "wrong", source="head", head=Place(3, "head"))
    assert "head, line" not in text.render(Report((here,)))
    lines = text.render(samples.in_a_notebook()).splitlines()
    assert lines[0] == "a.ipynb:cell 4:2:5: LB101 wrong"
    assert lines[3] == "    head, cell 3, line 3: model.add(keras.layers.Dense(1))"


def test_rules_are_counted_the_most_first() -> None:
    findings = [Finding(code, Severity.ERROR, "a.py", 1, 1, 1, 2, "") for code in ("LB102", "LB201", "LB201", "LB101")]
    assert text.statistics(Report(tuple(findings))) == "     2 LB201\n     1 LB101\n     1 LB102\n"
