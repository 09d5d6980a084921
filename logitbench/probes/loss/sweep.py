"""``probe sweep``: a loss and its gradient over a fine grid of logits, in each precision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logitbench.probes.execution import value_and_gradient
from logitbench.probes.loss.losses import loss_of, losses, precision, units_of
from logitbench.probes.loss.records import Setting
from logitbench.probes.loss.sweep_records import Sweep, Wanted


def sweep(wanted: Wanted) -> list[Sweep]:
    """Measure a setting in each precision; the exact figures are float64 formulas of the same logits."""
    logits = np.linspace(wanted.low, wanted.high, wanted.points)
    return [_one(replace(wanted.setting, policy=policy), logits, wanted.label) for policy in wanted.policies]


def _one(setting: Setting, logits: np.ndarray, label: int) -> Sweep:
    loss = loss_of(setting.loss)
    units = units_of(setting, loss)
    given = "float64" if setting.policy == "float64" else "float32"
    rows = np.zeros((len(logits), units))
    rows[:, 0] = logits.astype(given)
    targets = np.tile([float(label)] if units == 1 else np.eye(units)[0 if label else 1], (len(logits), 1))
    with precision(setting.policy):
        function, _ = losses(setting, loss, units)
        run = value_and_gradient(function, setting.execution, given)
        values, gradients = run(rows, targets.argmax(axis=1) if loss.sparse else targets)
    exact, slopes = loss.family.of_logits(rows, targets)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(values - exact) / exact
    return Sweep(setting.policy, rows[:, 0], values, exact, off, gradients[:, 0], slopes[:, 0])
