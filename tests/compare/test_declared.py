from __future__ import annotations

import numpy as np
import pytest

from logitbench.compare.declared import Declared, less_is_better
from logitbench.errors import UsageError
from logitbench.records import METRICS, REPORTED


def test_a_number_is_that_of_the_last_epoch() -> None:
    figures = {"val_nll": np.array([[0.3, 0.1, 0.2], [1.0, 2.0, np.nan]])}
    assert Declared().of(figures).tolist() == pytest.approx([0.2, np.nan], nan_ok=True)


def test_the_best_epoch_of_a_loss_is_its_least_in_each_trial() -> None:
    figures = {
        "val_nll": np.array([[0.3, 0.1, 0.2], [0.1, 0.2, 0.3]]),
        "val_matched_accuracy": np.array([[0.7, 0.8, 0.9], [0.4, 0.5, 0.6]]),
    }
    assert Declared(at="best:val_nll").of(figures).tolist() == [0.1, 0.1]
    assert Declared("val_matched_accuracy", "best:val_nll").of(figures).tolist() == [0.8, 0.4]


def test_the_best_epoch_of_an_accuracy_is_its_greatest() -> None:
    figures = {"val_nll": np.array([[0.3, 0.1, 0.2]]), "val_matched_accuracy": np.array([[0.7, 0.8, 0.9]])}
    assert Declared(at="best:val_matched_accuracy").of(figures).tolist() == [0.2]


def test_of_epochs_that_are_equally_good_the_first_is_the_best() -> None:
    figures = {"val_nll": np.array([[1.0, 2.0, 3.0]]), "val_matched_accuracy": np.array([[0.1, 0.7, 0.7]])}
    assert Declared(at="best:val_matched_accuracy").of(figures).tolist() == [2.0]


@pytest.mark.parametrize("at", ["last", "best:val_nll", "best:val_matched_accuracy"])
def test_a_trial_that_diverges_at_any_epoch_has_no_number(at: str) -> None:
    figures = {
        "loss": np.array([[1.0, 2.0, 3.0]] * 2),
        "val_nll": np.array([[0.3, 0.2, 0.1], [0.1, np.nan, 0.2]]),
        "val_matched_accuracy": np.array([[0.7, 0.8, 0.9]] * 2),
    }
    assert Declared("loss", at).of(figures).tolist() == pytest.approx([3.0, np.nan], nan_ok=True)


def test_where_no_epoch_is_a_number_there_is_no_best_one() -> None:
    figures = {"loss": np.array([[1.0, 2.0], [3.0, 4.0]]), "val_nll": np.array([[np.nan, np.nan], [2.0, 1.0]])}
    assert Declared("loss", "best:val_nll").of(figures).tolist() == pytest.approx([np.nan, 4.0], nan_ok=True)
    assert np.isnan(Declared(at="best:val_nll").of(figures)[0])


def test_a_number_that_is_not_there_at_the_best_epoch_of_another_is_none() -> None:
    figures = {"loss": np.array([[1.0, np.nan]]), "val_nll": np.array([[2.0, 1.0]])}
    assert np.isnan(Declared("loss", "best:val_nll").of(figures)).all()


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ({"metric": "val_nl"}, "no metric 'val_nl'", "Did you mean 'val_nll'?"),
        ({"at": "best:val_accurcy"}, "no metric 'val_accurcy'", "Did you mean 'val_accuracy'?"),
        ({"at": "best:"}, "no metric ''", ""),
        ({"at": "first"}, "--at takes last or best:METRIC, got 'first'", "best:val_nll"),
        ({"at": "val_nll"}, "--at takes last or best:METRIC, got 'val_nll'", "best:val_nll"),
        ({"margin": 0.0}, "above 0, got 0.0", ""),
        ({"margin": -1.0}, "above 0, got -1.0", ""),
        ({"margin": float("nan")}, "above 0, got nan", ""),
        ({"margin": float("inf")}, "above 0, got inf", ""),
    ],
)
def test_what_cannot_be_declared_is_refused(arguments: dict[str, object], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as refusal:
        Declared(**arguments)  # type: ignore[arg-type]
    assert hint in refusal.value.hint


def test_margins_are_half_a_point_and_a_hundredth_of_a_nat_unless_stated() -> None:
    margins = {
        metric: Declared(metric).equivalence_margin
        for metric in METRICS
        if metric not in {*REPORTED, "saturated_fraction"}
    }
    assert {metric for metric, margin in margins.items() if margin == 0.01} == {"loss", "val_loss", "val_nll"}
    assert {margin for margin in margins.values() if margin != 0.01} == {0.005}
    assert Declared(margin=0.2).equivalence_margin == 0.2


def test_less_is_better_of_losses_and_of_dead_examples() -> None:
    assert {metric for metric in METRICS if less_is_better(metric)} == {"loss", "val_loss", "val_nll", "dead_fraction"}


@pytest.mark.parametrize(("metric", "at"), [("saturated_fraction", "last"), ("val_nll", "best:saturated_fraction")])
def test_what_is_neither_good_nor_bad_decides_nothing(metric: str, at: str) -> None:
    with pytest.raises(UsageError, match="neither more nor less of it is better"):
        Declared(metric, at)
