"""The logit past which nothing is learned, of formulas whose edge is known."""

from __future__ import annotations

import numpy as np
import pytest

from logitbench.formulas import BINARY, CATEGORICAL, Family
from logitbench.heads import LossPath
from logitbench.probes.dead import dead_from

EPSILON = 1e-7


@pytest.mark.parametrize("family", [BINARY, CATEGORICAL])
@pytest.mark.parametrize("right", [True, False])
def test_a_fused_loss_never_dies_and_a_clipped_one_at_its_clip(family: Family, right: bool) -> None:
    units = 1 if family is BINARY else 3
    by_path = {
        path: formula for path, activation, formula in family.formulas() if activation in {None, family.activation}
    }
    assert dead_from(lambda z, t: by_path[LossPath.FUSED](z, t, EPSILON), units, right=False) is None
    # sigmoid(z) = 1 - 1e-7; of three classes, either e^z / (e^z + 2) is that, or 1 / (e^z + 2) is 1e-7
    edge = float(np.log((1 - EPSILON) / EPSILON)) if units == 1 else None
    found = dead_from(lambda z, t: by_path[LossPath.CLIPPED](z, t, EPSILON), units, right=right)
    assert found == pytest.approx(edge or found, abs=1 / 2048)
    assert found is not None


def test_an_edge_is_found_to_a_4096th_on_either_side() -> None:
    for edge in (0.3, 5.01, 100.7):
        for side in (-1, 1):
            found = dead_from(lambda z, _, s=side, e=edge: (z[:, 0], (s * z < e).astype(float)), 1, right=False)  # type: ignore[misc]
            assert found == pytest.approx(edge, abs=1 / 2048)


def test_a_gradient_that_is_gone_everywhere_is_gone_from_0_on() -> None:
    assert dead_from(lambda z, _: (z[:, 0], z * 0), 1, right=False) == 0.0
