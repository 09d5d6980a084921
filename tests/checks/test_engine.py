"""From events to findings: comments that pass over them, levels, and what could not be told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from logitbench.checks.engine import Settings, check
from logitbench.checks.interpret.events import Event
from logitbench.checks.records import Finding, Severity
from logitbench.checks.registry import all_rules, chosen
from logitbench.checks.rule import Problem, Rule
from logitbench.errors import UsageError

WRONG = """import keras
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(
    'adam',
    loss='binary_crossentropy',{comment}
)
"""


def found(folder: Path, text: str, settings: Settings | None = None) -> list[Finding]:
    path = folder / "a.py"
    path.write_text(text, encoding="utf-8")
    return list(check([str(path)], settings or Settings()).findings)


@pytest.mark.parametrize(
    ("comment", "count"),
    [
        ("", 1),
        ("  # logitbench: ignore", 0),
        ("  # logitbench: ignore[LB101]", 0),
        ("  # logitbench:ignore[LB201, lb101] on purpose", 0),
        ("  # logitbench: ignore[LB102]", 1),
        ("  # logitbench: ignore[]", 1),
        ("  # logitbench: ignore[LB1]", 0),
    ],
)
def test_a_comment_on_the_line_passes_over_a_finding(tmp_path: Path, comment: str, count: int) -> None:
    assert len(found(tmp_path, WRONG.format(comment=comment))) == count


@pytest.mark.parametrize(
    ("comment", "mistake"),
    [
        ("ignore LB101", "'# logitbench: ignore LB101' ignores nothing: write '# logitbench: ignore[LB101]'"),
        ("ignore lb101 and LB2", "write '# logitbench: ignore[LB101, LB2]'"),
        ("ignore: LB101", "write '# logitbench: ignore[LB101]'"),
        ("ignore(LB101)", "write '# logitbench: ignore[LB101]'"),
        ("ignore[LB101", "write '# logitbench: ignore[LB101]'"),
        ("ignore[LB101; LB2]", "write '# logitbench: ignore[LB101, LB2]'"),
        ("ignored", "write '# logitbench: ignore[LB101]'"),
        ("ignore: on purpose", "write '# logitbench: ignore[LB101]'"),
        ("ignore[]", "'# logitbench: ignore[]' ignores nothing: it names no code"),
        ("ignore[LB1O1]", "LB1O1 in '# logitbench: ignore[LB1O1]' ignores nothing: no rule begins with it. Did you"),
        (
            "ignore[LB402, LB999]",
            "LB999 in '# logitbench: ignore[LB402, LB999]' ignores nothing: no rule begins with it.",
        ),
        ("ignore[E501]", "ignores nothing: no rule begins with it. Leave it out, or write a code"),
    ],
)
def test_a_comment_that_is_malformed_ignores_nothing_and_the_finding_says_so(
    tmp_path: Path, comment: str, mistake: str
) -> None:
    (finding,) = found(tmp_path, WRONG.format(comment=f"  # logitbench: {comment}  # noqa"))
    (without,) = found(tmp_path, WRONG.format(comment=""))
    assert finding.message.startswith(without.message + ". ")
    assert mistake in finding.message


@pytest.mark.parametrize(
    "comment", ["ignore", "ignore  # noqa: E501", "ignore on purpose", "ignore - a toy", "ignore[LB101, LB9]"]
)
def test_a_comment_may_give_a_reason_and_name_codes_of_other_versions(tmp_path: Path, comment: str) -> None:
    assert found(tmp_path, WRONG.format(comment=f"  # logitbench: {comment}")) == []


def test_a_finding_knows_its_place_its_head_and_its_remedy(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, WRONG.format(comment=""))
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (5, 10, 5, 31)
    assert finding.head is not None
    assert finding.head.line == 2
    assert "from_logits=True" in finding.remedy


def test_a_thing_that_several_ways_lead_to_is_told_once(tmp_path: Path) -> None:
    text = "import keras\ndef go(n):\n    m = keras.Sequential([keras.layers.Dense(1)])\n    m.compile('adam', 'bce')\n"
    assert len(found(tmp_path, text + "go(1)\ngo(2)\nfor n in x:\n    go(n)\n")) == 1


def test_what_could_not_be_told_is_said_only_when_asked_for(tmp_path: Path) -> None:
    text = "import keras\nfrom mine import head\nkeras.Sequential([head]).compile('adam', 'binary_crossentropy')\n"
    assert found(tmp_path, text) == []
    (finding,) = found(tmp_path, text, Settings(show_unknown=True))
    assert (finding.code, finding.severity) == ("LB000", Severity.UNKNOWN)


def test_what_is_told_on_one_way_is_not_called_unknown_on_another(tmp_path: Path) -> None:
    text = "import keras\ndef go(a):\n    keras.Sequential([keras.layers.Dense(1, a)]).compile('adam', 'bce')\n"
    assert found(tmp_path, text + "go('sigmoid')\ngo(unknown)\n", Settings(show_unknown=True)) == []


@pytest.mark.parametrize(
    ("level", "codes"), [("error", ["LB101"]), ("warning", ["LB101", "LB103"]), ("note", ["LB101", "LB103", "LB302"])]
)
def test_a_level_shows_itself_and_what_is_graver(tmp_path: Path, level: str, codes: list[str]) -> None:
    text = """import keras
from keras import layers
keras.Sequential([layers.Dense(1)]).compile('adam', 'bce')
keras.Sequential([layers.Dense(3, 'softmax')]).compile('adam', 'bce')
keras.Sequential([layers.Dense(3, 'sigmoid'), layers.Flatten()]).compile('adam', 'bce')
"""
    assert [one.code for one in found(tmp_path, text, Settings(severity=Severity(level)))] == codes


def test_rules_are_chosen_by_their_codes_beginning() -> None:
    assert {rule.code for rule in chosen("LB20", "LB202")} == {"LB201", "LB203", "LB204"}
    with pytest.raises(UsageError, match="no rule of logitbench begins with 'LB9'"):
        chosen("LB9", None)


def test_what_is_held_many_times_over_is_followed_in_no_time(tmp_path: Path) -> None:
    file = tmp_path / "many.py"
    doubled = "x = [x, x]\n" * 60
    file.write_text(f"import keras, z\nx = []\ny = []\n{doubled}{doubled.replace('x', 'y')}z.f(x)\nbce = x == y\n")
    assert check([str(file)], Settings()).findings == ()


@pytest.mark.parametrize("error", [RecursionError, MemoryError, ValueError, LookupError, AssertionError, OSError])
def test_a_fault_in_one_file_is_named_and_the_other_files_are_checked(
    tmp_path: Path, error: type[Exception], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_in_this_file(event: Event, backend: str) -> Iterator[Problem]:
        if getattr(event.node, "lineno", 0) == 6:
            raise error("the rule is wrong")
        return iter(())

    paths = [str(tmp_path / name) for name in ("a.py", "b.py", "c.py")]
    for path, text in zip(paths, [WRONG, "\n" + WRONG, WRONG], strict=True):
        Path(path).write_text(text.format(comment=""))
    rules = (*all_rules().values(), Rule("LB999", Severity.ERROR, "", fails_in_this_file))
    report = check(paths, Settings(rules))
    assert [one.path for one in report.findings] == [paths[0], paths[2]]
    assert report.paths == tuple(paths)
    (left_out,) = report.unparsable
    assert left_out.path == paths[1]
    assert ("memory" if error is MemoryError else f"unexpected {error.__name__}: the rule is wrong") in left_out.reason
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("LOGITBENCH_DEBUG", "1")
    check(paths, Settings(rules))
    assert ("fails_in_this_file" in capsys.readouterr().err) == (error is not MemoryError)
