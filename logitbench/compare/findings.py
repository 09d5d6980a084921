"""Plain sentences that explain the figures of a run; each names its numbers and, where there is one, the remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from logitbench.heads import ARMS, LossPath

GAP_WORTH_SAYING = 0.0005
"""Between mean accuracies: less would print as 0.0 points."""

DEAD_WORTH_SAYING = 0.01
"""Share of training examples that cannot be learned any more."""


def explain(table: pd.DataFrame, loss_paths: Mapping[str, tuple[str, ...]], baseline: str) -> Iterator[str]:
    """Yield what explains the figures: recovered logits, the metric's threshold, dead examples.

    Args:
        table: The epoch table of one run.
        loss_paths: Each arm's loss path as measured.
        baseline: The arm that others are held against.
    """
    for arm, paths in loss_paths.items():
        if arm in ARMS and ARMS[arm].activated and paths == (LossPath.FUSED,):
            yield (
                f"{arm}: the backend took the logits back from the activation, so its loss is the one of a logits head "
                "to the last operation (loss path fused, measured)."
            )
    for arm in loss_paths:
        if arm != baseline:
            yield from _threshold(table, arm, baseline)
    for arm in loss_paths:
        yield from _dead(table, arm)


def _threshold(table: pd.DataFrame, arm: str, baseline: str) -> Iterator[str]:
    """Say that a gap between reported accuracies is the metric's, where the matched ones are equal in every seed."""
    gaps = _gaps(table, arm, baseline)
    silent = gaps[(gaps["matched_apart"] == 0) & (gaps["reported_gap"].abs() >= GAP_WORTH_SAYING)]
    if silent.empty:
        return
    worst = silent.iloc[int(silent["reported_gap"].abs().argmax())]
    seeds = table["seed"].nunique()
    over = f" (means of {seeds} seeds)" if seeds > 1 else ""
    yield (
        f"Epoch {worst['epoch']:.0f}: {baseline} reports val_accuracy {_share(worst['theirs'])} and {arm} "
        f"{_share(worst['ours'])}, {100 * abs(worst['reported_gap']):.1f} points apart{over}. At the threshold that "
        f"fits each head both have {_share(worst['matched'])}: the whole gap is the metric's threshold, not learning. "
        f'"accuracy" cuts every output at 0.5, and 0.5 on a logit is p = {1 / (1 + math.exp(-0.5)):.2f}. On a logits '
        'head, compile with metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")].'
    )


def _gaps(table: pd.DataFrame, arm: str, baseline: str) -> pd.DataFrame:
    """Return a row per epoch: reported accuracies and their gap, and how far the matched ones are apart in any seed.

    An epoch in which an accuracy of some seed is not a number has no row: a mean of the rest would be of other seeds.
    """
    keys = ["seed", "epoch"]
    ours = table[table["arm"] == arm].set_index(keys)
    theirs = table[table["arm"] == baseline].set_index(keys)
    by_seed = pd.DataFrame(
        {
            "ours": ours["val_accuracy"],
            "theirs": theirs["val_accuracy"],
            "reported_gap": ours["val_accuracy"] - theirs["val_accuracy"],
            "matched": ours["val_matched_accuracy"],
            "matched_apart": (ours["val_matched_accuracy"] - theirs["val_matched_accuracy"]).abs(),
        }
    )
    whole = by_seed.notna().all(axis=1).groupby("epoch").all()
    by_epoch = by_seed.groupby("epoch").agg(
        {
            "ours": "mean",
            "theirs": "mean",
            "reported_gap": "mean",
            "matched": "mean",
            "matched_apart": "max",
        }
    )
    return by_epoch[whole].reset_index()


def _dead(table: pd.DataFrame, arm: str) -> Iterator[str]:
    """Say how many examples have no gradient left."""
    by_epoch = table[table["arm"] == arm].groupby("epoch")["dead_fraction"].mean()
    last = by_epoch.index[-1]
    if by_epoch[last] >= DEAD_WORTH_SAYING:
        yield (
            f"{arm}: in epoch {last}, {100 * by_epoch[last]:.1f} % of the training examples were predicted wrong with "
            "a gradient of exactly 0 at the pre-activation: the loss cannot teach them. Use a linear last layer with "
            "from_logits=True."
        )


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")
