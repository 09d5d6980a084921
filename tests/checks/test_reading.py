"""Bytes, encodings and notebooks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from logitbench.checks.engine import Settings, check
from logitbench.checks.reading import UnreadableError, decoded, parsed
from logitbench.checks.records import Report

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


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (WRONG.encode() + b"x = " + b"[" * 500 + b"]" * 500, "nested|too many"),
        (WRONG.encode() + b"\0", "zero byte"),
        (WRONG.encode("utf-16"), "null bytes|zero byte"),
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


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_says_so(tmp_path: Path, text: str) -> None:
    (one,) = checked(tmp_path, text, "a.ipynb").unparsable
    assert "no notebook" in one.reason
