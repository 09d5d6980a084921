"""What a comparison says, in sentences: verdicts, findings, doubts and what holds over experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from logitbench.compare.comparison import ArmPair, Comparison
from logitbench.compare.declared import Declared
from logitbench.compare.overview import Overall
from logitbench.compare.power import MOST_SEEDS
from logitbench.compare.sequential import LOOKS, needs_more
from logitbench.compare.statistics import ALPHA, FEWEST, Paired
from logitbench.compare.verdict import Verdict
from logitbench.report import figures


def verdict(pair: ArmPair, declared: Declared) -> str:
    """Write what the evidence says of an arm and the baseline, with its numbers."""
    return f"{pair.verdict}: {_VERDICTS[pair.verdict](pair, declared)}{_sequential(pair)}{_diverged(pair)}."


def _sequential(pair: ArmPair) -> str:
    if pair.evidence.look is None:
        return ""
    return f"; judged after {pair.evidence.look} seeds, with p and interval corrected for looks at {_LOOKS} seeds"


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


def _stated(sample: Paired) -> str:
    """Write a mean paired difference with its interval, and say what the interval is."""
    return figures.size(sample).replace(" [", ", 95 % interval [")


def _number(pair: ArmPair, declared: Declared) -> str:
    return f"{number(declared)}, {pair.arm} minus {pair.baseline}"


def _tested(pair: ArmPair) -> str:
    sample = pair.evidence.sample
    effect = f", d={sample.effect:.2g}" if sample.effect is not None else ""
    p = pair.evidence.p or 0.0
    error = f" ± {pair.evidence.p_error:.1g}, drawn" if pair.evidence.p_error and p >= figures.LEAST_P else ""
    return f"{_stated(sample)} ({figures.p_value(p)}{error}{_holm(pair)}, n={sample.n}{effect})"


def _holm(pair: ArmPair) -> str:
    return f" after Holm over {pair.evidence.tests} pairs" if pair.evidence.tests > 1 else ""


def _identical(pair: ArmPair, declared: Declared) -> str:
    del declared
    return (
        f"{pair.arm} and {pair.baseline} have the same losses, matched accuracies and final weights, to the last bit, "
        f"in {pair.identical} of {pair.seeds} seeds"
    )


def _no_number(pair: ArmPair, declared: Declared) -> str:
    del declared
    every = [name for name, n in zip((pair.arm, pair.baseline), pair.alone, strict=True) if n == pair.seeds]
    who = every[0] if every else f"{pair.arm} or {pair.baseline}"
    return f"{who} diverged in every seed, so the arms cannot be compared"


def _too_few(pair: ArmPair, declared: Declared) -> str:
    evidence = pair.evidence
    return (
        f"{_number(pair, declared)}: {_stated(evidence.sample)} (n={evidence.sample.n}); the least p that "
        f"n={evidence.sample.n} can reach is {evidence.least_p:.2g}{_holm(pair)}, and {ALPHA} needs at least "
        f"{evidence.needed} seeds" + (" in which neither arm diverges" if pair.diverged else "")
    )


def _equivalent(pair: ArmPair, declared: Declared) -> str:
    p = pair.evidence.p
    return (
        f"{_number(pair, declared)}: {_stated(pair.evidence.sample)} (n={pair.evidence.sample.n}), within "
        f"±{declared.equivalence_margin:g} ({figures.p_value(pair.evidence.equivalence_p or 0.0)} of equivalence"
        f"{_holm(pair)})" + (f", though they do differ ({figures.p_value(p)})" if p is not None and p < ALPHA else "")
    )


def _better(pair: ArmPair, declared: Declared) -> str:
    better, other = (pair.baseline, pair.arm) if pair.verdict is Verdict.A_BETTER else (pair.arm, pair.baseline)
    return f"{better} is better than {other}: {_number(pair, declared)}: {_tested(pair)}"


def _inconclusive(pair: ArmPair, declared: Declared) -> str:
    needed, look = pair.evidence.needed, pair.evidence.look
    if not needs_more(pair.evidence, declared):
        advice = "more seeds do not lead to a verdict while one of them diverges alone"
    elif look is not None:
        again = "`logitbench run` with --seeds auto and --resume looks again"
        advice = "no look follows" if look == max(LOOKS) else again
    elif needed:
        advice = (
            f"{needed} seeds would probably lead to a verdict; adding seeds and judging again raises the error rate: "
            "choose that number, or --seeds auto, before a run"
        )
    else:
        advice = f"a verdict would need more than {MOST_SEEDS:,} seeds"
    return f"{_number(pair, declared)}: {_tested(pair)}; {advice}"


_LOOKS = " and ".join(", ".join(map(str, LOOKS)).rsplit(", ", 1))

_VERDICTS: dict[Verdict, Callable[[ArmPair, Declared], str]] = {
    Verdict.IDENTICAL: _identical,
    Verdict.DIVERGED: _no_number,
    Verdict.TOO_FEW_SEEDS: _too_few,
    Verdict.EQUIVALENT: _equivalent,
    Verdict.A_BETTER: _better,
    Verdict.B_BETTER: _better,
    Verdict.INCONCLUSIVE: _inconclusive,
}


def doubts(comparison: Comparison) -> tuple[str, ...]:
    """Return what makes the evidence of a comparison weak, each doubt once."""
    return tuple(dict.fromkeys(doubt for pair in comparison.pairs for doubt in pair.evidence.doubts))


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield verdicts, findings, doubts and warnings, in the order in which they are read."""
    yield from (verdict(pair, comparison.declared) for pair in comparison.pairs)
    yield from comparison.findings
    yield from (f"weak: {doubt}." for doubt in doubts(comparison))
    yield from comparison.notes
    yield from (f"data: {' '.join(str(note).split())}" for note in comparison.run.dataset.get("notes", ()))
    yield from (f"warning: {' '.join(warning.split())}" for warning in comparison.warnings)


def over_experiments(groups: Sequence[Overall], declared: Declared) -> Iterator[str]:
    """Yield what holds over several experiments, a sentence or more for each group."""
    for group in groups:
        of = f" of {group.name}" if group.name else ""
        better, gap = group.improvement, group.difference
        sentence = (
            f"over {group.experiments} experiments{of}, {group.seeds} seeds: {group.arm} improves on {group.baseline} "
            f"with probability {better.value:.2f} (95 % interval {better.low:.2f} to {better.high:.2f})"
        )
        if gap is not None:
            sentence += (
                f"; interquartile mean of {declared.metric}, {group.arm} minus {group.baseline}: "
                f"{figures.signed(gap.value)} (95 % interval {figures.signed(gap.low)} to {figures.signed(gap.high)})"
            )
        if group.diverged:
            sentence += f"; in {group.diverged} seeds one of them has no number, which counts as worse than any" + (
                ", and is not in the mean" if gap is not None else ""
            )
        if group.mixed:
            sentence += "; runs of an experiment that are not pooled take part as one, with their mean for each seed"
        if group.too_few:
            sentence += f"; left out for fewer than {FEWEST} seeds: {', '.join(group.too_few)}"
        yield f"{sentence}."
