from __future__ import annotations

import re
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from logitbench import store
from logitbench.catalogue import shipped
from logitbench.compare.comparing import compare
from tests.cli.command import logitbench

NEEDS_DATA = {"imdb"}
"""Experiments on data that does not come with logitbench or scikit-learn."""


def promised(experiment: str) -> dict[str, str]:
    """Return the verdicts, by arm, that the file of an experiment promises."""
    (line,) = re.findall(r"^# Verdicts: (.*)$", shipped()[experiment].read_text(), re.MULTILINE)
    return dict(part.split(" ", 1) for part in line.split(", "))


@pytest.mark.slow
@pytest.mark.parametrize("experiment", sorted(shipped().keys() - NEEDS_DATA))
def test_a_shipped_experiment_ends_in_the_verdicts_that_its_file_promises(experiment: str, tmp_path: Path) -> None:
    if experiment == "csv":
        frame = load_breast_cancer(as_frame=True).frame.rename(columns={"target": "label"})
        frame.to_csv(tmp_path / "own.csv", index=False)
    logitbench("run", experiment, *(["--data", "own.csv"] if experiment == "csv" else []), cwd=tmp_path)

    (comparison,) = compare(store.read([tmp_path / "results"]).trials)

    assert {pair.arm: str(pair.verdict) for pair in comparison.pairs} == promised(experiment)
