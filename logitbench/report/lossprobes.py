"""What ``probe loss`` found, as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from logitbench.heads import LossPath
from logitbench.probes.loss.records import LossProbe, Point, Refused, Setting
from logitbench.probes.loss.settings import IN_TRAINING, OWN, REFERENCES
from logitbench.report.grids import Cell, Grid

STAR = "*"

FIT = "fit"
"""How a setting is said to be computed that is computed as in training: it has another name on each backend."""

HEAD = ("loss", "activation", "from_logits", "how")

Found = Sequence[LossProbe | Refused]


def shown(found: Found, *, points: bool = False) -> list[Grid]:
    """Return what a person is to see: a row a setting; where several backends were probed, a column each.

    Args:
        found: What the backends said.
        points: Show every loss and gradient too.
    """
    probes = [one for one in found if isinstance(one, LossProbe)]
    own = [one for one in probes if one.setting.loss not in REFERENCES]
    backends = list(dict.fromkeys(one.backend for one in own))
    grids = [_side_by_side(own, backends) if len(backends) > 1 else _one_backend(own)] if own else []
    references = [one for one in probes if one.setting.loss in REFERENCES]
    if references:
        grids.append(_references(references))
    if points:
        grids += [_points(one) for one in probes]
    refused = [
        f"{one.backend} cannot compute {told(_as_asked(one))}: {one.why}"
        for one in found
        if isinstance(one, Refused) and one.setting.loss not in REFERENCES
    ]
    return [*grids[:-1], replace(grids[-1], notes=(*grids[-1].notes, *refused))] if grids else []


def _title(probes: Sequence[LossProbe]) -> str:
    versions = dict.fromkeys(f"{one.version} on {one.backend}" for one in probes)
    return f"Which loss is computed: {', '.join(versions)}"


def _one_backend(probes: Sequence[LossProbe]) -> Grid:
    return Grid(
        _title(probes),
        (*HEAD, "path", "dead from", "greatest", "error", "breaks"),
        tuple(
            (*_head(one), _path(one), one.wrong_dead_from, one.largest, _worst(one), _broken(one.points))
            for one in probes
        ),
        (*_MEANINGS, *_starred(probes), *_others(probes), *_warned(probes)),
        digits=4,
    )


_MEANINGS = (
    "dead from: the least |logit| at which a wrong prediction has a gradient of exactly 0; empty: none up to 128.",
    "greatest: the largest finite loss at logits up to ±100. error: the largest relative error of a wrong prediction.",
)


def _side_by_side(probes: Sequence[LossProbe], backends: Sequence[str]) -> Grid:
    by_setting: dict[tuple[Cell, ...], dict[str, LossProbe]] = {}
    for one in probes:
        by_setting.setdefault(_head(one), {})[one.backend] = one
    rows = []
    for head, by_backend in by_setting.items():
        told_of = [by_backend.get(backend) for backend in backends]
        paths = {(one.path, one.through) for one in told_of if one is not None}
        rows.append((*head, *(_short(one) for one in told_of), "DIFFERS" if len(paths) > 1 else ""))
    differ = sum(row[-1] != "" for row in rows)
    return Grid(
        _title(probes),
        (*HEAD, *backends, ""),
        tuple(rows),
        (
            "In brackets: the least |logit| at which a wrong prediction has a gradient of exactly 0; none: "
            "it has one up to 128.",
            f"{differ} of {len(rows)} change their meaning with KERAS_BACKEND: DIFFERS.",
            *_starred(probes),
            *_others(probes),
        ),
        digits=4,
    )


def _references(probes: Sequence[LossProbe]) -> Grid:
    return Grid(
        "The frameworks' own losses",
        ("loss", "activation", "version", "path", "dead from", "greatest", "error", "breaks"),
        tuple(
            (
                one.setting.loss,
                one.setting.activation or "none",
                one.version,
                _path(one),
                one.wrong_dead_from,
                one.largest,
                _worst(one),
                _broken(one.points),
            )
            for one in probes
        ),
        tuple(_others(probes)),
        digits=4,
    )


def _points(one: LossProbe) -> Grid:
    return Grid(
        f"{one.backend}, {told(_as_asked(one))}: {_path(one)}",
        ("label", "logit", "loss", "exact", "relative error", "ULPs", "gradient", "exact gradient"),
        tuple(
            (
                "right" if point.right else "wrong",
                point.logit,
                point.loss,
                point.exact,
                point.relative_error,
                point.ulps,
                point.gradient,
                point.exact_gradient,
            )
            for point in one.points
        ),
        (f"ULPs of {one.dtype}; exact values with mpmath, to 50 digits.",),
    )


def whole(found: Found) -> Grid:
    """Return what a program is to read: a row a setting and logit, or one that says why there is none."""
    columns = (
        *("backend", "version", "loss", "activation", "from_logits", "precision", "topology", "execution"),
        *("path", "through", "dtype", "wrong_dead_from", "right_dead_from", "largest", "warnings", "refused"),
        *("label", "logit", "value", "exact", "relative_error", "ulps", "gradient", "exact_gradient"),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        setting = one.setting
        named = (setting.loss, setting.activation or "none", setting.from_logits, setting.policy, setting.topology)
        if isinstance(one, Refused):
            rows.append((one.backend, None, *named, setting.execution, *[None] * 7, one.why, *[None] * 8))
            continue
        seen: tuple[Cell, ...] = (
            *(str(one.path), None if one.through is None else str(one.through), one.dtype),
            *(one.wrong_dead_from, one.right_dead_from, one.largest, "; ".join(one.warnings) or None, None),
        )
        rows += [
            (
                *(one.backend, one.version, *named, setting.execution, *seen, "right" if point.right else "wrong"),
                *(point.logit, point.loss, point.exact, point.relative_error, point.ulps),
                *(point.gradient, point.exact_gradient),
            )
            for point in one.points
        ]
    return Grid("", columns, tuple(rows))


def told(setting: Setting) -> str:
    """Name a setting in a line."""
    how = _how(setting)
    return f"{setting.loss} of {setting.activation or 'a linear head'}, from_logits={setting.from_logits}" + (
        f", {how}" if how else ""
    )


def _head(one: LossProbe) -> tuple[Cell, ...]:
    setting = one.setting
    return setting.loss, setting.activation or "none", setting.from_logits, _how(_as_asked(one))


def _as_asked(one: LossProbe | Refused) -> Setting:
    """Return a setting, computed as in training where it is so on its backend."""
    if one.setting.execution != IN_TRAINING[one.backend] and one.setting.loss not in REFERENCES:
        return one.setting
    return replace(one.setting, execution=FIT)


def _how(setting: Setting) -> str:
    parts = (
        "" if setting.topology == "direct" else setting.topology,
        "" if setting.policy == "float32" else setting.policy,
        "" if setting.execution == FIT else setting.execution,
    )
    return ", ".join(part for part in parts if part)


def _path(one: LossProbe) -> str:
    """Name the path, with a star where another activation than the loss's own is in it."""
    return f"{one.path}{'' if one.through in (None, OWN.get(one.setting.loss)) else STAR}"


def _short(one: LossProbe | None) -> str:
    if one is None:
        return "-"
    dead = "" if one.wrong_dead_from is None else f" [{f'{one.wrong_dead_from:.3g}' if one.wrong_dead_from else 'any'}]"
    return f"{_path(one)}{dead}"


def _starred(probes: Sequence[LossProbe]) -> Iterator[str]:
    if any(_path(one).endswith(STAR) for one in probes):
        yield f"{STAR} with an activation in it that is not the loss's own."


def _worst(one: LossProbe) -> float:
    errors = [point.relative_error for point in one.points if not point.right]
    return math.nan if any(map(math.isnan, errors)) else max(errors)


def _broken(points: Sequence[Point]) -> str:
    """Name the first logits, of either label, at which a loss or a gradient is not a finite number."""
    parts = []
    for what, numbers in (("loss", [p.loss for p in points]), ("gradient", [p.gradient for p in points])):
        for number, point in zip(numbers, points, strict=True):
            if not math.isfinite(number):
                label = "right" if point.right else "wrong"
                parts.append(f"{'NaN' if math.isnan(number) else 'inf'} {what} at {point.logit:g}, {label}")
                break
    return "; ".join(parts)


def _others(probes: Sequence[LossProbe]) -> Iterator[str]:
    """Say with its numbers what a loss does that is none of the paths."""
    for one in probes:
        if one.path is not LossPath.OTHER:
            continue
        numbers = ", ".join(
            f"{point.loss:.4g} at {point.logit:g} (exact {point.exact:.4g}; gradient {point.gradient + 0.0:.3g}, "
            f"exact {point.exact_gradient:.3g})"
            for point in one.points
            if not point.right and abs(point.logit) in (17.0, 100.0)
        )
        yield f"{one.backend}, {told(_as_asked(one))} is none of the four: of a wrong prediction its loss is {numbers}."


def _warned(probes: Sequence[LossProbe]) -> Iterator[str]:
    told_of = [told(_as_asked(one)) for one in probes if one.warnings]
    if told_of:
        yield f"Keras warns of: {'; '.join(told_of)}. Of the others it says nothing."
