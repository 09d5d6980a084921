"""Notebooks: lines of cells in their JSON."""

from __future__ import annotations

import json

import pytest

from logitbench.checks.fixing.cells import with_lines
from logitbench.checks.notebooks import parts_of, source_of
from tests.checks.fixing.programs import fixed_file

SETUP = "%matplotlib inline\n!pip install keras \\\n  tensorflow\nimport keras\nfiles = !ls\n"
MODEL = "%%time\nmodel = keras.Sequential([keras.layers.Dense(1)])\nmodel?\n"
WRONG = "# été <b>\nmodel.compile('adam', loss='bce',\n              metrics=['acc'])\nx = '<'"
RIGHT = WRONG.replace("'bce'", "keras.losses.BinaryCrossentropy(from_logits=True)").replace(
    "'acc'", 'keras.metrics.BinaryAccuracy(threshold=0.0, name="acc")'
)


def notebook(*cells: str, listed: bool = True) -> dict[str, object]:
    return {
        "nbformat": 4,
        "cells": [
            {"cell_type": "markdown", "source": ["model.compile('adam', loss='bce')"]},
            *(
                {
                    "outputs": [{"text": "été <b> \x1b[0m", "value": 1e5}],
                    "source": one.splitlines(keepends=True) if listed else one,
                    "cell_type": "code",
                }
                for one in cells
            ),
        ],
        "metadata": {"n": 1.50, "é": []},
    }


@pytest.mark.parametrize(
    ("indent", "ascii_only", "separators", "end"),
    [(1, False, None, "\n"), (2, True, None, ""), ("\t", False, None, "\n\n"), (None, True, (",", ":"), "")],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_rest_of_a_notebook_stays_byte_for_byte(
    indent: int | str | None, ascii_only: bool, separators: tuple[str, str] | None, end: str, newline: str
) -> None:
    def written(last: str) -> bytes:
        text = json.dumps(notebook(SETUP, MODEL, last), indent=indent, ensure_ascii=ascii_only, separators=separators)
        return (text + end).replace("\n", newline).encode()

    assert fixed_file(written(WRONG), path="a.ipynb").after == written(RIGHT)


def test_escapes_that_json_does_not_need_stay_in_what_is_not_changed() -> None:
    text = json.dumps(notebook(SETUP, MODEL, WRONG)).replace("<", "\\u003c").replace("1.5", "1.50")
    after = fixed_file(text.encode(), path="a.ipynb").after.decode()
    assert after.count("\\u003c") == text.count("\\u003c")
    assert '"n": 1.50' in after


def test_a_source_that_is_one_text_stays_one() -> None:
    raw = json.dumps(notebook(SETUP, MODEL, WRONG, listed=False), indent=1).encode()
    after = json.loads(fixed_file(raw, path="a.ipynb").after)
    assert after == notebook(SETUP, MODEL, RIGHT, listed=False)


def test_a_notebook_of_format_3_is_fixed() -> None:
    cells = [
        {
            "cell_type": "code",
            "input": ["import keras\n", "keras.Sequential([keras.layers.Dense(1)])\\\n", ".compile('adam', 'bce')"],
        }
    ]
    raw = json.dumps({"worksheets": [{}, {"cells": cells}]}).encode()
    after = json.loads(fixed_file(raw, path="a.ipynb").after)
    assert after["worksheets"][1]["cells"][0]["input"][2] == (
        ".compile('adam', keras.losses.BinaryCrossentropy(from_logits=True))"
    )


def test_an_import_is_put_in_the_cell_of_its_neighbour() -> None:
    cells = ("from keras import Sequential, layers", "Sequential([layers.Dense(1)]).compile('adam', 'bce')")
    after = json.loads(fixed_file(json.dumps(notebook(*cells)).encode(), path="a.ipynb").after)
    assert after["cells"][1]["source"] == [f"{cells[0]}\n", "from keras.losses import BinaryCrossentropy"]
    assert after["cells"][2]["source"] == [cells[1].replace("'bce'", "BinaryCrossentropy(from_logits=True)")]


def test_a_cell_that_is_no_python_stays_and_the_others_are_fixed() -> None:
    raw = json.dumps(notebook("print 'two'", SETUP, MODEL, WRONG)).encode()
    done = fixed_file(raw, path="a.ipynb")
    assert json.loads(done.after) == notebook("print 'two'", SETUP, MODEL, RIGHT)
    assert len(done.broken) == 1


@pytest.mark.parametrize("source", [["a\n", "b\n", "c"], ["a\nb\n", "c"], "a\nb\nc"])
def test_lines_are_joined_and_added(source: list[str] | str) -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "source": source}]})
    for lines in (["x\n", "y\nz\n", "c"], ["a b\n", "", "c"], ["a b c", "", ""]):
        _, (cell,) = parts_of(with_lines(text, {1: lines}))
        assert source_of(cell) == "".join(lines)
        assert isinstance(cell["source"], type(source))
