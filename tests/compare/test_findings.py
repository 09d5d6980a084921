from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitbench import store
from logitbench.compare import attribution
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import ArmPair
from logitbench.compare.findings import DEAD_WORTH_SAYING, MOST, WORTH_SAYING, explain
from logitbench.compare.statistics import Paired
from logitbench.compare.verdict import Evidence, Verdict
from logitbench.records import METRICS, EpochRecord
from tests.handmade import ASSETS, epoch, trials


def findings(folder: Path, by_seed: Sequence[Sequence[EpochRecord]], baseline: str | None = None) -> tuple[str, ...]:
    (comparison,) = compare(trials(folder, by_seed), baseline=baseline)
    return comparison.findings


def threshold(found: Sequence[str]) -> list[str]:
    return [finding for finding in found if "come from the metric's threshold" in finding]


def arithmetic(found: Sequence[str]) -> list[str]:
    return [finding for finding in found if "come from the loss's own arithmetic" in finding]


def reported(
    logits: float | None, probs: float | None, *, matched: tuple[float, float], number: int = 1
) -> list[EpochRecord]:
    """An epoch with reported accuracies, and matched ones."""
    return [
        epoch("logits", number, val_accuracy=logits, val_matched_accuracy=matched[0]),
        epoch("probs-clipped", number, val_accuracy=probs, val_matched_accuracy=matched[1]),
    ]


REMEDY = (
    'Keras\'s "accuracy" cuts at 0.5, and 0.5 on a logit is p = 0.62: on a logits head, compile with '
    '`metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]`.'
)


def test_a_gap_that_is_all_threshold_is_told_with_its_numbers_and_the_remedy(tmp_path: Path) -> None:
    (told,) = threshold(findings(tmp_path, [reported(0.587, 0.729, matched=(0.729, 0.729))]))
    assert told == (
        "At epoch 1 probs-clipped reports 14.20 points more val_accuracy than logits (.7290 against .5870). 14.20 "
        f"points come from the metric's threshold, 0.00 from training. {REMEDY}"
    )


def test_a_gap_is_split_where_matched_accuracies_differ_too(tmp_path: Path) -> None:
    (told,) = threshold(findings(tmp_path, [reported(0.6, 0.75, matched=(0.7, 0.72))]))
    assert "probs-clipped reports 15.00 points more" in told
    assert "13.00 points come from the metric's threshold, 2.00 from training." in told


def test_parts_keep_their_sign_where_the_arm_reports_less(tmp_path: Path) -> None:
    (told,) = [one for one in findings(tmp_path, [reported(0.75, 0.6, matched=(0.72, 0.73))]) if "points less" in one]
    assert "probs-clipped reports 15.00 points less val_accuracy than logits (.6000 against .7500)" in told
    assert "-16.00 points come from the metric's threshold, +1.00 from training." in told


def test_parts_that_make_up_for_each_other_are_told_without_a_gap(tmp_path: Path) -> None:
    told = " ".join(findings(tmp_path, [reported(0.7, 0.7, matched=(0.75, 0.7))]))
    assert "probs-clipped reports as much val_accuracy as logits (.7000 against .7000)" in told
    assert "+5.00 points come from the metric's threshold, -5.00 from training." in told


def test_the_parts_that_are_told_add_up_to_the_gap(tmp_path: Path) -> None:
    for case, third in enumerate((0.0004, 0.00046, 0.0014)):
        found = findings(tmp_path / str(case), [reported(0.5, 0.5 + 2 * third, matched=(0.5, 0.5 + third))])
        for told in threshold(found):
            numbers = [round(100 * float(word)) for word in told.split(". Keras")[0].split() if _is_points(word)]
            assert numbers[0] == numbers[1] + numbers[2]


def _is_points(word: str) -> bool:
    return word.replace(".", "", 1).lstrip("-").isdigit() and "." in word


def test_the_widest_part_of_many_arms_is_told_and_the_remedy_once(tmp_path: Path) -> None:
    rows = [
        epoch("logits", val_accuracy=0.5, val_matched_accuracy=0.7),
        epoch("probs", val_accuracy=0.7, val_matched_accuracy=0.7),
        epoch("probs-clipped", val_accuracy=0.8, val_matched_accuracy=0.7),
    ]
    found = findings(tmp_path, [rows])
    assert [told.split(" (")[0] for told in threshold(found)] == [
        "At epoch 1 probs-clipped reports 30.00 points more val_accuracy than logits"
    ]
    assert sum("compile with" in finding for finding in found) == 1


def test_one_arm_alone_is_told_what_it_knows(tmp_path: Path) -> None:
    rows = [epoch("logits", 1, val_accuracy=0.5, val_matched_accuracy=0.75), epoch("logits", 2)]
    assert findings(tmp_path, [rows])[0] == (
        f"At epoch 1 logits reports val_accuracy .5000, and has .7500 at the threshold that fits its head. {REMEDY}"
    )
    assert findings(tmp_path / "equal", [[epoch("logits")]]) == ()


def test_an_arm_alone_that_diverged_is_not_told_what_it_knows(tmp_path: Path) -> None:
    rows = [epoch("logits", 1, val_accuracy=None), epoch("logits", 2, val_accuracy=0.5, val_matched_accuracy=0.6)]
    assert findings(tmp_path, [rows])[0].startswith("At epoch 2 logits reports val_accuracy .5000")


def test_the_threshold_is_not_named_where_it_makes_no_gap(tmp_path: Path) -> None:
    assert threshold(findings(tmp_path / "equal", [reported(0.7, 0.7, matched=(0.7, 0.7))])) == []
    assert threshold(findings(tmp_path / "learned", [reported(0.6, 0.7, matched=(0.6, 0.7))])) == []


@pytest.mark.parametrize(("factor", "told"), [(0.99, 0), (1.01, 1)])
def test_gaps_that_would_be_printed_as_zero_are_not_told(tmp_path: Path, factor: float, told: int) -> None:
    rows = reported(0.5, 0.5 + factor * WORTH_SAYING, matched=(0.5, 0.5))
    assert len(threshold(findings(tmp_path / "accuracy", [rows]))) == told
    rows = [epoch("logits"), epoch("probs-clipped", val_loss=0.5 + factor * WORTH_SAYING)]
    assert len(arithmetic(findings(tmp_path / "loss", [rows]))) == told


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
        "At epoch 2, where that part is widest, probs-clipped reports 30.00 points more val_accuracy "
        "than logits (.7500 against .4500, means of 2 "
        "seeds)."
    )


def test_a_gap_is_as_wide_downwards_as_upwards(tmp_path: Path) -> None:
    rows = [*reported(0.5, 0.6, matched=(0.6, 0.6)), *reported(0.9, 0.6, matched=(0.9, 0.9), number=2)]
    (told,) = threshold(findings(tmp_path, [rows]))
    assert told.startswith("At epoch 2, where that part is widest, probs-clipped reports 30.00 points less")


def test_a_wide_gap_that_was_learned_does_not_hide_what_the_threshold_makes_in_another_epoch(tmp_path: Path) -> None:
    rows = [*reported(0.1, 0.9, matched=(0.1, 0.9), number=1), *reported(0.5, 0.6, matched=(0.6, 0.6), number=2)]
    (told,) = threshold(findings(tmp_path, [rows]))
    assert told.startswith("At epoch 2, where")


def test_a_seed_that_has_no_number_is_in_neither_mean(tmp_path: Path) -> None:
    whole, diverged = reported(0.5, 0.6, matched=(0.6, 0.6)), reported(0.9, None, matched=(0.9, 0.9))
    (told,) = threshold(findings(tmp_path, [whole, whole, diverged]))
    assert "(.6000 against .5000, means of 2 seeds)" in told


def test_the_threshold_is_held_against_the_baseline_that_was_chosen(tmp_path: Path) -> None:
    found = findings(tmp_path, [reported(0.5, 0.6, matched=(0.6, 0.6))], baseline="probs-clipped")
    assert threshold(found)[0].startswith("At epoch 1 logits reports 10.00 points less val_accuracy than probs-clipped")


def test_without_a_logits_head_the_remedy_is_to_compare_what_is_matched(tmp_path: Path) -> None:
    rows = [epoch("probs", val_accuracy=0.5), epoch("raw", val_accuracy=0.6)]
    assert threshold(findings(tmp_path, [rows]))[0].endswith("from training. Compare `val_matched_accuracy`.")


def test_a_gap_of_losses_at_the_last_epoch_is_split(tmp_path: Path) -> None:
    rows = [
        *(epoch(arm, 1, val_loss=9.0 if arm == "logits" else 1.0) for arm in ("logits", "probs-clipped")),
        epoch("logits", 2, val_loss=0.4, val_nll=0.4),
        epoch("probs-clipped", 2, val_loss=0.5, val_nll=0.7),
    ]
    assert arithmetic(findings(tmp_path, [rows])) == [
        "At epoch 2 the val_loss of probs-clipped is +0.1000 nats from that of logits (0.5000 against 0.4000): -0.2000 "
        "come from the loss's own arithmetic, +0.3000 from training. Compare `val_nll`."
    ]


def test_a_gap_of_losses_that_was_learned_is_no_arithmetic(tmp_path: Path) -> None:
    rows = [epoch("logits"), epoch("probs-clipped", val_loss=0.7, val_nll=0.7)]
    assert arithmetic(findings(tmp_path, [rows])) == []


def test_real_results_say_what_the_tutorials_table_hides() -> None:
    first, second = compare(store.read([ASSETS]).trials)
    assert len(threshold(second.findings)) == 1
    assert any("probs: the backend took the logits back from the activation" in told for told in second.findings)
    assert [told for told in first.findings if told.startswith("probs-clipped: ") and "in epoch 4, 45.6 %" in told]


def test_no_more_is_told_than_is_read(tmp_path: Path) -> None:
    rows = [
        epoch(arm, val_accuracy=share, val_loss=share, loss=None if arm == "raw" else share, dead_fraction=0.5)
        for share, arm in enumerate(("logits", "probs", "probs-clipped", "double", "raw"))
    ]
    assert len(findings(tmp_path, [rows])) == MOST


def test_no_sentence_has_a_number_that_is_none(tmp_path: Path) -> None:
    nothing = dict.fromkeys(
        ("loss", "val_loss", "val_nll", "val_accuracy", "val_matched_accuracy", "accuracy", "dead_fraction")
    )
    arms = ("logits", "probs-clipped")
    for case, rows in enumerate(([epoch("logits", **nothing)], [epoch(arm, **nothing) for arm in arms])):
        for told in findings(tmp_path / str(case), [rows]):
            assert "nan" not in told
            assert "None" not in told


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
    assert (
        any(
            finding.startswith("probs-clipped: ")
            and f"in epoch 1, {100 * share:.1f} % of the training examples" in finding
            for finding in found
        )
        is told
    )


def test_dead_examples_are_those_of_the_last_epoch_over_all_seeds(tmp_path: Path) -> None:
    by_seed = [[epoch("logits", 1, dead_fraction=0.9), epoch("logits", 2, dead_fraction=last)] for last in (0.1, 0.2)]
    (told,) = findings(tmp_path, by_seed)
    assert told == (
        "logits: a wrong prediction can have no gradient: in epoch 2, 15.0 % of the training examples were predicted "
        "wrong with a gradient of exactly 0, and the loss never corrects them. To fix it, end the model in a linear "
        "layer and give the loss `from_logits=True`, in float32."
    )


def test_no_share_of_dead_examples_is_told_where_none_was_measured(tmp_path: Path) -> None:
    assert not [told for told in findings(tmp_path, [[epoch("logits", dead_fraction=None)]]) if "gradient" in told]
    none = {"dead_fraction": None, "saturated_fraction": None}
    (told,) = findings(tmp_path / "clipped", [[epoch("probs-clipped", **none)]])
    assert told.endswith("and past the clip there is no gradient.")


def test_the_share_past_the_clip_is_that_of_the_last_epoch(tmp_path: Path) -> None:
    rows = [epoch("probs-clipped", 1), epoch("probs-clipped", 2, saturated_fraction=0.625)]
    (told,) = findings(tmp_path, [rows])
    assert told.endswith("and past the clip (62.5 % of the training examples in epoch 2) there is no gradient.")


@pytest.mark.parametrize(("share", "told"), [(0.0004, False), (0.005, True)])
def test_a_few_dead_examples_are_counted_and_none_are_not(tmp_path: Path, share: float, told: bool) -> None:
    (said,) = findings(tmp_path, [[epoch("probs-clipped", dead_fraction=share)]])
    assert said.endswith("in epoch 1 that held up 0.5 % of the training examples.") is told


def test_dead_examples_are_counted_over_the_seeds_in_which_they_were_measured(tmp_path: Path) -> None:
    by_seed = [[epoch("probs-clipped", dead_fraction=share)] for share in (0.2, None, 0.4)]
    (told,) = findings(tmp_path, by_seed)
    assert "in epoch 1, 30.0 %" in told


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ("probs-clipped", "probabilities are clipped"),
        ("double", "the activation is applied twice"),
        ("raw", "the loss treats logits as probabilities"),
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


def test_figures_that_are_told_beside_a_gap_add_up_with_it(tmp_path: Path) -> None:
    rows = [epoch("logits", val_loss=0.4996, val_nll=0.4996), epoch("raw", val_loss=0.5004, val_nll=0.4996)]
    (told,) = (one for one in findings(tmp_path, [rows]) if "val_loss" in one)
    assert "is +0.0008 nats from that of logits (0.5004 against 0.4996)" in told


NOTHING_LEFT = 0.5
"""Share of the training examples that are wrong and have no gradient."""


@pytest.mark.parametrize(
    ("arm", "remedy"),
    [
        ("double", "Remove the activation from the model."),
        ("raw", "Set `from_logits=True`."),
        ("probs-clipped", "To fix it, end the model in a linear layer"),
        ("probs", "To fix it, end the model in a linear layer"),
    ],
)
def test_an_arm_has_one_remedy_though_it_diverged_and_has_no_gradient_left(
    tmp_path: Path, arm: str, remedy: str
) -> None:
    seeds = [[epoch("logits"), epoch(arm, dead_fraction=NOTHING_LEFT, val_nll=nll)] for nll in (0.5, None)]
    told = " ".join(findings(tmp_path, seeds))
    assert f"{arm}: diverged in 1 of 2 seeds" in told
    found = [
        one for one in ("Remove the activation", "Set `", "set `", "To fix it", "ower the learning") if one in told
    ]
    assert found == [one for one in found if remedy.startswith(one)]
    assert remedy in told


def test_arms_that_diverged_without_another_remedy_are_named_with_theirs(tmp_path: Path) -> None:
    rows = [epoch("logits", val_nll=None), epoch("raw", val_nll=None)]
    (told,) = [one for one in findings(tmp_path, [rows]) if "diverged" in one]
    assert told.endswith("a loss is not a finite number. For logits, lower the learning rate, or scale the inputs.")
    rows = [epoch("logits"), epoch("raw", val_nll=None)]
    (told,) = [one for one in findings(tmp_path / "raw", [rows]) if "diverged" in one]
    assert told.endswith("a loss is not a finite number.")


def test_no_gap_is_called_learning(tmp_path: Path) -> None:
    rows = [epoch("logits"), epoch("probs-clipped", val_nll=150.0, val_loss=0.7, val_accuracy=0.9)]
    told = " ".join(findings(tmp_path, [rows]))
    assert "-149.3000 come from the loss's own arithmetic, +149.5000 from training" in told
    assert "learning" not in told


# Whatever the figures are, the numbers of a sentence add up as they are printed


def printed(sentence: str, pattern: str) -> list[Decimal]:
    found = re.search(pattern, sentence)
    assert found, sentence
    return [Decimal(number) for number in found.groups()]


ACCURACY = (
    r"reports (?:as much|([\d.]+) points (more|less)) val_accuracy .*\(([\d.]+) against ([\d.]+).*\)\. "
    r"([-+\d.]+) points come from the metric's threshold, ([-+\d.]+) from training\."
)
LOSS = (
    r"is ([-+\d.]+) nats from .*\(([\d.]+) against ([\d.]+).*\): ([-+\d.]+) come from the loss's own arithmetic, "
    r"([-+\d.]+) from training\."
)
shares, nats = st.floats(0, 1), st.floats(0, 200)


def explained(**figures: tuple[float, float]) -> list[str]:
    """Findings on logits and probs-clipped with these figures, at one epoch and seed."""
    usual = dict.fromkeys(METRICS, (0.5, 0.5)) | {"dead_fraction": (0.0, 0.0)} | figures
    logits, clipped = ({metric: np.array([[both[arm]]]) for metric, both in usual.items()} for arm in (0, 1))
    pair = ArmPair(
        arm="probs-clipped",
        baseline="logits",
        seeds=1,
        identical=0,
        diverged=0,
        alone=(0, 0),
        evidence=Evidence(Paired(1), Verdict.TOO_FEW_SEEDS),
        differences={},
        accuracy=tuple(attribution.accuracy(clipped, logits)),
        loss=tuple(attribution.loss(clipped, logits)),
    )
    paths = {"logits": ("fused",), "probs-clipped": ("clipped",)}
    return explain({"logits": logits, "probs-clipped": clipped}, paths, [pair])


@given(st.tuples(shares, shares), st.tuples(shares, shares))
def test_the_shares_of_a_sentence_subtract_to_its_gap_and_its_parts_add_up(
    reported: tuple[float, float], matched: tuple[float, float]
) -> None:
    for told in threshold(explained(val_accuracy=reported, val_matched_accuracy=matched)):
        match = re.search(ACCURACY, told)
        assert match, told
        gap, direction, arm, base, of_threshold, training = match.groups()
        size = Decimal(gap or 0)
        assert 100 * (Decimal(arm) - Decimal(base)) == (-size if direction == "less" else size)
        signed = any(part.startswith(("+", "-")) for part in (of_threshold, training))
        parts = Decimal(of_threshold) + Decimal(training)
        assert parts == (100 * (Decimal(arm) - Decimal(base)) if signed else size)


@given(st.tuples(nats, nats), st.tuples(nats, nats))
def test_the_losses_of_a_sentence_subtract_to_its_gap_and_its_parts_add_up(
    reported: tuple[float, float], fair: tuple[float, float]
) -> None:
    for told in arithmetic(explained(val_loss=reported, val_nll=fair)):
        gap, arm, base, of_arithmetic, training = printed(told, LOSS)
        assert gap == arm - base == of_arithmetic + training


def test_that_arms_diverged_is_told_before_what_is_wrong_with_their_heads(tmp_path: Path) -> None:
    rows = [epoch("logits"), epoch("double"), epoch("raw", val_nll=None)]
    assert findings(tmp_path, [rows])[0].startswith("raw: diverged in 1 of 1 seeds")
