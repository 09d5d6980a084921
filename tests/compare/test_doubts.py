from __future__ import annotations

import numpy as np
import pytest

from logitbench.compare import doubts
from logitbench.compare.declared import Declared
from logitbench.compare.statistics import Array

NAN = float("nan")


def of_arm(values: list[list[float]], declared: Declared | None = None) -> list[str]:
    declared = declared or Declared()
    return list(doubts.of_arm("probs", {declared.metric: np.array(values)}, declared))


def figures(values: list[float]) -> dict[str, Array]:
    return {"val_nll": np.array(values)[:, None]}


def test_a_spread_above_a_tenth_of_the_mean_is_doubted() -> None:
    # mean 1, standard deviation .3
    assert of_arm([[0.7], [1.0], [1.3]]) == ["val_nll of probs spreads over seeds by 30 % of its mean"]


@pytest.mark.parametrize("values", [[[0.91], [1.0], [1.09]], [[1.0], [NAN], [NAN]], [[NAN]], [[0.0], [0.0]]])
def test_a_small_spread_or_none_is_not_doubted(values: list[list[float]]) -> None:
    assert of_arm(values) == []


def test_a_spread_is_that_of_the_seeds_that_have_a_number() -> None:
    assert len(of_arm([[0.7], [NAN], [1.3]])) == 1


def test_a_spread_around_zero_is_told_without_a_share() -> None:
    assert of_arm([[-1.0], [1.0]]) == ["val_nll of probs spreads over seeds around a mean of 0"]


def test_a_negative_mean_has_a_share_that_is_positive() -> None:
    assert of_arm([[-0.7], [-1.0], [-1.3]]) == ["val_nll of probs spreads over seeds by 30 % of its mean"]


def test_the_spread_is_that_of_the_declared_number() -> None:
    declared = Declared(at="best:val_nll")
    assert of_arm([[0.5, 0.9], [0.5, 0.7]], declared) == []
    assert len(of_arm([[0.5, 0.9], [0.5, 0.7]])) == 1


@pytest.mark.parametrize(
    ("metric", "values", "told"),
    [
        ("val_nll", [0.5, 0.48], "val_nll of probs still falls at the last epoch (0.5000 to 0.4800)"),
        ("val_nll", [0.5, 0.52], None),
        ("val_nll", [0.5, 0.495], None),
        (
            "val_matched_accuracy",
            [0.5, 0.51],
            "val_matched_accuracy of probs still rises at the last epoch (0.5000 to 0.5100)",
        ),
        ("val_matched_accuracy", [0.5, 0.49], None),
        ("dead_fraction", [0.5, 0.49], "dead_fraction of probs still falls at the last epoch (0.5000 to 0.4900)"),
    ],
)
def test_an_arm_that_still_gets_better_by_more_than_the_margin_is_doubted(
    metric: str, values: list[float], told: str | None
) -> None:
    found = of_arm([values], Declared(metric))
    assert found == ([f"{told}: more epochs may change what is found"] if told else [])


def test_whether_it_still_gets_better_is_told_of_the_seeds_that_have_all_epochs() -> None:
    assert of_arm([[0.5, 0.5], [0.5, NAN]]) == []
    assert of_arm([[NAN, NAN]]) == []


def test_a_single_epoch_and_the_best_one_cannot_be_unfinished() -> None:
    assert of_arm([[0.9]]) == []
    assert of_arm([[0.9, 0.5]], Declared(at="best:val_nll")) == []


def test_a_number_that_chose_its_own_epoch_is_doubted_once_for_both_arms() -> None:
    arms = {"logits": figures([0.5, 0.5]), "probs": figures([0.6, 0.6])}
    told = "val_nll is taken at the epoch where it is best itself, and is better there than on new data"
    assert list(doubts.of_numbers(arms, Declared(at="best:val_nll"))) == [told]
    assert list(doubts.of_numbers(arms, Declared())) == []


def test_arms_with_unequal_numbers_of_seeds_are_doubted() -> None:
    arms = {"logits": figures([0.5, 0.5, 0.5]), "probs": figures([0.5, NAN, 0.5])}
    assert list(doubts.of_numbers(arms, Declared())) == [
        "val_nll is finite in unequal numbers of seeds (logits in 3, probs in 2); only seeds with both are compared"
    ]


def test_arms_with_equal_numbers_of_seeds_are_not() -> None:
    arms = {"logits": figures([0.5, NAN, 0.5]), "probs": figures([0.5, 0.4, NAN])}
    assert list(doubts.of_numbers(arms, Declared())) == []


SPAM = {"classes": ["ham", "spam"], "val_counts": [903, 97]}
PRIOR = 0.3183
"""Entropy of 90.3 % and 9.7 %, in nats."""


def predictions(
    only: list[float], nll: float = PRIOR, accuracy: float = 0.903, dataset: dict[str, object] | None = None
) -> str:
    """What is said of logits and probs, of which each seed has the same figures."""
    by_metric = {
        "val_nll": np.full((len(only), 1), nll),
        "val_matched_accuracy": np.full((len(only), 1), accuracy),
        "only_class": np.array(only)[:, None],
    }
    arms = {"logits": by_metric, "probs": by_metric}
    return "; ".join(doubts.of_predictions(arms, Declared(), SPAM if dataset is None else dataset))


def test_a_pair_that_learned_nothing_is_said_to_tell_nothing() -> None:
    assert predictions([0.0, 0.0]) == (
        "both arms predict 'ham' for every validation example (90.3 %) and learned no more than the class shares; "
        "this run cannot tell the heads apart"
    )


def test_an_accuracy_that_equals_the_majority_share_by_accident_is_not_doubted() -> None:
    assert predictions([NAN, NAN]) == ""


def test_arms_that_predict_one_class_with_a_likelihood_that_tells_examples_apart_are_doubted_for_accuracy_alone() -> (
    None
):
    told = "both arms predict 'ham' for every validation example (90.3 %); accuracy cannot tell the heads apart"
    assert predictions([0.0, 0.0], nll=PRIOR - 0.02) == told
    assert predictions([0.0, 0.0], dataset={"classes": ["ham", "spam"]}) == told


def test_several_classes_are_compared_with_the_entropy_of_all_of_them() -> None:
    digits = {"classes": list("abc"), "val_counts": [50, 25, 25]}
    entropy = 1.0397  # of 1/2, 1/4, 1/4
    assert "learned no more than the class shares" in predictions([0.0], entropy, 0.5, digits)
    assert "learned" not in predictions([0.0], entropy - 0.02, 0.5, digits)


def test_seeds_that_predict_different_classes_are_counted_together() -> None:
    assert predictions([0.0, 1.0]).startswith("both arms predict one class for every validation example and")


def test_some_seeds_that_predict_one_class_are_counted() -> None:
    assert predictions([0.0, NAN, 0.0]) == (
        "both arms predict 'ham' for every validation example (90.3 %) in some seeds (logits in 2, probs in 2)"
    )


def test_one_arm_that_predicts_one_class_is_named() -> None:
    values = {"val_nll": np.full((2, 1), 0.2), "val_matched_accuracy": np.full((2, 1), 0.903)}
    arms = {"logits": {**values, "only_class": np.full((2, 1), NAN)}, "raw": {**values, "only_class": np.ones((2, 1))}}
    assert list(doubts.of_predictions(arms, Declared(), SPAM)) == [
        "raw predicts 'spam' for every validation example (90.3 %)"
    ]


def test_predictions_are_those_of_the_declared_epoch() -> None:
    figures = {
        "val_nll": np.array([[0.1, 0.3183]]),
        "val_matched_accuracy": np.array([[0.95, 0.903]]),
        "only_class": np.array([[NAN, 0.0]]),
    }
    arms = {"logits": figures, "probs": figures}
    assert len(list(doubts.of_predictions(arms, Declared(), SPAM))) == 1
    assert list(doubts.of_predictions(arms, Declared(at="best:val_nll"), SPAM)) == []


def contradicted(
    nlls: tuple[list[float], list[float]], accuracies: tuple[list[float], list[float]], declared: Declared | None = None
) -> list[str]:
    logits, probs = (
        {"val_nll": np.array(nll)[:, None], "val_matched_accuracy": np.array(accuracy)[:, None]}
        for nll, accuracy in zip(nlls, accuracies, strict=True)
    )
    return list(doubts.of_accuracy(("probs", probs), ("logits", logits), declared or Declared()))


def test_an_accuracy_that_favours_the_other_arm_is_a_doubt_of_a_verdict_on_the_likelihood() -> None:
    said = ["val_nll favours logits, but val_matched_accuracy favours probs: 0.5600 against 0.4300"]
    assert contradicted(([7.0, 8.0], [150.0, 151.0]), ([0.42, 0.44], [0.55, 0.57])) == said


def test_a_likelihood_that_favours_the_other_arm_is_a_doubt_of_a_verdict_on_accuracy() -> None:
    said = ["val_matched_accuracy favours probs, but val_nll favours logits: 7.5000 against 150.5000"]
    declared = Declared("val_matched_accuracy")
    assert contradicted(([7.0, 8.0], [150.0, 151.0]), ([0.42, 0.44], [0.55, 0.57]), declared) == said


@pytest.mark.parametrize("accuracy", [0.5, 0.5049, 0.3])
def test_an_accuracy_that_agrees_or_differs_by_less_than_the_margin_is_no_doubt(accuracy: float) -> None:
    assert contradicted(([1.0], [2.0]), ([0.5], [accuracy])) == []


def test_a_seed_that_diverged_is_in_neither_mean_of_a_contradiction() -> None:
    assert contradicted(([1.0, NAN], [2.0, 2.0]), ([0.5, 0.0], [0.4, 0.9])) == []
    assert contradicted(([NAN], [2.0]), ([0.5], [0.9])) == []
