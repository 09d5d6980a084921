from __future__ import annotations

import dataclasses
import math

import pytest

from logitbench.heads import Activation, LossPath
from logitbench.probes.loss.records import LossProbe, Point, Refused, Setting
from logitbench.report.lossprobes import shown, whole

SETTING = Setting("binary", "sigmoid", False, execution="graph")


def probe(backend: str, path: LossPath, setting: Setting = SETTING, **rest: object) -> LossProbe:
    points = (
        Point(-17.0, False, 16.1, 17.0, 0.05, 4e5, 0.0, -1.0),
        Point(17.0, True, 1e-7, 4e-8, 1.9, 2e7, math.nan, 0.0),
    )
    execution = {"tensorflow": "graph", "jax": "jit", "torch": "eager"}[backend]
    whole = LossProbe(
        *(backend, "keras 3", dataclasses.replace(setting, execution=execution), path, None, "float32"),
        *(points, 16.12, 16.6, 16.1),
    )
    return dataclasses.replace(whole, **rest)  # type: ignore[arg-type]


def test_one_backend_has_a_row_a_setting_with_its_numbers() -> None:
    (grid,) = shown([probe("torch", LossPath.CLIPPED)])
    assert grid.rows == (("binary", "sigmoid", False, "", "clipped", 16.12, 16.1, 0.05, "NaN gradient at 17, right"),)


def test_backends_that_compute_another_loss_are_marked_and_counted() -> None:
    fused = probe("tensorflow", LossPath.FUSED, wrong_dead_from=None)
    (grid,) = shown([fused, probe("jax", LossPath.CLIPPED)])
    assert grid.columns[-3:] == ("tensorflow", "jax", "")
    assert grid.rows[0][-3:] == ("fused", "clipped [16.1]", "DIFFERS")
    assert "1 of 1 change their meaning with KERAS_BACKEND: DIFFERS." in grid.notes
    (alike,) = shown([fused, dataclasses.replace(fused, backend="jax", setting=probe("jax", LossPath.FUSED).setting)])
    assert alike.rows[0][-1] == ""


def test_the_same_path_through_another_activation_is_another_loss() -> None:
    through = [
        probe("jax", LossPath.CLIPPED, through=Activation.SIGMOID),
        probe("torch", LossPath.CLIPPED, through=Activation.SOFTMAX),
    ]
    (grid,) = shown(through)
    assert grid.rows[0][-3:] == ("clipped [16.1]", "clipped* [16.1]", "DIFFERS")
    assert any(note.startswith("* with an activation") for note in grid.notes)


def test_what_is_none_of_the_paths_is_told_with_its_numbers() -> None:
    (grid,) = shown([probe("torch", LossPath.OTHER)])
    assert any(
        "binary of sigmoid, from_logits=False is none of the four" in note
        and "16.1 at -17 (exact 17; gradient 0, exact -1)" in note
        for note in grid.notes
    )


def test_what_cannot_be_computed_is_said_but_for_references_that_are_not_installed() -> None:
    refused = Refused("torch", probe("torch", LossPath.FUSED).setting, "ValueError: no")
    optax = Refused("torch", Setting("optax.softmax_cross_entropy", None, True), "ModuleNotFoundError: optax")
    (grid,) = shown([probe("torch", LossPath.FUSED), refused, optax])
    assert [note for note in grid.notes if "cannot compute" in note] == [
        "torch cannot compute binary of sigmoid, from_logits=False: ValueError: no"
    ]


def test_an_execution_is_named_where_it_is_not_that_of_training() -> None:
    eager = probe("tensorflow", LossPath.FUSED, warnings=("mind",))
    eager = dataclasses.replace(eager, setting=dataclasses.replace(eager.setting, execution="eager"))
    (grid,) = shown([probe("tensorflow", LossPath.FUSED), eager])
    assert [row[3] for row in grid.rows] == ["", "eager"]
    assert any("binary of sigmoid, from_logits=False, eager." in note for note in grid.notes)


def test_points_are_shown_where_they_are_asked_for() -> None:
    _, points = shown([probe("torch", LossPath.CLIPPED)], points=True)
    assert [row[0] for row in points.rows] == ["wrong", "right"]


def test_a_program_reads_every_point_and_every_refusal() -> None:
    grid = whole([probe("torch", LossPath.CLIPPED), Refused("jax", SETTING, "no")])
    assert len(grid.rows) == 3
    assert all(len(row) == len(grid.columns) for row in grid.rows)
    assert grid.rows[2][grid.columns.index("refused")] == "no"


@pytest.mark.parametrize(
    ("setting", "how"),
    [
        (dataclasses.replace(SETTING, topology="reshape"), "reshape"),
        (dataclasses.replace(SETTING, policy="mixed_float16", topology="float32"), "float32, mixed_float16"),
    ],
)
def test_how_a_loss_is_computed_is_named_where_it_is_unusual(setting: Setting, how: str) -> None:
    (grid,) = shown([probe("torch", LossPath.CLIPPED, setting)])
    assert grid.rows[0][3] == how
