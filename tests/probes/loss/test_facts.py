"""Figures that were published of losses, measured on each backend."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from logitbench.probes.loss.records import Setting
from logitbench.probes.loss.settings import IN_TRAINING

Floats = NDArray[np.float64]
Asked = tuple[Setting, Floats, Floats]

ON_EACH = ["tensorflow", *(pytest.param(name, marks=pytest.mark.slow) for name in ("jax", "torch"))]

LOGITS = np.linspace(-100.0, 100.0, 9)
NINE = LOGITS[:, None], (LOGITS < 0).astype(np.float64)[:, None]
"""Nine logits, every label wrong; 0 is read as class 1."""

EXACT, CLIPPED, TWICE, RAW = 55.6326, 14.3261, 0.99997, 14.2491

HALVES = ("mixed_float16", "mixed_bfloat16")

ROWS: list[tuple[Setting, float, float]] = [
    (Setting("binary", None, True), EXACT, EXACT),
    (Setting("binary", "sigmoid", False), EXACT, CLIPPED),
    (Setting("binary", "sigmoid", True), EXACT, TWICE),
    (Setting("binary", None, False), RAW, RAW),
    (Setting("binary", "sigmoid", False, topology="reshape"), CLIPPED, CLIPPED),
    (Setting("binary", "sigmoid", False, topology="flatten"), CLIPPED, CLIPPED),
    (Setting("binary", "sigmoid", True, topology="reshape"), TWICE, TWICE),
    *((Setting("binary", "sigmoid", False, policy=policy), CLIPPED, CLIPPED) for policy in HALVES),
    (Setting("binary", "sigmoid", True, policy="mixed_float16"), TWICE, TWICE),
    *((Setting("binary", "sigmoid", False, policy=one, topology="float32"), EXACT, CLIPPED) for one in HALVES),
]
"""A setting, and the loss of the nine on TensorFlow and on the others."""


def measured(backend: str, asked: Sequence[Asked]) -> list[tuple[Floats, Floats]]:
    """Losses and gradients of each, in one process on the backend, computed as in training."""
    lines = [
        json.dumps(
            {
                "setting": dataclasses.asdict(dataclasses.replace(setting, execution=IN_TRAINING[backend])),
                "logits": logits.tolist(),
                "targets": targets.tolist(),
            }
        )
        for setting, logits, targets in asked
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.probes.loss.measuring"],
        input="\n".join(lines),
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(np.array(values), np.array(slopes)) for values, slopes in map(json.loads, done.stdout.splitlines())]


@pytest.fixture(scope="module", params=ON_EACH)
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_nine_wrong_logits_have_the_published_losses(backend: str) -> None:
    found = measured(backend, [(setting, *NINE) for setting, _, _ in ROWS])
    for (setting, tensorflow, others), (values, _) in zip(ROWS, found, strict=True):
        expected = tensorflow if backend == "tensorflow" else others
        assert values.mean() == pytest.approx(expected, abs=6e-5), setting


@pytest.mark.slow
def test_cross_entropy_in_half_precision_has_no_finite_number_for_a_probability_of_1(backend: str) -> None:
    one = np.array([[100.0], [100.0]]), np.array([[0.0], [1.0]])
    for policy in ("float16", "bfloat16"):
        ((values, _),) = measured(backend, [(Setting("binary", "sigmoid", False, policy, "reshape"), *one)])
        wrong, right = values
        if backend == "torch":
            assert (wrong, right) == (100.0, 0.0)
        else:
            assert (wrong, np.isnan(right)) == (np.inf, True)


@pytest.mark.slow
def test_the_gradient_of_a_half_precision_softmax_is_no_number_at_margins_of_12_and_16(backend: str) -> None:
    margins = np.array([[12.0, 0.0, 0.0], [16.0, 0.0, 0.0]]), np.eye(3)[[1, 1]]
    head, logits = (
        Setting("categorical", activation, not activation, "mixed_float16") for activation in ("softmax", None)
    )
    (_, of_head), (_, of_logits) = measured(backend, [(head, *margins), (logits, *margins)])
    assert not np.isfinite(of_head).all(axis=1).any()
    assert of_logits[:, 0] == pytest.approx([1.0, 1.0], abs=1e-3)


@pytest.mark.slow
def test_rows_are_divided_by_their_sum_and_only_tensorflows_sparse_cross_entropy_clips_before_it(backend: str) -> None:
    inside, outside = np.array([0.2, 0.3, 0.1]), np.array([2.0, 1.0, 1.0])
    rows = np.stack([inside, outside]), np.eye(3)[[0, 0]]
    (sparse, _), (categorical, _) = measured(
        backend, [(Setting(loss, None, False), *rows) for loss in ("sparse", "categorical")]
    )
    assert categorical == pytest.approx([np.log(3), np.log(2)], rel=1e-5)
    clipped_first = np.log(3) if backend == "tensorflow" else np.log(2)
    assert sparse == pytest.approx([np.log(3), clipped_first], rel=1e-5)
