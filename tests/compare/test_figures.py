from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from logitbench import store
from logitbench.compare.figures import figures
from logitbench.records import METRICS
from tests.handmade import ASSETS, epoch, trials


def test_every_figure_stands_at_its_arm_metric_seed_and_epoch() -> None:
    real = [trial for trial in store.read([ASSETS]).trials if trial.run.experiment == "breast-cancer-raw"]
    found = figures(real)
    assert list(found) == ["logits", "probs", "probs-clipped", "double"]
    for seed, trial in enumerate(real):
        for row in trial.rows:
            for metric in METRICS:
                assert found[row.arm][metric][seed, row.epoch - 1] == getattr(row, metric)


def test_what_is_not_a_number_is_nan_and_nothing_else_is(tmp_path: Path) -> None:
    rows = [epoch("logits", 1), epoch("probs", 1, loss=None), epoch("logits", 2), epoch("probs", 2, val_nll=0.25)]
    found = figures(trials(tmp_path, [rows, rows]))
    assert [[math.isnan(value) for value in row] for row in found["probs"]["loss"]] == [[True, False]] * 2
    assert found["probs"]["val_nll"].tolist() == [[0.5, 0.25]] * 2
    assert sum(int(np.isnan(found[arm][metric]).sum()) for arm in found for metric in METRICS) == 2


def test_a_metric_that_one_trial_is_too_old_for_is_left_out() -> None:
    older, newer = (
        store.read([ASSETS.with_name(f"results-schema-{schema}") / "language-family"]).trials for schema in (1, 3)
    )
    assert set(METRICS) - set(figures([*newer, *older])["logits"]) == {"saturated_fraction"}
    assert list(figures(newer)["logits"]) == [*METRICS, "only_class"]


def test_arms_may_stand_in_another_order_in_each_epoch_and_trial(tmp_path: Path) -> None:
    by_seed = [
        [epoch(arm, number, loss=float(f"{seed}.{number}{column}")) for number, arm, column in order]
        for seed, order in enumerate(
            [
                [(1, "logits", 1), (1, "probs", 2), (2, "probs", 2), (2, "logits", 1)],
                [(1, "probs", 2), (1, "logits", 1), (2, "logits", 1), (2, "probs", 2)],
            ]
        )
    ]
    found = figures(trials(tmp_path, by_seed))
    assert found["logits"]["loss"].tolist() == [[0.11, 0.21], [1.11, 1.21]]
    assert found["probs"]["loss"].tolist() == [[0.12, 0.22], [1.12, 1.22]]


def test_trials_stand_in_their_own_order(tmp_path: Path) -> None:
    found = trials(tmp_path, [[epoch("logits", loss=seed / 8)] for seed in range(4)])
    assert figures(found[::-1])["logits"]["loss"].tolist() == [[0.375], [0.25], [0.125], [0.0]]
