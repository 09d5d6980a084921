"""Plain sentences that explain the figures of a run; each names its numbers and, where there is one, the remedy.

Code stands between backticks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from logitbench.heads import ARMS, LossPath

GAP_WORTH_SAYING = 0.0005
"""Between mean accuracies: less would print as 0.0 points."""

DEAD_WORTH_SAYING = 0.01
"""Share of training examples that cannot be learned any more."""

RIGHT_HEAD = "end the model in a linear layer and give the loss `from_logits=True`"

PATHS = {
    LossPath.CLIPPED: "probabilities are clipped to [epsilon, 1 - epsilon] before the log (loss path clipped, "
    f"measured), and past the clip there is no gradient. If that costs you, {RIGHT_HEAD}, in float32.",
    LossPath.DOUBLE: "the activation is applied twice (loss path double, measured): once by the model and once by the "
    "loss, which was told that it gets logits. Remove the activation, or set `from_logits=False`.",
    LossPath.RAW: "logits are read as if they were probabilities (loss path raw, measured). Set `from_logits=True`.",
    LossPath.OTHER: "the loss is none that logitbench knows (loss path other, measured).",
}
"""What a loss path means, and what to do."""


def explain(table: pd.DataFrame, loss_paths: Mapping[str, tuple[str, ...]], baseline: str) -> Iterator[str]:
    """Yield what explains the figures: divergence, loss paths, the metric's threshold, dead examples.

    Args:
        table: The epoch table of one run.
        loss_paths: Each arm's loss path as measured.
        baseline: The arm that others are held against.
    """
    for arm in loss_paths:
        yield from _diverged(table, arm)
    for arm, paths in loss_paths.items():
        yield from _path(arm, paths)
    yield from _thresholds(table, tuple(loss_paths), baseline)
    for arm in loss_paths:
        yield from _dead(table, arm)


def _diverged(table: pd.DataFrame, arm: str) -> Iterator[str]:
    """Say from which epoch figures are no numbers."""
    broken = table[(table["arm"] == arm) & (table["status"] == "diverged")]
    if not broken.empty:
        yield (
            f"{arm}: diverged in {broken['seed'].nunique()} of {table['seed'].nunique()} seeds, from epoch "
            f"{broken['epoch'].min()} on: a loss is not a finite number. Lower the learning rate, or scale the inputs."
        )


def _path(arm: str, paths: tuple[str, ...]) -> Iterator[str]:
    """Say what a loss path means, where it is not simply that of logits."""
    activated = arm in ARMS and ARMS[arm].activated
    for path in map(LossPath, paths):
        if path is not LossPath.FUSED:
            yield f"{arm}: {PATHS[path]}"
        elif activated:
            yield (
                f"{arm}: the backend took the logits back from the activation, so its loss is the one of a logits head "
                "to the last operation (loss path fused, measured)."
            )


def _thresholds(table: pd.DataFrame, arms: tuple[str, ...], baseline: str) -> Iterator[str]:
    """Say that a gap between reported accuracies is the metric's, where the matched ones are equal in every seed."""
    sentences = [sentence for arm in arms if arm != baseline for sentence in _threshold(table, arm, baseline)]
    if len(arms) == 1:
        sentences = list(_threshold_alone(table, baseline))
    yield from sentences
    if sentences:
        yield (
            f'Keras\'s "accuracy" cuts every output at 0.5, and 0.5 on a logit is p = {1 / (1 + math.exp(-0.5)):.2f}. '
            'On a logits head, compile with `metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]`.'
        )


def _threshold(table: pd.DataFrame, arm: str, baseline: str) -> Iterator[str]:
    gaps = _gaps(table, arm, baseline)
    silent = gaps[(gaps["matched_apart"] == 0) & (gaps["reported_gap"].abs() >= GAP_WORTH_SAYING)]
    if silent.empty:
        return
    worst = silent.iloc[int(silent["reported_gap"].abs().argmax())]
    yield (
        f"Epoch {worst['epoch']:.0f}: {baseline} reports val_accuracy {_share(worst['theirs'])} and {arm} "
        f"{_share(worst['ours'])}, {100 * abs(worst['reported_gap']):.1f} points apart{_over(table)}. At the threshold "
        f"that fits each head both have {_share(worst['matched'])}: the whole gap is the metric's threshold."
    )


def _threshold_alone(table: pd.DataFrame, arm: str) -> Iterator[str]:
    """Say the same of a run with one arm: what it reports against what it knows."""
    means = table.groupby("epoch")[["val_accuracy", "val_matched_accuracy"]].mean().dropna()
    gaps = (means["val_accuracy"] - means["val_matched_accuracy"]).abs()
    if gaps.empty or gaps.max() < GAP_WORTH_SAYING:
        return
    epoch = gaps.index[int(gaps.argmax())]
    yield (
        f"Epoch {epoch}: {arm} reports val_accuracy {_share(means['val_accuracy'][epoch])}, and has "
        f"{_share(means['val_matched_accuracy'][epoch])} at the threshold that fits the head{_over(table)}."
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
        {"ours": "mean", "theirs": "mean", "reported_gap": "mean", "matched": "mean", "matched_apart": "max"}
    )
    return by_epoch[whole].reset_index()


def _dead(table: pd.DataFrame, arm: str) -> Iterator[str]:
    """Say how many examples have no gradient left."""
    by_epoch = table[table["arm"] == arm].groupby("epoch")["dead_fraction"].mean()
    last = by_epoch.index[-1]
    if by_epoch[last] >= DEAD_WORTH_SAYING:
        yield (
            f"{arm}: in epoch {last}, {100 * by_epoch[last]:.1f} % of the training examples were predicted wrong with "
            f"a gradient of exactly 0 at the pre-activation: the loss cannot teach them. To mend it, {RIGHT_HEAD}."
        )


def _over(table: pd.DataFrame) -> str:
    seeds = table["seed"].nunique()
    return f" (means of {seeds} seeds)" if seeds > 1 else ""


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")
