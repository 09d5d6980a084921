"""Whole outputs of the real results in ``tests/assets``, compared character by character.

After a change that is meant, write them anew and read the diff:

    LOGITBENCH_WRITE_GOLDEN=1 python -m pytest tests/report/test_golden.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from logitbench import store, tables
from logitbench.compare.comparing import compare
from logitbench.compare.overview import groups
from logitbench.records import METRICS
from logitbench.report import COMPARISON_FORMATS
from tests.handmade import ASSETS

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = {
    "table": "compare.txt",
    "json": "compare.json",
    "csv": "compare.csv",
    "markdown": "compare.md",
    "latex": "compare.tex",
    "html": "compare.html",
}

SHOWN = ("loss", "val_accuracy", "val_matched_accuracy", "saturated_fraction", "dead_fraction")


def without_scripts(page: str) -> str:
    """Return a page without what the installed charting libraries wrote; tests/report/test_html.py looks at that."""
    page = re.sub("(<script[^>]*>).*?(?=</script>)", r"\1", page, flags=re.DOTALL)
    return re.sub(r"(?<=script-src 'sha256-)[^']+", "", page)


@pytest.mark.parametrize("form", FILES)
def test_a_comparison_of_real_results_is_written_as_it_always_was(form: str) -> None:
    comparisons = compare(store.read([ASSETS]).trials, metrics=SHOWN)
    text = without_scripts(tables.load(COMPARISON_FORMATS[form])(comparisons, groups(comparisons)))
    golden = GOLDEN / FILES[form]
    if os.environ.get("LOGITBENCH_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", COMPARISON_FORMATS)
def test_the_same_results_are_written_the_same_twice(form: str) -> None:
    render = tables.load(COMPARISON_FORMATS[form])
    texts = {render(compare(store.read([ASSETS]).trials, metrics=METRICS)) for _ in range(2)}
    assert len(texts) == 1
