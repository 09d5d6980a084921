"""Plain sentences that explain figures; each names its numbers and, where there is one, the remedy.

Code stands between backticks.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from logitbench.compare.attribution import Split
from logitbench.compare.comparison import ArmPair
from logitbench.compare.figures import Figures
from logitbench.compare.statistics import Array
from logitbench.heads import ARMS, LossPath

MOST = 5
"""More is not read."""

WORTH_SAYING = 0.0005
"""Between means of accuracies, a twentieth of a point, or of losses, in nats."""

DECIMALS = 4
"""As in the tables."""

DEAD_WORTH_SAYING = 0.01
"""Share of training examples that cannot be learned any more."""

ROUNDS_TO_NONE = 0.0005
"""Share of examples."""

RIGHT_HEAD = "end the model in a linear layer and give the loss `from_logits=True`"

MISTAKES = {
    LossPath.DOUBLE: "the activation is applied twice (loss path double, measured): once by the model and once by the "
    "loss, which has `from_logits=True`. Remove the activation from the model.",
    LossPath.RAW: "the loss treats logits as probabilities (loss path raw, measured). Set `from_logits=True`.",
    LossPath.OTHER: "the loss is none that logitbench knows (loss path other, measured).",
}
"""What is wrong with a head, and what to do; an arm has no other remedy then."""


def explain(figures: Figures, loss_paths: Mapping[str, Sequence[str]], pairs: Sequence[ArmPair]) -> list[str]:
    """Return what explains the figures, the weightiest first and at most ``MOST``.

    Args:
        figures: Of all arms.
        loss_paths: Each arm's loss path as measured.
        pairs: Each arm against the baseline.
    """
    remedied = {arm for arm, paths in loss_paths.items() if _has_remedy(paths, figures[arm])}
    found: list[Iterator[str]] = [_diverged(figures, remedied)]
    found += [_mistaken(arm, paths) for arm, paths in loss_paths.items()]
    found += [_threshold(pairs)] if pairs else [_threshold_alone(*item) for item in figures.items()]
    found += [_without_gradient(arm, paths, figures[arm]) for arm, paths in loss_paths.items()]
    found += [_arithmetic(pairs)]
    found += [_recovered(arm, paths) for arm, paths in loss_paths.items()]
    return list(islice((sentence for sentences in found for sentence in sentences), MOST))


def _has_remedy(paths: Sequence[str], of_arm: Mapping[str, Array]) -> bool:
    """Return whether a sentence about an arm's head says what to do: two remedies for one arm may oppose each other."""
    return _has_a_mistake_to_fix(paths) or _dead(of_arm) >= DEAD_WORTH_SAYING


def _has_a_mistake_to_fix(paths: Sequence[str]) -> bool:
    return any(LossPath(path) in {LossPath.DOUBLE, LossPath.RAW} for path in paths)


def _dead(of_arm: Mapping[str, Array]) -> float:
    """Return the share of wrong examples without a gradient at the last epoch; NaN where none was measured."""
    return float(_means(of_arm["dead_fraction"])[-1])


def _diverged(figures: Figures, remedied: Collection[str]) -> Iterator[str]:
    """Say from which epoch on which arms' figures are no numbers, and what to do for arms without another remedy."""
    parts, left = [], []
    for arm, of_arm in figures.items():
        broken = ~(np.isfinite(of_arm["val_nll"]) & np.isfinite(of_arm["loss"]))
        if broken.any():
            parts.append(
                f"{arm}: diverged in {broken.any(axis=1).sum()} of {len(broken)} seeds, from epoch "
                f"{broken.any(axis=0).argmax() + 1} on"
            )
            if arm not in remedied:
                left.append(arm)
    if parts:
        advice = "ower the learning rate, or scale the inputs."
        remedy = "" if not left else f" L{advice}" if len(left) == len(parts) else f" For {', '.join(left)}, l{advice}"
        yield f"{'; '.join(parts)}: a loss is not a finite number.{remedy}"


def _mistaken(arm: str, paths: Sequence[str]) -> Iterator[str]:
    for path in map(LossPath, paths):
        if path in MISTAKES:
            yield f"{arm}: {MISTAKES[path]}"


def _threshold(pairs: Sequence[ArmPair]) -> Iterator[str]:
    """Split the widest gap that the metric's threshold makes between two reported accuracies."""
    splits = [(abs(split.of_measuring), pair, split) for pair in pairs for split in pair.accuracy]
    size, pair, split = max(splits, key=lambda one: one[0], default=(0.0, None, None))
    if pair is None or split is None or size < WORTH_SAYING:
        return
    gap, of_threshold, trained = split.rounded(DECIMALS)
    sign = 1 if gap >= 0 else -1
    figures = f"{_share(split.arm)} against {_share(split.baseline)}{_over(split)}"
    if gap == 0:
        said = f"reports as much val_accuracy as {pair.baseline} ({figures})"
    else:
        more = "more" if gap > 0 else "less"
        said = f"reports {_points(abs(gap))} points {more} val_accuracy than {pair.baseline} ({figures})"
    threshold, training = _points(sign * of_threshold), _points(sign * trained)
    if not gap or min(float(threshold), float(training)) < 0:
        threshold, training = _points(of_threshold, "+"), _points(trained, "+")
    parts = f"{threshold} points come from the metric's threshold, {training} from training"
    widest = ", where that part is widest," if len(pair.accuracy) > 1 else ""
    yield f"At epoch {split.epoch}{widest} {pair.arm} {said}. {parts}. {_threshold_remedy(pair.arm, pair.baseline)}"


def _threshold_alone(arm: str, of_arm: Mapping[str, Array]) -> Iterator[str]:
    """Say of an arm that is alone what it reports against what it knows."""
    reported, matched = (_means(of_arm[metric]) for metric in ("val_accuracy", "val_matched_accuracy"))
    apart = np.nan_to_num(np.abs(reported - matched))
    epoch = int(apart.argmax())
    if apart[epoch] >= WORTH_SAYING:
        yield (
            f"At epoch {epoch + 1} {arm} reports val_accuracy {_share(reported[epoch])}, and has "
            f"{_share(matched[epoch])} at the threshold that fits its head. {_threshold_remedy(arm)}"
        )


def _threshold_remedy(*arms: str) -> str:
    if not any(arm in ARMS and ARMS[arm].threshold == 0 for arm in arms):
        return "Compare `val_matched_accuracy`."
    return (
        f'Keras\'s "accuracy" cuts at 0.5, and 0.5 on a logit is p = {1 / (1 + math.exp(-0.5)):.2f}: on a logits head, '
        'compile with `metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]`.'
    )


def _without_gradient(arm: str, paths: Sequence[str], of_arm: Mapping[str, Array]) -> Iterator[str]:
    """Say how many examples have no gradient left at the last epoch, and of a clipped loss also that there are none."""
    epoch = of_arm["dead_fraction"].shape[1]
    dead = _dead(of_arm)
    saturated = float(_means(of_arm["saturated_fraction"])[-1]) if "saturated_fraction" in of_arm else math.nan
    clipped = LossPath.CLIPPED in paths
    if clipped:
        past = f" ({100 * saturated:.1f} % of the training examples in epoch {epoch})" if saturated >= 0 else ""
        head = (
            f"{arm}: probabilities are clipped to [epsilon, 1 - epsilon] before the log (loss path clipped, measured), "
            f"and past the clip{past} there is no gradient"
        )
    else:
        head = f"{arm}: a wrong prediction can have no gradient"
    if dead >= DEAD_WORTH_SAYING:
        remedy = "" if _has_a_mistake_to_fix(paths) else f" To fix it, {RIGHT_HEAD}, in float32."
        yield (
            f"{head}: in epoch {epoch}, {100 * dead:.1f} % of the training examples were predicted wrong with a "
            f"gradient of exactly 0, and the loss never corrects them.{remedy}"
        )
    elif clipped:
        held_up = f": in epoch {epoch} that held up {100 * dead:.1f} % of the training examples"
        yield f"{head}{held_up if dead >= ROUNDS_TO_NONE else ''}."


def _arithmetic(pairs: Sequence[ArmPair]) -> Iterator[str]:
    """Split the widest gap at the last epoch that the loss's arithmetic makes between two reported losses."""
    splits = [(abs(pair.loss[-1].of_measuring), pair, pair.loss[-1]) for pair in pairs if pair.loss]
    size, pair, split = max(splits, key=lambda one: one[0], default=(0.0, None, None))
    if pair is None or split is None or size < WORTH_SAYING:
        return
    gap, arithmetic, training = (f"{part + 0.0:+.{DECIMALS}f}" for part in split.rounded(DECIMALS))
    yield (
        f"At epoch {split.epoch} the val_loss of {pair.arm} is {gap} nats from that of {pair.baseline} "
        f"({split.arm:.{DECIMALS}f} against {split.baseline:.{DECIMALS}f}{_over(split)}): {arithmetic} come from the "
        f"loss's own arithmetic, {training} from training. Compare `val_nll`."
    )


def _recovered(arm: str, paths: Sequence[str]) -> Iterator[str]:
    if arm in ARMS and ARMS[arm].activated and LossPath.FUSED in paths:
        yield (
            f"{arm}: the backend took the logits back from the activation, so its loss is the one of a logits head "
            "to the last operation (loss path fused, measured)."
        )


def _means(figures: Array) -> Array:
    """Return means over the seeds in which a figure is a finite number, [epochs]; NaN where there is none."""
    finite = np.isfinite(figures)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(finite, figures, 0).sum(axis=0) / finite.sum(axis=0))


def _over(split: Split) -> str:
    return f", means of {split.n} seeds" if split.n > 1 else ""


def _points(share: float, sign: str = "-") -> str:
    return f"{100 * share + 0.0:{sign}.{DECIMALS - 2}f}"  # no -0


def _share(value: float) -> str:
    return f"{value:.{DECIMALS}f}".removeprefix("0")
