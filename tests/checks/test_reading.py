"""Bytes, encodings and notebooks."""

from __future__ import annotations

import ast
import encodings
import json
import pkgutil
import re
import resource
import unicodedata
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from logitbench.checks import limits
from logitbench.checks.engine import Settings, characters, check
from logitbench.checks.fixing.document import opened
from logitbench.checks.limits import MOST_TOKENS, TOO_MANY_TOKENS, has_too_many_tokens
from logitbench.checks.reading import decoded, parsed, raw_of
from logitbench.checks.records import Report
from logitbench.errors import UnreadableError

WRONG = "import keras\nkeras.Sequential([keras.layers.Dense(1)]).compile('adam', 'bce')\n"


def checked(folder: Path, raw: bytes | str, name: str = "a.py") -> Report:
    path = folder / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return check([str(path)], Settings())


def notebook(*cells: str) -> str:
    return json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": ["# not = code"]},
                *({"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells),
            ]
        }
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + WRONG.encode(),
        b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\n" + WRONG.encode(),
        b"# \xe9t\xe9, and it does not say so\n" + WRONG.encode(),
        b"# the encoding is not said: \xe9t\xe9\n" + WRONG.encode(),
        WRONG.encode() + b"# \xe9t\xe9, at the end\n",
        WRONG.replace("\n", "\r\n").encode(),
    ],
    ids=["byte order mark", "latin-1", "latin-1 unsaid", "latin-1 and a word", "latin-1 late", "carriage returns"],
)
def test_every_encoding_is_read(tmp_path: Path, raw: bytes) -> None:
    assert [one.code for one in checked(tmp_path, raw).findings] == ["LB101"]


MARKS = st.sampled_from([b"", b"", b"\xef\xbb\xbf"])
COOKIES = st.sampled_from(
    [
        *["", "", "", "#!/usr/bin/python\r\n# vim: set fileencoding=latin-1 :", "\f# coding: utf-8", "# coding: UTF_8"],
        *[
            "# été coding=latin-1",
            "# coding: cp1252",
            "# coding: utf-7",
            "\r# coding: iso-8859-15",
            "# coding: mac_roman",
        ],
        *["x = 1\n# coding: cp1251", "# coding:\tlatin-1-unix", "#\x0c coding: utf-8-sig"],
    ]
)
STARTS = st.sampled_from(["", "", "", "\f", "\f\f", " \f", "\t\f", "\ufeff"])
STATEMENTS = st.sampled_from(
    [
        *[
            "x = été = 'é\f\x0b\x1c\u2028\x85'",
            "x\f=\f1\f",
            "if x:{end}\f    x{end}  \f  \t",
            "(x,{end}\f y{end})",
            "\f",
        ],
        *[
            "x = 1 + \\{end}\f y",
            "'''{end}\f{end}'''; y",
            "# note \f y",
            "for x in y:{end}\t\fx{end}\f{end}\tx",
            "\x0bx",
        ],
        *[
            "ﬁ = x; y",
            "if x:{end}  \fy",
            "class X:{end} y{end}\f{end} x",
            "x\0",
            "x\x1a",
            "x;\xa0y",
            "'\\é'; x",
            "\U0001d431 = 'é'; x",
        ],
    ]
)
LINE_ENDS = st.sampled_from(["\n", "\n", "\r\n", "\r", "\n\r"])
PROGRAMS = st.lists(st.tuples(STARTS, STATEMENTS, LINE_ENDS), min_size=1, max_size=5)


def as_python_reads(raw: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(raw, "a.py", "exec", dont_inherit=True)
            return ast.parse(raw)
        except (SyntaxError, ValueError):
            return None


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(MARKS, COOKIES, LINE_ENDS, PROGRAMS, st.sampled_from(["utf-8", "utf-8", "latin-1", "utf-7", "cp1251"]))
@example(b"", "# été coding=latin-1", "\r", [("\f", "x = été = 'é'", "\n")], "latin-1")
def test_what_python_accepts_is_read_with_the_same_lines_and_columns(
    mark: bytes, cookie: str, end: str, program: list[tuple[str, str, str]], encoding: str
) -> None:
    text = cookie + end + "".join(start + statement.format(end=end) + end for start, statement, end in program)
    raw = mark + text.encode(encoding, errors="replace")
    expected = as_python_reads(raw)
    assume(expected is not None)
    assert expected is not None
    document = opened("a.py", raw)
    source = document.source
    assert ast.dump(source.tree, include_attributes=True) == ast.dump(expected, include_attributes=True)
    assert [line.rstrip("\r\n") for line in document.lines] == list(source.lines[: len(document.lines)])
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name):
            line = source.lines[node.lineno - 1]
            assert node.end_col_offset is not None
            written = line[characters(line, node.col_offset) : characters(line, node.end_col_offset)]
            assert unicodedata.normalize("NFKC", written) == node.id


def test_a_form_feed_may_begin_a_line(tmp_path: Path) -> None:
    """Editors of the Emacs family put one between the sections of a file."""
    report = checked(tmp_path, "import keras\n\f\n\fdef make():\n\f    " + WRONG.splitlines()[1] + "\n")
    assert report.unparsable == ()
    assert [(one.code, one.line, one.column) for one in report.findings] == [("LB101", 4, 64)]


def test_encodings_that_cannot_be_used_are_named_and_the_other_files_are_checked(tmp_path: Path) -> None:
    names = [*sorted(one.name for one in pkgutil.iter_modules(encodings.__path__)), "klingon"]
    programs = {str(tmp_path / f"{name}.py"): f"# coding: {name}\n{WRONG}".encode() for name in names}
    for path, raw in programs.items():
        Path(path).write_bytes(raw)
    report = check(list(programs), Settings())
    reasons = {one.path: one.reason for one in report.unparsable}
    checked = [one.path for one in report.findings]
    for path, raw in programs.items():
        if as_python_reads(raw):
            assert (path in checked, path in reasons) == (True, False)
    for name in ("undefined", "punycode", "base64_codec", "rot_13", "klingon"):
        reason = reasons[str(tmp_path / f"{name}.py")]
        assert reason.startswith("its coding: line cannot be used: ")
        assert name in reason


def test_columns_are_characters(tmp_path: Path) -> None:
    text = WRONG.replace("keras.Seq", "é = 'été'; keras.Seq").replace("é =", "e =")
    (finding,) = checked(tmp_path, text).findings
    assert text.splitlines()[1][finding.column - 1 : finding.end_column - 1] == "'bce'"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"import keras\0\n", "zero byte"),
        (b"# coding: klingon\n", "unknown encoding"),
        (b"def f(:\n", "line 1"),
        (b"print 'two'\n", "line 1"),
        (b"x = " + b"(" * 500 + b")" * 500, "nested|too many"),
    ],
)
def test_what_is_no_python_says_why(raw: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        parsed(decoded(raw))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "x = softmax" + " + 1" * 3000,
        "f = softmax\n" + "f" + "(1)" * 2000,
        "softmax" + ".a" * 3000,
        "softmax = 1\n" + "".join(f"{' ' * depth}if x:\n" for depth in range(90)) + " " * 90 + "pass",
    ],
    ids=["empty", "blank", "sum", "calls", "attributes", "blocks"],
)
def test_the_strangest_program_is_survived(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, text).findings == ()


LINES = 50_000


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (WRONG + "".join(f"x{n} = x{n - 1} + softmax\n" for n in range(LINES)), ["LB101"]),
        ("import keras\nm = keras.Sequential()\n" + "m.add(keras.layers.Dense(1))\n" * LINES, []),
        (WRONG + f"text = '{'x' * 10_000_000}'\n", ["LB101"]),
        (WRONG + "x = " + "(" * 150 + "1" + ")" * 150 + "\n", ["LB101"]),
        (WRONG + "x = [\n" + "    'softmax',\n" * LINES + "]\n", ["LB101"]),
    ],
    ids=["assignments", "layers", "a long line", "brackets", "a list"],
)
def test_the_largest_program_is_read_to_its_end(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert [one.code for one in checked(tmp_path, text).findings] == codes


@pytest.mark.slow
def test_a_million_lines_of_ordinary_python_are_read(tmp_path: Path) -> None:
    """Here for the limit; their syntax tree takes 5 GB."""
    lines = "def f(x, y):\n    z = g(x, 1)\n    return z + y.a\n\n" * 250_000
    report = checked(tmp_path, WRONG + lines)
    assert ([one.code for one in report.findings], report.unparsable) == (["LB101"], ())


@pytest.mark.slow
def test_a_program_whose_tree_would_take_too_much_memory_is_refused(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (one,) = checked(tmp_path, "x;" * (MOST_TOKENS // 2) + "x\n").unparsable
    assert one.reason == TOO_MANY_TOKENS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB; parsed it takes 9 GB


@pytest.fixture
def few_tokens(monkeypatch: pytest.MonkeyPatch) -> int:
    """The same limit, but reached at once."""
    monkeypatch.setattr(limits, "MOST_TOKENS", 1000)
    return 1000


def test_words_and_operators_are_counted_and_not_characters(few_tokens: int) -> None:
    assert not has_too_many_tokens("x = '" + "a" * few_tokens + "'")
    assert not has_too_many_tokens("x  ;" * (few_tokens // 2))
    assert has_too_many_tokens("x  ;" * (few_tokens // 2) + "x")
    assert has_too_many_tokens("x\n" * (few_tokens // 2) + "x")


def test_a_cell_that_is_too_large_is_named_and_the_others_are_checked(tmp_path: Path, few_tokens: int) -> None:
    report = checked(tmp_path, notebook("!ls\n" + "x;" * few_tokens, WRONG), "a.ipynb")
    assert [(one.reason, one.cell) for one in report.unparsable] == [(TOO_MANY_TOKENS, 1)]
    assert len(report.findings) == 1


def test_cells_that_are_too_large_together_are_refused(tmp_path: Path, few_tokens: int) -> None:
    cell = "x;" * (few_tokens // 3)
    (one,) = checked(tmp_path, notebook(cell, cell), "a.ipynb").unparsable
    assert (one.reason, one.cell) == (TOO_MANY_TOKENS, None)


@pytest.mark.parametrize("name", ["a.py", "a.ipynb"])
def test_a_file_with_too_many_bytes_is_refused_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole, that takes no room
    (one,) = check([str(path)], Settings()).unparsable
    assert one.reason == "it should have at most 268,435,456 bytes, got 1,099,511,627,776"


def test_of_stdin_no_more_is_read_than_a_file_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/zero").open() as endless:
        monkeypatch.setattr("sys.stdin", endless)
        with pytest.raises(UnreadableError, match="at most 268,435,456 bytes, got more"):
            raw_of("-")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (WRONG.encode() + b"x = " + b"[" * 500 + b"]" * 500, "nested|too many"),
        (WRONG.encode() + b"\0", "zero byte"),
        (WRONG.encode("utf-16"), "^it is UTF-16, which Python does not read"),
        (b"\x80\x81\xfe\xff" * 1000, "line 1"),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + WRONG.encode(), "line 1"),
    ],
    ids=["500 brackets", "zero byte", "UTF-16", "no text", "two byte order marks"],
)
def test_a_file_that_is_no_python_is_left_out_with_the_reason(tmp_path: Path, raw: bytes, why: str) -> None:
    report = checked(tmp_path, raw)
    assert report.findings == ()
    assert re.search(why, report.unparsable[0].reason)


def test_a_file_that_may_not_be_read_or_has_gone_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    report = check([str(tmp_path / "gone.py"), str(tmp_path / "folder.py")], Settings())
    assert [one.reason for one in report.unparsable] == [
        "it cannot be read: No such file or directory",
        "it cannot be read: Is a directory",
    ]


def test_one_bad_file_does_not_keep_the_others_from_being_checked(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def", encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    report = check([str(tmp_path / "bad.py"), str(tmp_path / "wrong.py")], Settings())
    assert [one.path for one in report.unparsable] == [str(tmp_path / "bad.py")]
    assert len(report.findings) == 1


def test_a_model_and_its_compile_in_two_cells_are_followed(tmp_path: Path) -> None:
    cells = (
        "!pip install keras \\\n  tensorflow\n%matplotlib inline\nimport keras",
        "%%bash\nls -l | wc",
        "%%time\nmodel = keras.Sequential()\nmodel.add(keras.layers.Dense(1))\nmodel?\nfiles = !ls",
        "\nmodel.compile('adam', loss='binary_crossentropy')",
    )
    report = checked(tmp_path, notebook(*cells), "a.ipynb")
    assert report.unparsable == ()
    (finding,) = report.findings
    assert (finding.code, finding.cell, finding.line) == ("LB101", 4, 2)
    assert finding.source == cells[3].splitlines()[1]
    assert finding.head is not None
    assert (finding.head.cell, finding.head.line) == (3, 3)


def test_a_cell_that_is_no_python_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    report = checked(tmp_path, notebook("print 'two'", WRONG), "a.ipynb")
    assert [(one.cell, one.reason.partition(":")[0]) for one in report.unparsable] == [(1, "line 1")]
    assert [one.cell for one in report.findings] == [2]


def test_a_cell_with_line_breaks_that_python_does_not_know_is_read(tmp_path: Path) -> None:
    cell = "x = 'a\u2028b\x0bc\x85d'\n\f\n" + WRONG
    report = checked(tmp_path, notebook(cell), "a.ipynb")
    assert report.unparsable == ()
    assert [(one.code, one.line) for one in report.findings] == [("LB101", 4)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_says_so(tmp_path: Path, text: str) -> None:
    (one,) = checked(tmp_path, text, "a.ipynb").unparsable
    assert "no notebook" in one.reason
