"""Numbers and headings, as every format writes them that a person reads."""

from __future__ import annotations

from logitbench.compare.comparison import Cell, Comparison
from logitbench.compare.statistics import ALPHA, Paired
from logitbench.report.plain import printable as printable

LEAST_P = 0.001
"""A smaller p is not written in full."""

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
    "Paired by seed: mean difference [95 % confidence interval], p of each cell alone; ~ where p is .05 or more."
)


def difference(sample: Paired) -> str:
    """Write a mean paired difference, its interval, p and n: ``-0.0021 [-0.0030, -0.0012] (p=0.03 n=10)``.

    ``~`` stands in the place of a difference that the test does not tell from none.
    """
    if sample.mean is None:
        return "diverged"
    if sample.p is not None and sample.p >= ALPHA:
        return f"~ ({p_value(sample.p)} n={sample.n})"
    p = f"{p_value(sample.p)} " if sample.p is not None else ""
    return f"{size(sample)} ({p}n={sample.n})"


def size(sample: Paired) -> str:
    """Write a mean paired difference with its interval."""
    if sample.mean is None:
        return "diverged"
    if sample.low is None or sample.high is None:
        return signed(sample.mean)
    digits = _digits(sample.mean)
    return f"{sample.mean:+{digits}} [{sample.low:+{digits}}, {sample.high:+{digits}}]"


def p_value(p: float) -> str:
    """Write p with two digits, or as many as show on which side of ``ALPHA`` it is."""
    if p < LEAST_P:
        return f"p<{LEAST_P}"
    if p >= 0.1:
        return f"p={p:.2f}"
    digits = next(digits for digits in range(2, 18) if (float(f"{p:.{digits}g}") < ALPHA) == (p < ALPHA))
    return f"p={p:.{digits}g}"


def signed(number: float) -> str:
    """Write a number with its sign: 4 decimals, or 5 significant digits where it is large or small."""
    return f"{number:+{_digits(number)}}"


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
    return f"{comparison.name} / {names}: {spread}"


def setting(comparison: Comparison) -> str:
    """Say with what the runs were trained."""
    spec = comparison.run.spec
    training = spec.get("training", {})
    parts = [
        f"model {spec.get('model', {}).get('name')}",
        *(f"{key} {training.get(key)}" for key in ("optimizer", "batch_size", "precision", "engine")),
    ]
    return " ".join(", ".join(parts).split())
