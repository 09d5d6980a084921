"""What ``probe activations`` found, as tables and curves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from logitbench.probes.activation.records import FAR, PRECISIONS, WIDE, ActivationProbe, Found, InPrecision, Stretch
from logitbench.report.curves import Curve, Panel
from logitbench.report.grids import Cell, Grid, written

SHORT = 5
"""Significant digits of where something begins."""


def grids(found: Found) -> list[Grid]:
    """Return the tables for a person: values, derivatives, ranges, and where they saturate and die."""
    alone = [probe for probe in found.probes if not probe.of_row]
    rows = [probe for probe in found.probes if probe.of_row]
    shown = []
    for of_row, probes in ((False, alone), (True, rows)):
        shown += [_values(what, probes, of_row=of_row) for what in ("value", "derivative") if probes]
    of_one = "; of those that act on a row, x is one of two entries and the other is 0" if rows else ""
    shown += [_ranges(found.probes, of_one), _stretches(found.probes, of_one)]
    how = "compiled" if found.backend == "jax" else "operation by operation"
    notes = [*shown[-1].notes, f"Measured in Keras {found.keras} on {found.backend}, {how}."]
    if rows and found.backend == "tensorflow":
        notes.append("Last digits of softmax may be those of oneDNN; TF_ENABLE_ONEDNN_OPTS=0 has TensorFlow's own.")
    shown[-1] = replace(shown[-1], notes=(*notes, *found.notes))
    return [grid for grid in shown if grid.rows or grid is shown[-1]]


def whole(found: Found) -> Grid:
    """Return all that was measured, a number a row.

    A value or a derivative is of one input, ``x`` and ``to``; what is constant is so from ``x`` to ``to``.
    """
    columns = ("backend", "keras", "activation", "parameters", "precision", "measure", "x", "to", "number")
    rows = tuple(
        (found.backend, found.keras, probe.name, _parameters(probe), one.precision, *row)
        for probe in found.probes
        for one in probe.precisions
        for row in _long(one)
    )
    return Grid("activations", columns, rows)


def panels(found: Found) -> list[Panel]:
    """Return a panel for each activation: its value and its derivative."""
    return [
        Panel(
            title=label(probe) + (" of x and 0" if probe.of_row else ""),
            xlabel="x",
            ylabel="",
            curves=(
                Curve("value", *zip(*((place.x, place.value) for place in probe.curve), strict=True)),
                Curve("derivative", *zip(*((place.x, place.derivative) for place in probe.curve), strict=True)),
            ),
        )
        for probe in found.probes
    ]


def label(probe: ActivationProbe) -> str:
    """Write an activation and what was set of it."""
    return f"{probe.name}({_parameters(probe)})" if probe.parameters else probe.name


def _parameters(probe: ActivationProbe) -> str:
    return ", ".join(f"{name}={value}" for name, value in probe.parameters.items())


def _usual(probe: ActivationProbe) -> InPrecision:
    """Return what was found in float32, or in the first precision if not in that."""
    return next((one for one in probe.precisions if one.precision == "float32"), probe.precisions[0])


def _values(what: str, probes: list[ActivationProbe], *, of_row: bool) -> Grid:
    longest = max((_usual(probe).places for probe in probes), key=len)
    of = f", of the row of these {'numbers' if what == 'value' else 'numbers, each by its own'}" if of_row else ""
    return Grid(
        f"{what.capitalize()} in float32{of}",
        ("activation", *(f"x={written(place.x, SHORT)}" for place in longest)),
        tuple(_row(probe, what, len(longest)) for probe in probes),
        digits=9,
    )


def _row(probe: ActivationProbe, what: str, width: int) -> tuple[Cell, ...]:
    places = _usual(probe).places
    cells = [_shortest(place.value if what == "value" else place.derivative) for place in places]
    return (label(probe), *cells, *[None] * (width - len(cells)))


def _shortest(number: float) -> float:
    """Return the shortest decimal number that float32 reads as this one."""
    return float(str(np.float32(number)))


def _ranges(probes: Iterable[ActivationProbe], of_one: str) -> Grid:
    columns = ("activation", "least", "at x", "greatest", "at x", f"x={-FAR:g}", f"x={FAR:g}")
    rows: list[tuple[Cell, ...]] = []
    for probe in probes:
        one = _usual(probe)
        numbers = (one.least.value, one.least.x, one.greatest.value, one.greatest.x, *(at.value for at in one.far))
        rows.append((label(probe), *numbers))
    return Grid(
        f"Range in float32, measured within ±{WIDE:g} in steps of 0.01, and far out{of_one}", columns, tuple(rows)
    )


def _stretches(probes: Iterable[ActivationProbe], of_one: str) -> Grid:
    rows = tuple(row for probe in probes for row in _of_probe(probe))
    notes = ("'from' says from where on the number comes and goes, before it stays.",)
    return Grid(
        f"Where in x a value stays the same, and where a gradient is 0 or breaks{of_one}",
        ("activation", "what", *PRECISIONS),
        rows,
        notes if any(" from " in str(cell) for row in rows for cell in row) else (),
    )


def _of_probe(probe: ActivationProbe) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each kind of stretch, with where it is in each precision."""
    kinds: dict[tuple[int, bool, str, str], dict[str, Stretch]] = {}
    for one in probe.precisions:
        for stretch in one.stretches:
            finite = math.isfinite(stretch.number)
            kind = (_side(stretch), finite, stretch.what, "" if finite else str(stretch.number))
            kinds.setdefault(kind, {})[one.precision] = stretch
    for kind, by_precision in sorted(kinds.items(), key=lambda item: (item[0][0], item[0][2] != "value", item[0][1])):
        usual = by_precision.get("float32") or next(iter(by_precision.values()))
        where = (_where(by_precision[one]) if one in by_precision else "" for one in PRECISIONS)
        yield label(probe), f"{kind[2]} {written(usual.number, SHORT)}", *where


def _side(stretch: Stretch) -> int:
    """Return 0, 1 or 2 for a stretch that is below 0, around it, or above."""
    if math.isinf(stretch.low):
        return 0
    if math.isinf(stretch.high):
        return 2
    return 1 if stretch.low <= 0 <= stretch.high else 0 if stretch.high < 0 else 2


def _where(stretch: Stretch) -> str:
    low, high = written(stretch.low, SHORT), written(stretch.high, SHORT)
    met = "" if stretch.met is None else f" from {written(stretch.met, SHORT)}"
    if math.isinf(stretch.low) and math.isinf(stretch.high):
        return "everywhere"
    if math.isinf(stretch.low):
        return f"≤ {high}{met}"
    if math.isinf(stretch.high):
        return f"≥ {low}{met}"
    return low if low == high else f"{low} to {high}"


def _long(one: InPrecision) -> Iterator[tuple[Cell, ...]]:
    for place in (*one.places, *one.far):
        yield "value", place.x, place.x, place.value
        yield "derivative", place.x, place.x, place.derivative
    yield "least value", one.least.x, one.least.x, one.least.value
    yield "greatest value", one.greatest.x, one.greatest.x, one.greatest.value
    for stretch in one.stretches:
        yield f"constant {stretch.what}", stretch.low, stretch.high, stretch.number
        if stretch.met is not None:
            yield f"constant {stretch.what} first met", stretch.met, stretch.met, stretch.number
