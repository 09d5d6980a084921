"""Every byte that need not change stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench.checks.fixing.document import Change, LeftError, opened, rewritten
from tests.checks.fixing.programs import fixed, fixed_file

WRONG = "import keras\nkeras.Sequential([keras.layers.Dense(1)]).compile('adam', {})\n"
RIGHT = "keras.losses.BinaryCrossentropy(from_logits=True)"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (WRONG.replace("\n", "\r\n"), "utf-8"),
        (WRONG.replace("\n", "\r"), "utf-8"),
        (WRONG.rstrip("\n"), "utf-8"),
        (WRONG.replace("\n", "\r\n", 1), "utf-8"),
        (WRONG, "utf-8-sig"),
        ("# -*- coding: latin-1 -*-\n# été\n" + WRONG, "latin-1"),
        ("# it does not say so: été\n" + WRONG, "latin-1"),
        ("# -*- coding: cp1251 -*-\n# был\n" + WRONG, "cp1251"),
        ("é = '🙂 = è'; " + WRONG.replace("\n", "\n", 1), "utf-8"),
        (WRONG.replace("import keras\n", "import keras\nif True:\n\tx = 1  \n\t\n\f\n"), "utf-8"),
        ("x = 'a\x1cb\u2028c\x0b'\n" + WRONG, "utf-8"),
        (WRONG.replace("{}", "(  # why\n  {}  # so\n)"), "utf-8"),
    ],
    ids=["crlf", "cr", "no end", "mixed", "mark", "latin-1", "unsaid", "cp1251", "wide", "tabs", "breaks", "brackets"],
)
def test_all_but_the_loss_stays_byte_for_byte(raw: str, encoding: str) -> None:
    done = fixed_file(raw.format("'bce'").encode(encoding))
    assert done.after == raw.format(RIGHT).encode(encoding)


def test_an_import_ends_as_the_lines_of_the_file_do() -> None:
    text = (
        "from keras import Sequential\r\nfrom keras.layers import Dense\r\nSequential([Dense(1)]).compile('sgd', 'bce')"
    )
    assert fixed(text).split("\r\n")[2:] == [
        "from keras.losses import BinaryCrossentropy",
        "Sequential([Dense(1)]).compile('sgd', BinaryCrossentropy(from_logits=True))",
    ]


BENIGN = st.sampled_from(
    ["", "\n", "# note\n", "#été = 'x'\n", "x = 1 ;y=2\n", "'''a\nb'''\n", "\tx\n".strip("\t"), "\f\n"]
)
SPACE = st.text(" \t", max_size=3)
INSIDE = st.one_of(SPACE, st.sampled_from(["\n", "  # so\n", "\n\n\t# (\n "]))
END = st.sampled_from(["\n", "\r\n", "\r"])


@given(st.lists(BENIGN, max_size=4), st.lists(BENIGN, max_size=4), st.lists(INSIDE, min_size=5, max_size=5), END)
def test_whatever_stands_around_survives(above: list[str], below: list[str], inside: list[str], end: str) -> None:
    a, b, c, d, e = inside
    call = f"keras.Sequential([{a}keras.layers.Dense(1)]).compile({b}'adam',{c}loss{' '}={d}'bce'{e})\n"
    text = ("import keras\n" + "".join(above) + call + "".join(below)).replace("\n", end)
    assert fixed(text) == text.replace("'bce'", RIGHT)


def test_changes_that_meet_are_refused() -> None:
    document = opened("a.py", b"abcdef = 1\n")
    with pytest.raises(LeftError, match="meet"):
        rewritten(document, [Change((1, 0), (1, 3), "x"), Change((1, 2), (1, 4), "y")])
    assert rewritten(document, [Change((1, 0), (1, 3), "x"), Change((1, 3), (1, 6), "y")]) == b"xy = 1\n"
