"""Keywords of calls, and the layout around them."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench.checks.fix import SetKeyword
from logitbench.checks.fixing.calls import edited
from logitbench.checks.fixing.document import LeftError

NOWHERE = ast.Call(ast.Name("f"), [], [])


def setting(text: str, slot: int | None = 0) -> str:
    return edited(text, SetKeyword(NOWHERE, "thresholds", "0.0", slot))


def removing(text: str, slot: int | None = 0) -> str:
    return edited(text, SetKeyword(NOWHERE, "from_logits", None, slot))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("P()", "P(thresholds=0.0)"),
        ("P(\n)", "P(thresholds=0.0)"),
        ("P(  # none\n)", "P(  # none\nthresholds=0.0)"),
        ("P(name='p')", "P(name='p', thresholds=0.0)"),
        ("P(name='p', )", "P(name='p', thresholds=0.0, )"),
        ("P(\n    name='p',\n    x=1,\n)", "P(\n    name='p',\n    x=1,\n    thresholds=0.0,\n)"),
        ("P(\n    name='p',\n    x=1\n)", "P(\n    name='p',\n    x=1,\n    thresholds=0.0\n)"),
        ("P(\r\n\tname='p',  # so\r\n)", "P(\r\n\tname='p',\r\n\tthresholds=0.0,  # so\r\n)"),
        ("P(\n  # a\n  name='p'  # b\n  # c\n)", "P(\n  # a\n  name='p', thresholds=0.0  # b\n  # c\n)"),
        ("a\n .b\n .P()", "a\n .b\n .P(thresholds=0.0)"),
        ("P(thresholds = 0.5, x=1)", "P(thresholds = 0.0, x=1)"),
        ("P([0.5], name='x')", "P(0.0, name='x')"),
        ("(f)(1)(None)", "(f)(1)(0.0)"),
    ],
)
def test_a_keyword_is_set_and_the_layout_stays(before: str, after: str) -> None:
    assert setting(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("B(from_logits=True)", "B()"),
        ("B(\n    from_logits=True,\n)", "B()"),
        ("B(from_logits=True, x=1)", "B(x=1)"),
        ("B(x=1, from_logits=True)", "B(x=1)"),
        ("B(\n    x=1,\n    from_logits=True,\n)", "B(\n    x=1,\n)"),
        ("B(True)", "B(False)"),
        ("B(x=1,  # so\n  from_logits=True)", "B(x=1,  # so\n  from_logits=False)"),
        ("B(x=1, from_logits=True,  # so\n)", "B(x=1, from_logits=False,  # so\n)"),
        ("B(x=1)", "B(x=1)"),
    ],
)
def test_a_keyword_is_taken_out_unless_a_comment_would_go_with_it(before: str, after: str) -> None:
    assert removing(before) == after


@pytest.mark.parametrize("text", ["P(**given)", "P(*given)", "P(thresholds=CUT)", "P(cut)", "P(thresholds=[a, 0.5])"])
def test_what_is_hidden_or_named_elsewhere_is_left(text: str) -> None:
    with pytest.raises(LeftError):
        setting(text)


def test_a_keyword_that_may_be_among_unnamed_arguments_is_left() -> None:
    with pytest.raises(LeftError, match="unnamed"):
        setting("P(1, 2, 3)", slot=None)


SPACE = st.text(" \t", max_size=3)
GAP = st.one_of(SPACE, st.sampled_from(["\n", "\n\n    ", "  # note\n  ", "\n  # a\n  # b, c)\n"]))


@given(st.lists(st.sampled_from(["name='p'", "dtype=None", "x=(1, 2)"]), unique=True), st.lists(GAP, min_size=8), SPACE)
def test_whatever_stands_between_the_arguments_survives(arguments: list[str], gaps: list[str], inner: str) -> None:
    parts = [f"{gap}{one}{after}" for one, gap, after in zip(arguments, gaps, gaps[1:], strict=False)]
    text = f"m.P{inner}({','.join(parts)}{gaps[-1]})"
    after = setting(text)
    assert ast.dump(ast.parse(f"({after})")) == ast.dump(ast.parse(f"m.P({', '.join([*arguments, 'thresholds=0.0'])})"))
    assert [line.strip() for line in after.split("\n") if line.strip().startswith("#")] == [
        line.strip() for line in text.split("\n") if line.strip().startswith("#")
    ]
