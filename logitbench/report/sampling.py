"""What ``probe sampling`` finds, as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from statistics import fmean

import numpy as np

from logitbench.probes.sampling.chances import LOGITS, PRECISIONS, PROBABILITIES, REPRESENTATIONS, STRATEGIES
from logitbench.probes.sampling.records import Measured, Sampling
from logitbench.report.grids import Cell, Grid
from logitbench.report.sampling_notes import label, meaning, setting, worst

SHORT = {LOGITS: "logits", PROBABILITIES: "probs"}


def grids(found: Sampling) -> list[Grid]:
    """Return what a person reads: distributions, how far they are off, and the two ways to take the top k."""
    return [_distributions(found), _differences(found), _agreement(found)]


def whole(found: Sampling) -> Grid:
    """Return every number found, one a row."""
    return Grid(
        found.head.about,
        ("context", "strategy", "setting", "representation", "precision", "quantity", "token", "value"),
        (*_measured_rows(found), *_agreement_rows(found)),
    )


def _measured_rows(found: Sampling) -> Iterator[tuple[Cell, ...]]:
    for one in found.measured:
        key = (one.context, one.strategy, setting(one.strategy, found.knobs), one.representation, one.precision)
        for token, chance in one.shown:
            yield (*key, "chance", found.head.names[token], chance)
        for quantity in (
            "total",
            "tokens",
            "became_zero",
            "gained",
            "ties",
            "distance",
            "other_draws",
            "other_draws_rounded",
        ):
            yield (*key, quantity, None, getattr(one, quantity))


def _agreement_rows(found: Sampling) -> Iterator[tuple[Cell, ...]]:
    for one in found.agreements:
        key = (one.context, "top-k", found.knobs.top_k, "logits against probabilities", one.precision)
        for quantity in ("different", "greatest", "distance", "other_from", "rounding"):
            yield (*key, quantity, None, getattr(one, quantity))


def _distributions(found: Sampling) -> Grid:
    columns = [(precision, representation) for precision in PRECISIONS for representation in REPRESENTATIONS]
    rows: list[tuple[Cell, ...]] = []
    for strategy in STRATEGIES[1:]:
        cells = {
            (one.precision, one.representation): one
            for one in found.measured
            if one.strategy == strategy and one.context == 0
        }
        ours = [cells[column] for column in columns]
        for place, (token, _) in enumerate(ours[0].shown):
            rows.append((label(strategy, found.knobs), found.head.names[token], *(one.shown[place][1] for one in ours)))
        others = (one.total - math.fsum(chance for _, chance in one.shown) for one in ours)
        rows.append((label(strategy, found.knobs), "others", *others))
    where = "" if found.contexts == 1 else f", the first of {found.contexts} contexts"
    return Grid(
        f"Chances of the likeliest tokens: {found.head.about}{where}",
        ("strategy", "token", *(f"{precision}\n{SHORT[representation]}" for precision, representation in columns)),
        tuple(rows),
        ("logits: filtered or tempered as logits, softmax last. probs: softmax first, then made to sum to 1.",),
        digits=4,
    )


def _differences(found: Sampling) -> Grid:
    shown = {
        "distance": "distance",
        "other_draws": "other\ndraws",
        "became_zero": "became\n0",
        "gained": "new",
        "ties": "tied",
    }
    by_row = {
        (strategy, precision, representation): [
            one
            for one in found.measured
            if (one.strategy, one.precision, one.representation) == (strategy, precision, representation)
        ]
        for strategy, precision, representation in product(STRATEGIES, PRECISIONS, REPRESENTATIONS)
    }
    return Grid(
        "Held against float64 logits",
        ("strategy", "precision", *(f"{head}\n{SHORT[one]}" for head, one in product(shown.values(), REPRESENTATIONS))),
        tuple(
            (
                label(strategy, found.knobs),
                precision,
                *(
                    _over_contexts(by_row[strategy, precision, representation], quantity)
                    for quantity, representation in product(shown, REPRESENTATIONS)
                ),
            )
            for strategy, precision in product(STRATEGIES, PRECISIONS)
        ),
        (meaning(found), *worst(found)),
        digits=2,
    )


def _agreement(found: Sampling) -> Grid:
    k, rows, lines = found.knobs.top_k, list[tuple[Cell, ...]](), list[str]()
    for precision in PRECISIONS:
        ours = [one for one in found.agreements if one.precision == precision]
        different, greatest = sum(one.different for one in ours), float(np.max([one.greatest for one in ours]))
        first = min((one.other_from for one in ours if one.other_from is not None), default=None)
        rounding = fmean(one.rounding for one in ours)
        rows.append((precision, different, greatest, fmean(one.distance for one in ours), first, rounding))
        lines.append(f"{greatest:.2g} in {precision}")
    return Grid(
        f"The top {k} of the logits, then softmax - or softmax, then its top {k}, made to sum to 1",
        (
            "precision",
            f"chances that differ\nof {k * found.contexts:,}",
            "greatest\ndifference",
            "distance\nof the two",
            "other tokens\nfirst at k =",
            "distance by rounding\nthe logits alone",
        ),
        tuple(rows),
        (
            f"The two are the same but for rounding. Chances are off by up to {', '.join(lines)}.",
            "Where rounding makes probabilities equal whose logits are not, the first in the vocabulary is kept: maybe "
            "another token.",
        ),
        digits=3,
    )


def _over_contexts(ours: Sequence[Measured], quantity: str) -> Cell:
    """Add up what is counted, and average what is a share: NaN where one context has none."""
    values = [getattr(one, quantity) for one in ours]
    return sum(values) if isinstance(values[0], int) else fmean(values)
