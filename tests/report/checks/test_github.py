"""Workflow commands, read back as GitHub's runner reads them: a line a command, escapes undone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logitbench.checks.engine import Settings, check
from logitbench.checks.records import Finding, Report, Severity
from logitbench.report.checks import github
from tests.checks.fixtures import FOLDER
from tests.report.checks import samples


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Return a command's name, its properties and its message."""
    found = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert found
    properties = dict(part.split("=", 1) for part in found[2].split(","))
    return found[1], {key: undone(value) for key, value in properties.items()}, undone(found[3])


def undone(text: str) -> str:
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def test_a_finding_is_one_command_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    report = check(["LB101/hits/issue_28718_tutorial.py"], Settings())
    assert github.render(report) == (
        "::error file=LB101/hits/issue_28718_tutorial.py,line=17,endLine=17,col=38,endColumn=59,title=LB101::"
        "BinaryCrossentropy has from_logits=False, and the linear head gives no probabilities: its outputs are clipped "
        "to 0 and 1, and where they are clipped nothing is learned%0A"
        'Use: loss=keras.losses.BinaryCrossentropy(from_logits=True)%0Aor activation="sigmoid" in the head\n'
    )


def test_hostile_names_and_texts_make_no_command_of_their_own() -> None:
    lines = github.render(samples.hostile()).split("\n")
    assert len(lines) == 4
    assert lines.pop() == ""
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::notice", "::error"]
    _, properties, said = read(lines[0])
    assert properties["file"] == samples.PATH.replace("\udce9", "\ufffd")
    assert properties["line"] == "4"
    assert said.startswith(samples.TEXT.replace("\ud800", "\ufffd"))
    assert not any("\r" in line for line in lines)


def test_every_hit_of_every_rule_is_one_line_of_its_level() -> None:
    report = samples.of_fixtures()
    lines = github.render(report).splitlines()
    assert len(lines) == len(report.findings)
    levels = {"error": "error", "warning": "warning", "note": "notice", "unknown": "notice"}
    assert [read(line)[0] for line in lines] == [levels[one.severity] for one in report.findings]
    assert [read(line)[1]["title"] for line in lines] == [one.code for one in report.findings]


def test_columns_are_given_within_one_line_only() -> None:
    finding = Finding("LB101", Severity.WARNING, "a.py", 3, 5, 7, 2, "wrong")
    _, properties, _ = read(github.render(Report((finding,))).rstrip())
    assert properties == {"file": "a.py", "line": "3", "endLine": "7", "title": "LB101"}


def test_a_notebook_has_its_cell_in_the_message_and_no_line_of_its_json() -> None:
    finding, unparsable = map(read, github.render(samples.in_a_notebook()).splitlines())
    assert finding == ("error", {"file": "a.ipynb", "title": "LB101"}, "In cell 4, line 2: wrong\nUse: right")
    assert unparsable[2] == "Cell 1 cannot be checked: line 1: invalid syntax"


def test_a_model_has_its_output_in_the_message_and_no_line() -> None:
    saved, _, made = map(read, github.render(samples.in_models()).splitlines())
    assert saved == ("error", {"file": "a.keras", "title": "LB101"}, "In output 'spam': wrong\nUse: right")
    assert made == ("warning", {"file": "nets.small:build", "title": "LB102"}, "In model: twice")


def test_a_file_is_named_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    finding = Finding("LB101", Severity.ERROR, str(tmp_path / "sub" / "a.py"), 1, 1, 1, 2, "wrong")
    assert read(github.render(Report((finding,))).rstrip())[1]["file"] == "sub/a.py"
