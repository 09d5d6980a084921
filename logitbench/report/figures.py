"""How a figure is written, in every format that a person reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from logitbench.compare.comparison import ArmPair, Cell, Comparison

EPOCHS_SHOWN = 8
"""A table for the eye has no more epochs than this; files have them all."""


def cell(figure: Cell) -> str:
    """Write a mean, its standard deviation over seeds, and how many seeds diverged: ``0.7371 ± 0.0042``.

    4 decimals, or 5 significant digits where the mean is large or small.
    """
    if figure.mean is None:
        return f"diverged ({figure.diverged})"
    digits = ".4f" if figure.mean == 0 or 0.001 <= abs(figure.mean) < 1000 else ".4e"
    text = format(figure.mean, digits)
    if figure.spread is not None:
        text += f" ± {figure.spread:{digits}}"
    return text + (f" ({figure.diverged} diverged)" if figure.diverged else "")


def epochs_shown(comparison: Comparison) -> list[int]:
    """Return the epochs that a table for the eye has: all if few, else the first, the last and some between."""
    epochs = comparison.epochs
    if len(epochs) <= EPOCHS_SHOWN:
        return list(epochs)
    last = len(epochs) - 1
    return [epochs[round(i * last / (EPOCHS_SHOWN - 1))] for i in range(EPOCHS_SHOWN)]


def heading(comparison: Comparison) -> str:
    """Name the run, its seeds and what the cells are."""
    seeds = len(comparison.seeds)
    spread = f"{seeds} seeds, mean ± standard deviation over seeds" if seeds > 1 else "1 seed, so no spread"
    return f"{comparison.run.experiment} / {comparison.run.run_id}: {spread}"


def setting(comparison: Comparison) -> str:
    """Say with what the run was trained."""
    spec = comparison.run.spec
    training = spec.get("training", {})
    parts = [
        f"model {spec.get('model', {}).get('name')}",
        *(f"{key} {training.get(key)}" for key in ("optimizer", "batch_size", "precision", "engine")),
    ]
    return " ".join(", ".join(parts).split())


def verdict(pair: ArmPair) -> str:
    """Write whether an arm and the baseline are the same model, and by how much not."""
    others = f"; {pair.diverged} diverged" if pair.diverged else ""
    if pair.verdict == "DIVERGED":
        return f"DIVERGED: {pair.arm} or {pair.baseline} diverged in every seed, so nothing can be said of the two."
    if pair.verdict == "IDENTICAL":
        return (
            f"IDENTICAL: {pair.arm} and {pair.baseline} have the same losses, matched accuracies and final weights, to "
            f"the last bit, in {pair.identical} of {pair.seeds} seeds{others}."
        )
    gaps = ", ".join(f"{metric} {_signed(gap)}" for metric, gap in pair.gaps.items())
    return (
        f"DIFFERENT: {pair.arm} minus {pair.baseline} at epoch {pair.epoch}, paired by seed (n={pair.seeds}): {gaps}; "
        f"the same to the last bit in {pair.identical} of {pair.seeds} seeds{others}."
    )


def _signed(gap: Cell) -> str:
    return cell(gap) if gap.mean is None or gap.mean < 0 else f"+{cell(gap)}"


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield verdicts, findings and warnings, in the order in which they are read."""
    yield from (verdict(pair) for pair in comparison.pairs)
    yield from comparison.findings
    yield from (f"data: {' '.join(str(note).split())}" for note in comparison.run.dataset.get("notes", ()))
    yield from (f"warning: {' '.join(warning.split())}" for warning in comparison.warnings)


def printable(text: str) -> str:
    """Replace what a terminal would act on rather than show, and what no encoding can write.

    That is control characters, changes of direction, and halves of a surrogate pair.
    """
    return "".join(
        character
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs"} or character == "\n"
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )
