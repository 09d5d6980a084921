from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Comparison
from logitbench.compare.table import epoch_table
from logitbench.records import METRICS, ArmRecord, RunRecord
from logitbench.store import Trial
from logitbench.store.reader import FIELDS
from tests.handmade import epoch, publish, run_record, trial_record, trials

Hostile = Callable[[str], list[Comparison]]


@pytest.fixture
def awkward(tmp_path: Path) -> list[Comparison]:
    """A run with a seed that diverged, figures far from 1, and an arm that no seed finished."""
    by_seed = [
        [epoch("logits", loss=1e-5), epoch("probs", loss=12345.678), epoch("raw", loss=None)],
        [epoch("logits", loss=3e-5), epoch("probs", loss=None), epoch("raw", loss=None)],
    ]
    return compare(trials(tmp_path, by_seed), metrics=["loss"])


@pytest.fixture
def table(tmp_path: Path) -> pd.DataFrame:
    """An epoch table with figures that a careless writer rounds, and one that is not a number."""
    figures = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2**-1074 * 3, math.pi, 0.0, 0.7, 1.0000000000000002]
    rows = [
        epoch("logits", **dict(zip(METRICS, figures, strict=True))),
        epoch("probs-clipped", val_loss=None, val_nll=0.30000000000000004),
    ]
    return epoch_table(trials(tmp_path, [rows, [epoch("logits"), epoch("probs-clipped", loss=0.1 + 0.2)]]))


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    """Give a comparison in which a text stands wherever one can, past the checks that names go through."""

    def make(text: str) -> list[Comparison]:
        rows = [epoch("logits"), epoch(text)]
        columns = {field: tuple(getattr(row, field) for row in rows) for field in FIELDS}
        record = trial_record([rows[0]], warnings=[text])
        arms: dict[str, ArmRecord] = {"logits": record.arms["logits"], text: record.arms["logits"]}
        run = RunRecord.model_construct(**(dict(run_record()) | {"experiment": text, "run_id": text}))
        return compare([Trial(run, record.model_copy(update={"arms": arms}), columns)], metrics=["loss"])

    return make


@pytest.fixture
def warned(tmp_path: Path) -> Hostile:
    """Give a comparison whose trials warn of a text: the one text of a run that nobody has checked."""

    def make(text: str) -> list[Comparison]:
        publish(store.create_run(tmp_path, run_record()), [epoch("logits"), epoch("probs")], warnings=[text])
        return compare(store.read([tmp_path]).trials, metrics=["loss"])

    return make
