from __future__ import annotations

import pytest

from logitbench import tables
from logitbench.report import COMPARISON_FORMATS, EXPORTS


def test_a_target_is_the_object_it_names() -> None:
    assert tables.load("logitbench.tables:load") is tables.load


@pytest.mark.parametrize("target", [*COMPARISON_FORMATS.values(), *EXPORTS.values()])
def test_every_format_can_be_called(target: str) -> None:
    assert callable(tables.load(target))


@pytest.mark.parametrize("target", ["logitbench.tables:missing", "logitbench.missing:load", "logitbench.tables"])
def test_a_target_that_is_not_there_is_an_error(target: str) -> None:
    with pytest.raises((AttributeError, ImportError)):
        tables.load(target)
