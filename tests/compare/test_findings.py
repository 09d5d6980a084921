from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparison import compare
from logitbench.compare.findings import DEAD_WORTH_SAYING
from logitbench.records import EpochRecord
from tests.handmade import ASSETS, epoch, trials


def findings(folder: Path, by_seed: Sequence[Sequence[EpochRecord]], baseline: str | None = None) -> tuple[str, ...]:
    (comparison,) = compare(trials(folder, by_seed), baseline=baseline)
    return comparison.findings


def threshold(found: Sequence[str]) -> list[str]:
    return [finding for finding in found if "the whole gap is the metric's threshold" in finding]


def reported(
    logits: float | None, probs: float | None, *, matched: tuple[float, float], number: int = 1
) -> list[EpochRecord]:
    """An epoch with reported accuracies, and matched ones."""
    return [
        epoch("logits", number, val_accuracy=logits, val_matched_accuracy=matched[0]),
        epoch("probs-clipped", number, val_accuracy=probs, val_matched_accuracy=matched[1]),
    ]


def test_the_threshold_is_named_with_its_numbers_where_only_reported_accuracies_differ(tmp_path: Path) -> None:
    found = findings(tmp_path, [reported(0.587, 0.729, matched=(0.729, 0.729))])
    assert found[-2:] == (
        "Epoch 1: logits reports val_accuracy .587 and probs-clipped .729, 14.2 points apart. At the threshold that "
        "fits each head both have .729: the whole gap is the metric's threshold.",
        'Keras\'s "accuracy" cuts every output at 0.5, and 0.5 on a logit is p = 0.62. On a logits head, compile with '
        '`metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]`.',
    )


def test_the_remedy_is_told_once_for_many_arms(tmp_path: Path) -> None:
    rows = [
        epoch("logits", val_accuracy=0.5, val_matched_accuracy=0.7),
        *(epoch(arm, val_accuracy=0.7, val_matched_accuracy=0.7) for arm in ("probs", "probs-clipped")),
    ]
    found = findings(tmp_path, [rows])
    assert len(threshold(found)) == 2
    assert sum("compile with" in finding for finding in found) == 1


def test_one_arm_alone_is_told_what_it_knows(tmp_path: Path) -> None:
    rows = [epoch("logits", 1, val_accuracy=0.5, val_matched_accuracy=0.75), epoch("logits", 2)]
    assert findings(tmp_path, [rows])[0] == (
        "Epoch 1: logits reports val_accuracy .500, and has .750 at the threshold that fits the head."
    )
    assert findings(tmp_path / "equal", [[epoch("logits")]]) == ()


def test_the_threshold_is_not_named_where_reported_accuracies_agree(tmp_path: Path) -> None:
    assert threshold(findings(tmp_path, [reported(0.7, 0.7, matched=(0.7, 0.7))])) == []


def test_the_threshold_is_not_named_where_matched_accuracies_differ(tmp_path: Path) -> None:
    assert threshold(findings(tmp_path, [reported(0.6, 0.7, matched=(0.7, 0.71))])) == []


def test_the_threshold_is_not_named_where_matched_accuracies_differ_in_one_seed_of_many(tmp_path: Path) -> None:
    alike, apart = reported(0.6, 0.7, matched=(0.7, 0.7)), reported(0.6, 0.7, matched=(0.7, 0.71))
    assert threshold(findings(tmp_path, [alike, alike, apart])) == []


def test_matched_accuracies_that_differ_both_ways_do_not_cancel(tmp_path: Path) -> None:
    ways = [reported(0.6, 0.7, matched=(0.7, 0.75)), reported(0.6, 0.7, matched=(0.75, 0.7))]
    assert threshold(findings(tmp_path, ways)) == []


def test_the_widest_epoch_is_told_with_the_means_of_all_seeds(tmp_path: Path) -> None:
    by_seed = [
        [
            *reported(0.5, 0.6, matched=(0.6, 0.6), number=1),
            *reported(first, second, matched=(second, second), number=2),
        ]
        for first, second in ((0.4, 0.7), (0.5, 0.8))
    ]
    (told,) = threshold(findings(tmp_path, by_seed))
    assert told.startswith(
        "Epoch 2: logits reports val_accuracy .450 and probs-clipped .750, 30.0 points apart (means of 2 seeds). "
        "At the threshold that fits each head both have .750:"
    )


def test_a_gap_is_as_wide_downwards_as_upwards(tmp_path: Path) -> None:
    rows = [*reported(0.5, 0.6, matched=(0.6, 0.6)), *reported(0.9, 0.6, matched=(0.9, 0.9), number=2)]
    (told,) = threshold(findings(tmp_path, [rows]))
    assert told.startswith("Epoch 2: logits reports val_accuracy .900 and probs-clipped .600, 30.0 points apart.")


def test_an_epoch_whose_matched_accuracies_differ_does_not_hide_one_whose_do_not(tmp_path: Path) -> None:
    rows = [*reported(0.1, 0.9, matched=(0.8, 0.9), number=1), *reported(0.5, 0.6, matched=(0.6, 0.6), number=2)]
    (told,) = threshold(findings(tmp_path, [rows]))
    assert told.startswith("Epoch 2: ")


def test_seeds_that_have_no_number_are_not_left_out_of_a_mean_in_silence(tmp_path: Path) -> None:
    whole, diverged = reported(0.5, 0.6, matched=(0.6, 0.6)), reported(0.9, None, matched=(0.9, 0.9))
    assert threshold(findings(tmp_path, [whole, diverged])) == []


def test_the_threshold_is_held_against_the_baseline_that_was_chosen(tmp_path: Path) -> None:
    found = findings(tmp_path, [reported(0.5, 0.6, matched=(0.6, 0.6))], baseline="probs-clipped")
    assert threshold(found)[0].startswith("Epoch 1: probs-clipped reports val_accuracy .600 and logits .500")


def test_real_results_say_what_the_tutorials_table_hides() -> None:
    first, second = compare(store.read([ASSETS]).trials)
    assert len(threshold(second.findings)) == 1
    assert "probs: the backend took the logits back from the activation" in second.findings[0]
    assert [finding for finding in first.findings if finding.startswith("probs-clipped: in epoch 4, 45.6 %")]


@pytest.mark.parametrize(
    ("arm", "told"), [("probs", True), ("logits", False), ("raw", False), ("probs-clipped", False)]
)
def test_logits_are_told_to_be_taken_back_only_where_there_is_an_activation(
    tmp_path: Path, arm: str, told: bool
) -> None:
    found = findings(tmp_path, [[epoch(arm)]])
    assert any(finding.startswith(f"{arm}: the backend took the logits back") for finding in found) is told


@pytest.mark.parametrize(
    ("share", "told"), [(0.0, False), (DEAD_WORTH_SAYING - 1e-9, False), (DEAD_WORTH_SAYING, True), (1.0, True)]
)
def test_dead_examples_are_told_from_one_percent_on(tmp_path: Path, share: float, told: bool) -> None:
    found = findings(tmp_path, [[epoch("logits"), epoch("probs-clipped", dead_fraction=share)]])
    assert any(finding.startswith(f"probs-clipped: in epoch 1, {100 * share:.1f} %") for finding in found) is told


def test_dead_examples_are_those_of_the_last_epoch_over_all_seeds(tmp_path: Path) -> None:
    by_seed = [[epoch("logits", 1, dead_fraction=0.9), epoch("logits", 2, dead_fraction=last)] for last in (0.1, 0.2)]
    (told,) = findings(tmp_path, by_seed)
    assert told == (
        "logits: in epoch 2, 15.0 % of the training examples were predicted wrong with a gradient of exactly 0 at the "
        "pre-activation: the loss cannot teach them. To mend it, end the model in a linear layer and give the loss "
        "`from_logits=True`."
    )


def test_no_share_of_dead_examples_is_told_where_none_was_measured(tmp_path: Path) -> None:
    assert not [told for told in findings(tmp_path, [[epoch("logits", dead_fraction=None)]]) if "gradient" in told]


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ("probs-clipped", "probabilities are clipped"),
        ("double", "the activation is applied twice"),
        ("raw", "logits are read as if they were probabilities"),
    ],
)
def test_every_path_that_is_not_that_of_logits_is_explained(tmp_path: Path, arm: str, said: str) -> None:
    found = findings(tmp_path, [[epoch("logits"), epoch(arm)]])
    assert any(finding.startswith(f"{arm}: {said}") and "measured" in finding for finding in found)


def test_an_arm_that_diverged_is_told_with_its_epoch_and_seeds(tmp_path: Path) -> None:
    rows = [epoch("logits", 1), epoch("logits", 2, val_nll=None), epoch("logits", 3, loss=None)]
    whole = [epoch("logits", number) for number in (1, 2, 3)]
    assert findings(tmp_path, [rows, whole])[0].startswith("logits: diverged in 1 of 2 seeds, from epoch 2 on:")
    assert not [told for told in findings(tmp_path / "whole", [whole]) if "diverged" in told]
