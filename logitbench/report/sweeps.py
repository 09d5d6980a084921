"""What ``probe sweep`` found, as curves and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from logitbench.probes.loss.sweep_records import Sweep, Wanted
from logitbench.report.curves import Curve, Panel
from logitbench.report.grids import Cell, Grid
from logitbench.report.lossprobes import FIT, told

EXACT = "exact"

DRAWN = 2000
"""Points of a curve that are drawn; more cannot be seen."""


def title(wanted: Wanted) -> str:
    """Say what is drawn."""
    return f"{told(replace(wanted.setting, policy='float32', execution=FIT))}, label {wanted.label}"


def panels(wanted: Wanted, sweeps: Sequence[Sweep]) -> list[Panel]:
    """Return the loss, its gradient and its relative error against the logit, a curve for each precision."""
    step = max(1, wanted.points // DRAWN)
    logits = sweeps[-1].logits[::step].tolist()
    exact = Curve(EXACT, logits, sweeps[-1].exact[::step].tolist())
    slope = Curve(EXACT, logits, sweeps[-1].slopes[::step].tolist())

    def curves(figure: str) -> list[Curve]:
        return [Curve(one.policy, one.logits[::step].tolist(), getattr(one, figure)[::step].tolist()) for one in sweeps]

    return [
        Panel("Loss", "logit", "nats", [exact, *curves("losses")]),
        Panel("Gradient by the logit", "logit", "", [slope, *curves("gradients")]),
        Panel("Relative error of the loss", "logit", "", curves("errors"), log=True),
    ]


def whole(sweeps: Sequence[Sweep]) -> Grid:
    """Return a row a precision and logit."""
    rows: chain[tuple[Cell, ...]] = chain.from_iterable(
        zip(
            [one.policy] * len(one.logits),
            *(
                figures.tolist()
                for figures in (one.logits, one.losses, one.exact, one.errors, one.gradients, one.slopes)
            ),
            strict=True,
        )
        for one in sweeps
    )
    columns = ("precision", "logit", "loss", "exact", "relative_error", "gradient", "exact_gradient")
    return Grid("", columns, tuple(rows))
