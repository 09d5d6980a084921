"""How a figure is written, in every format that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from logitbench.compare.comparison import ArmPair, Cell, Comparison
from logitbench.compare.overview import Overall
from logitbench.compare.power import POWER
from logitbench.compare.statistics import ALPHA, FEWEST, Paired, least_p
from logitbench.compare.verdict import Declared, Verdict, less_is_better
from logitbench.report.plain import printable as printable

EPOCHS_SHOWN = 8
"""A table for the eye has no more epochs than this; files have them all."""


def cell(figure: Cell) -> str:
    """Write a mean, its standard deviation over seeds, and how many seeds diverged: ``0.7371 ± 0.0042``.

    4 decimals, or 5 significant digits where the mean is large or small.
    """
    if figure.mean is None:
        return f"diverged ({figure.diverged})"
    digits = _digits(figure.mean)
    text = format(figure.mean, digits)
    if figure.spread is not None:
        text += f" ± {figure.spread:{digits}}"
    return text + (f" ({figure.diverged} diverged)" if figure.diverged else "")


def epochs_shown(comparison: Comparison, most: int = EPOCHS_SHOWN) -> list[int]:
    """Return the epochs that a table for the eye has: all if few, else the first, the last and some between."""
    epochs, most = comparison.epochs, min(most, EPOCHS_SHOWN)
    if len(epochs) <= most:
        return list(epochs)
    last = len(epochs) - 1
    return [epochs[round(i * last / (most - 1))] for i in range(most)]


OF_DIFFERENCES = (
    "Paired by seed: mean difference ± half its 95 % interval (from 20 seeds on its ends), p of each cell alone; "
    "~ where p is .05 or more."
)


def difference(sample: Paired) -> str:
    """Write a mean paired difference, half its interval's width, p and n: ``-0.0021 ± 0.0009 (p=0.03 n=10)``.

    ``~`` stands in the place of a difference that the test does not tell from none.
    """
    if sample.mean is None:
        return "diverged"
    if sample.p is not None and sample.p >= ALPHA:
        return f"~ ({_p(sample.p)} n={sample.n})"
    p = f"{_p(sample.p)} " if sample.p is not None else ""
    return f"{size(sample)} ({p}n={sample.n})"


def size(sample: Paired) -> str:
    """Write a mean paired difference with half its interval's width."""
    if sample.mean is None:
        return "diverged"
    digits = _digits(sample.mean)
    if sample.low is None or sample.high is None:
        return f"{sample.mean:+{digits}}"
    if sample.interval == "BCa":  # not symmetric
        return f"{sample.mean:+{digits}} ({sample.low:+{digits}} to {sample.high:+{digits}})"
    return f"{sample.mean:+{digits}} ± {(sample.high - sample.low) / 2:{digits}}"


def _p(p: float) -> str:
    return "p<0.001" if p < 0.001 else f"p={p:.2g}" if p < 0.1 else f"p={p:.2f}"


def _digits(number: float) -> str:
    return ".4f" if number == 0 or 0.001 <= abs(number) < 1000 else ".4e"


def of_baselines(comparison: Comparison) -> str:
    """Say what is taken away in the differences of a comparison."""
    baselines = {pair.baseline for pair in comparison.pairs}
    return f"minus {baselines.pop()}" if len(baselines) == 1 else "each minus its own in the other results"


def heading(comparison: Comparison) -> str:
    """Name the runs, their seeds and what the cells are."""
    seeds = len(comparison.seeds)
    spread = f"{seeds} seeds, mean ± standard deviation over seeds" if seeds > 1 else "1 seed, so no spread"
    runs = [run.run_id for run in comparison.runs]
    names = ", ".join(runs) if len(runs) < 4 else f"{runs[0]} and {len(runs) - 1} more runs"
    return f"{comparison.run.experiment} / {names}: {spread}"


def setting(comparison: Comparison) -> str:
    """Say with what the runs were trained."""
    spec = comparison.run.spec
    training = spec.get("training", {})
    parts = [
        f"model {spec.get('model', {}).get('name')}",
        *(f"{key} {training.get(key)}" for key in ("optimizer", "batch_size", "precision", "engine")),
    ]
    return " ".join(", ".join(parts).split())


def verdict(pair: ArmPair, declared: Declared) -> str:
    """Write what the evidence says of an arm and the baseline, with its numbers."""
    return f"{pair.verdict}: {_VERDICTS[pair.verdict](pair, declared)}{_diverged(pair)}."


def _diverged(pair: ArmPair) -> str:
    if not pair.diverged:
        return ""
    alone = [f"{name} alone in {n}" for name, n in zip((pair.arm, pair.baseline), pair.alone, strict=True) if n]
    return f"; {pair.diverged} of {pair.seeds} seeds diverged" + (f", {' and '.join(alone)}" if alone else "")


def number(declared: Declared) -> str:
    """Name the declared number: ``val_nll at the last epoch``."""
    return (
        f"{declared.metric} at {'the last epoch' if declared.at == 'last' else f'its {declared.at}'.replace(':', ' ')}"
    )


def _number(pair: ArmPair, declared: Declared) -> str:
    return f"{number(declared)}, {pair.arm} minus {pair.baseline}"


def _tested(pair: ArmPair) -> str:
    sample = pair.evidence.sample
    effect = f", d={sample.effect:.2g}" if sample.effect is not None else ""
    return f"{size(sample)} ({_p(pair.evidence.p or 0.0)}{_holm(pair)}, n={sample.n}{effect})"


def _holm(pair: ArmPair) -> str:
    return f" after Holm over {pair.evidence.tests} pairs" if pair.evidence.tests > 1 else ""


def _identical(pair: ArmPair, declared: Declared) -> str:
    del declared
    return (
        f"{pair.arm} and {pair.baseline} have the same losses, matched accuracies and final weights, to the last bit, "
        f"in {pair.identical} of {pair.seeds} seeds"
    )


def _no_number(pair: ArmPair, declared: Declared) -> str:
    return f"in every seed {pair.arm} or {pair.baseline} has no finite {declared.metric}; nothing can be said of them"


def _too_few(pair: ArmPair, declared: Declared) -> str:
    sample = pair.evidence.sample
    return (
        f"{_number(pair, declared)}: {size(sample)} (n={sample.n}); the least p that {sample.n} can reach is "
        f"{least_p(sample.n):.2g}, and {FEWEST} seeds are needed for {ALPHA}"
    )


def _equivalent(pair: ArmPair, declared: Declared) -> str:
    p = pair.evidence.p
    return (
        f"{_number(pair, declared)}: {size(pair.evidence.sample)} (n={pair.evidence.sample.n}), within "
        f"±{declared.equivalence_margin:g} ({_p(pair.evidence.equivalence_p or 0.0)} of two one-sided tests"
        f"{_holm(pair)})" + (f", though they do differ ({_p(p)})" if p is not None and p < ALPHA else "")
    )


def _better(pair: ArmPair, declared: Declared) -> str:
    better, other = (pair.baseline, pair.arm) if pair.verdict is Verdict.A_BETTER else (pair.arm, pair.baseline)
    return f"{better} is better than {other}: {_number(pair, declared)}: {_tested(pair)}"


def _inconclusive(pair: ArmPair, declared: Declared) -> str:
    needed = pair.evidence.needed
    lost = pair.evidence.lost
    arm_is_ahead = ((pair.evidence.sample.mean or 0) < 0) == less_is_better(declared.metric)
    if lost[0 if arm_is_ahead else 1] or (any(lost) and needed is None):
        settled = "more seeds do not settle it while one of them diverges alone"
    elif needed:
        settled = f"about {needed} seeds would settle it at power {POWER:g}, if mean and spread stay as they are"
    else:
        settled = f"it would take more than 10,000 seeds to settle it at power {POWER:g}"
    return f"{_number(pair, declared)}: {_tested(pair)}; {settled}"


_VERDICTS: dict[Verdict, Callable[[ArmPair, Declared], str]] = {
    Verdict.IDENTICAL: _identical,
    Verdict.DIVERGED: _no_number,
    Verdict.TOO_FEW_SEEDS: _too_few,
    Verdict.EQUIVALENT: _equivalent,
    Verdict.A_BETTER: _better,
    Verdict.B_BETTER: _better,
    Verdict.INCONCLUSIVE: _inconclusive,
}


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield verdicts, findings, doubts and warnings, in the order in which they are read."""
    yield from (verdict(pair, comparison.declared) for pair in comparison.pairs)
    yield from comparison.findings
    doubts = dict.fromkeys(doubt for pair in comparison.pairs for doubt in pair.evidence.doubts)
    yield from (f"weak: {doubt}." for doubt in doubts)
    yield from comparison.notes
    yield from (f"data: {' '.join(str(note).split())}" for note in comparison.run.dataset.get("notes", ()))
    yield from (f"warning: {' '.join(warning.split())}" for warning in comparison.warnings)


def over_experiments(groups: Sequence[Overall], declared: Declared) -> Iterator[str]:
    """Yield what holds over several experiments, a sentence or more for each group."""
    for group in groups:
        of = f" of {group.name}" if group.name else ""
        better, gap = group.improvement, group.difference
        what = "groups of runs" if group.mixed else "experiments"
        told = (
            f"over {group.experiments} {what}{of}, {group.seeds} seeds: {group.arm} improves on {group.baseline} with "
            f"probability {better.value:.2f} (95 % bootstrap interval {better.low:.2f} to {better.high:.2f})"
        )
        if gap is not None:
            told += (
                f"; interquartile mean of {declared.metric}, {group.arm} minus {group.baseline}: "
                f"{gap.value:+{_digits(gap.value)}} ({gap.low:+{_digits(gap.low)}} to {gap.high:+{_digits(gap.high)}})"
            )
        if group.diverged:
            told += f"; in {group.diverged} seeds one of them has no number, which counts as worse than any" + (
                ", and is not in the mean" if gap is not None else ""
            )
        if group.too_few:
            told += f"; left out for fewer than {FEWEST} seeds: {', '.join(group.too_few)}"
        yield f"{told}."
