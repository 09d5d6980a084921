"""What makes evidence weak, said beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from logitbench.compare.declared import BEST, MARGIN_OF_ACCURACY, MARGIN_OF_LOSS, Declared, less_is_better
from logitbench.compare.statistics import Array
from logitbench.records import ONLY_CLASS

WIDE = 0.1
"""Standard deviation over mean, over seeds."""


def of_arm(arm: str, figures: Mapping[str, Array], declared: Declared) -> Iterator[str]:
    """Yield a doubt about an arm's declared number.

    Args:
        arm: Its name.
        figures: Its figures by metric, [seeds, epochs]; NaN where it diverged.
        declared: What the number is.
    """
    numbers = declared.of(figures)
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) > 1 and numbers.std(ddof=1) > WIDE * abs(numbers.mean()):
        share = (
            f"{100 * numbers.std(ddof=1) / abs(numbers.mean()):.0f} % of its mean" if numbers.mean() else "a mean of 0"
        )
        how = "by" if numbers.mean() else "around"
        yield f"{declared.metric} of {arm} spreads over seeds {how} {share}"
    yield from _unfinished(arm, figures[declared.metric], declared)


def of_numbers(arms: Mapping[str, Mapping[str, Array]], declared: Declared) -> Iterator[str]:
    """Yield a doubt about the declared numbers of a pair.

    Args:
        arms: By arm, its figures by metric, [seeds, epochs].
        declared: What the number is.
    """
    finished = {arm: int(np.isfinite(declared.of(figures)).sum()) for arm, figures in arms.items()}
    if len(set(finished.values())) > 1:
        told = ", ".join(f"{arm} in {n}" for arm, n in finished.items())
        yield f"{declared.metric} is finite in unequal numbers of seeds ({told}); only seeds with both are compared"
    if declared.at == f"{BEST}{declared.metric}":
        yield f"{declared.metric} is taken at the epoch where it is best itself, and is better there than on new data"


def of_accuracy(
    arm: tuple[str, Mapping[str, Array]], baseline: tuple[str, Mapping[str, Array]], declared: Declared
) -> Iterator[str]:
    """Yield a doubt if accuracy contradicts a verdict on a loss, or the likelihood a verdict on an accuracy.

    Args:
        arm: Its name, and its figures by metric, [seeds, epochs].
        baseline: The same of the baseline.
        declared: What the verdict is about.
    """
    other = "val_nll" if "accuracy" in declared.metric else "val_matched_accuracy"
    margin = MARGIN_OF_LOSS if other == "val_nll" else MARGIN_OF_ACCURACY
    pair = dict([arm, baseline])
    whole = np.isfinite([declared.of(figures) for figures in pair.values()]).all(axis=0)
    if not whole.any():
        return
    means = {
        metric: {name: float(declared.of(figures, metric)[whole].mean()) for name, figures in pair.items()}
        for metric in (declared.metric, other)
    }
    favoured, contradicting = ((min if less_is_better(m) else max)(of, key=of.__getitem__) for m, of in means.items())
    shown, against = means[other][contradicting], means[other][favoured]
    if abs(shown - against) > margin:
        yield (
            f"{declared.metric} favours {favoured}, but {other} favours {contradicting}: {shown:.4f} against "
            f"{against:.4f}"
        )


def of_predictions(
    arms: Mapping[str, Mapping[str, Array]], declared: Declared, dataset: Mapping[str, Any]
) -> Iterator[str]:
    """Say so where an arm predicts one class for every validation example, at the epoch of the declared number.

    Args:
        arms: By arm, its figures by metric, [seeds, epochs]; one arm or the two of a pair.
        declared: What the number is.
        dataset: What the run's record says of its data.
    """
    by_arm = {arm: declared.of(figures, ONLY_CLASS) for arm, figures in arms.items()}
    constant = {arm: values[np.isfinite(values)] for arm, values in by_arm.items() if np.isfinite(values).any()}
    if not constant:
        return
    numbers = np.unique(np.concatenate(list(constant.values())))
    who = "both arms predict" if len(constant) == 2 else f"{next(iter(constant))} predicts"
    sentence = f"{who} {_class_name(dataset, int(numbers[0])) if len(numbers) == 1 else 'one class'} "
    sentence += "for every validation example"
    if len(numbers) == 1:
        arm, number = next(iter(constant)), numbers[0]
        share = declared.of(arms[arm], "val_matched_accuracy")[by_arm[arm] == number][0]
        sentence += f" ({100 * share:.1f} %)"
    finished = {arm: int(np.isfinite(declared.of(figures)).sum()) for arm, figures in arms.items()}
    if any(len(values) < finished[arm] for arm, values in constant.items()):
        yield f"{sentence} in some seeds ({', '.join(f'{arm} in {len(values)}' for arm, values in constant.items())})"
    elif len(constant) < len(arms) or len(arms) == 1:
        yield sentence
    elif _learned_nothing(arms.values(), declared, dataset):
        yield f"{sentence} and learned no more than the class shares; this run cannot tell the heads apart"
    else:
        yield f"{sentence}; accuracy cannot tell the heads apart"


def _class_name(dataset: Mapping[str, Any], number: int) -> str:
    classes = dataset.get("classes")
    return repr(classes[number]) if isinstance(classes, list | tuple) and number < len(classes) else f"class {number}"


def _learned_nothing(arms: Iterable[Mapping[str, Array]], declared: Declared, dataset: Mapping[str, Any]) -> bool:
    """Return whether no arm of any seed is better than a model that gives each class its share of the examples.

    The likelihood of that model is the entropy of the shares. Results written before logitbench 0.2.0 have no shares.
    """
    counts = np.array(dataset.get("val_counts") or [0.0], dtype="float64")
    if not counts.sum():
        return False
    shares = counts[counts > 0] / counts.sum()
    entropy = -(shares * np.log(shares)).sum()
    return all(np.nanmin(declared.of(figures, "val_nll")) > entropy - MARGIN_OF_LOSS for figures in arms)


def _unfinished(arm: str, figures: Array, declared: Declared) -> Iterator[str]:
    """Say so if the metric still gets better at the last epoch, by more than the margin."""
    whole = figures[np.isfinite(figures).all(axis=1)]
    if declared.at != "last" or figures.shape[1] < 2 or not len(whole):
        return
    before, last = whole[:, -2].mean(), whole[:, -1].mean()
    gain = before - last if less_is_better(declared.metric) else last - before
    if gain > declared.equivalence_margin:
        how = "falls" if last < before else "rises"
        yield (
            f"{declared.metric} of {arm} still {how} at the last epoch ({before:.4f} to {last:.4f}): more epochs may "
            "change what is found"
        )
