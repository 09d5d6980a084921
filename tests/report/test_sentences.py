from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import ArmPair
from logitbench.compare.declared import Declared
from logitbench.compare.overview import Estimate, Overall
from logitbench.compare.statistics import Paired
from logitbench.compare.verdict import Evidence, Verdict
from logitbench.report import figures, sentences
from tests.handmade import epoch, publish, run_record
from tests.report.conftest import Hostile

NUMBER = "val_nll at the last epoch, double minus logits"


MEAN = "+0.5000, 95 % interval [+0.2500, +0.7500]"


SMALL = "+0.0010, 95 % interval [+0.0000, +0.0020]"


SAMPLE = Paired(10, mean=0.5, spread=0.25, low=0.25, high=0.75, effect=2.0, p=0.0019)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (
            Evidence(SAMPLE, Verdict.A_BETTER, p=0.0039, equivalence_p=0.9, tests=2),
            f"A BETTER: logits is better than double: {NUMBER}: {MEAN} (p=0.0039 after Holm over 2 pairs, n=10, d=2).",
        ),
        (
            Evidence(SAMPLE, Verdict.B_BETTER, p=0.0001, equivalence_p=0.9),
            f"B BETTER: double is better than logits: {NUMBER}: {MEAN} (p<0.001, n=10, d=2).",
        ),
        (
            Evidence(SAMPLE, Verdict.INCONCLUSIVE, p=0.34, equivalence_p=0.9, needed=41),
            f"INCONCLUSIVE: {NUMBER}: {MEAN} (p=0.34, n=10, d=2); 41 seeds would probably lead to a verdict; "
            "adding seeds and judging again raises the error rate: choose that number, or --seeds auto, before a run.",
        ),
        (
            Evidence(SAMPLE, Verdict.INCONCLUSIVE, p=0.34, equivalence_p=0.9),
            f"INCONCLUSIVE: {NUMBER}: {MEAN} (p=0.34, n=10, d=2); a verdict would need more than 10,000 seeds.",
        ),
        (
            Evidence(
                Paired(10, mean=0.001, spread=0.002, low=0.0, high=0.002, effect=0.5, p=0.2),
                Verdict.EQUIVALENT,
                0.2,
                0.0002,
            ),
            f"EQUIVALENT: {NUMBER}: {SMALL} (n=10), within ±0.01 (p<0.001 of equivalence).",
        ),
        (
            Evidence(
                Paired(10, mean=0.001, spread=0.002, low=0.0, high=0.002, effect=0.5, p=0.01),
                Verdict.EQUIVALENT,
                0.03,
                0.0002,
                3,
            ),
            f"EQUIVALENT: {NUMBER}: {SMALL} (n=10), within ±0.01 (p<0.001 of equivalence after "
            "Holm over 3 pairs), though they do differ (p=0.03).",
        ),
        (
            Evidence(
                Paired(3, mean=0.5, spread=0.25, low=0.25, high=0.75, effect=2.0),
                Verdict.TOO_FEW_SEEDS,
                needed=6,
                least_p=0.25,
            ),
            f"TOO FEW SEEDS: {NUMBER}: {MEAN} (n=3); the least p that n=3 can reach is 0.25, and 0.05 "
            "needs at least 6 seeds.",
        ),
        (
            Evidence(Paired(0), Verdict.DIVERGED),
            "DIVERGED: double or logits diverged in every seed, so the arms cannot be compared.",
        ),
        (
            Evidence(Paired(10, 0.0), Verdict.IDENTICAL),
            "IDENTICAL: double and logits have the same losses, matched accuracies and final weights, to the last bit, "
            "in 4 of 10 seeds.",
        ),
    ],
    ids=lambda value: str(value.verdict) if isinstance(value, Evidence) else "",
)
def test_a_verdict_names_its_number_and_its_evidence(evidence: Evidence, said: str) -> None:
    pair = ArmPair("double", "logits", 10, 4, 0, (0, 0), evidence, {}, (), ())

    assert sentences.verdict(pair, Declared()) == said


def test_a_verdict_counts_the_seeds_that_diverged() -> None:
    evidence = Evidence(SAMPLE, Verdict.A_BETTER, p=0.0039)
    pair = ArmPair("double", "logits", 12, 0, 2, (0, 2), evidence, {}, (), ())

    assert sentences.verdict(pair, Declared()).endswith("; 2 of 12 seeds diverged, logits alone in 2.")


def test_a_verdict_names_the_epoch_that_was_declared() -> None:
    pair = ArmPair("double", "logits", 10, 0, 0, (0, 0), Evidence(SAMPLE, Verdict.A_BETTER, p=0.0039), {}, (), ())

    assert "val_loss at its best val_nll, double" in sentences.verdict(pair, Declared("val_loss", "best:val_nll"))


def test_what_holds_over_experiments_is_a_sentence() -> None:
    group = Overall(
        "", 3, False, 24, 2, ("few",), "double", "logits", Estimate(0.25, 0.1, 0.4), Estimate(0.5, 0.25, 0.75)
    )
    mixed = dataclasses.replace(group, mixed=True, name="float32")

    told, of_runs = sentences.over_experiments([group, mixed], Declared())

    assert told == (
        "over 3 experiments, 24 seeds: double improves on logits with probability 0.25 (95 % interval 0.10 to 0.40); "
        "interquartile mean of val_nll, double minus logits: +0.5000 (95 % interval +0.2500 to +0.7500); in 2 seeds "
        "one of them has no number, which counts as worse than any, and is not in the mean; left out for fewer than 6 "
        "seeds: few."
    )
    assert of_runs.startswith("over 3 experiments of float32, 24 seeds: ")
    assert "runs of an experiment that are not pooled take part as one, with their mean for each seed" in of_runs


def test_what_the_data_left_out_is_told(tmp_path: Path) -> None:
    record = run_record().model_copy(update={"dataset": {"notes": ["1 of 61 rows\nwas left out"]}})
    publish(store.create_run(tmp_path, record), [epoch("logits"), epoch("probs")])
    (comparison,) = compare(store.read([tmp_path]).trials)

    assert "data: 1 of 61 rows was left out" in sentences.notes(comparison)


def test_a_warning_is_one_line_and_cannot_pass_for_a_verdict(warned: Hostile) -> None:
    (comparison,) = warned("first\nIDENTICAL: all\r\n\n\tis well\v\f\x1c\x85\u2028end")
    assert list(sentences.notes(comparison))[-1] == "warning: first IDENTICAL: all is well end"


def test_half_a_surrogate_pair_in_a_stored_warning_can_be_written(warned: Hostile) -> None:
    (comparison,) = warned(json.loads('"\\ud83d"'))
    assert list(map(figures.printable, sentences.notes(comparison)))[-1] == "warning: \N{REPLACEMENT CHARACTER}"


def test_a_verdict_of_a_sequential_design_says_so_and_what_may_follow() -> None:
    def said(verdict: Verdict, look: int) -> str:
        evidence = Evidence(SAMPLE, verdict, p=0.34, look=look)
        return sentences.verdict(ArmPair("double", "logits", look, 0, 0, (0, 0), evidence, {}, (), ()), Declared())

    judged = "judged after 16 seeds, with p and interval corrected for looks at 8, 16, 32 and 64 seeds."
    assert said(Verdict.A_BETTER, 16).endswith(judged)
    assert "`logitbench run` with --seeds auto and --resume looks again" in said(Verdict.INCONCLUSIVE, 16)
    assert "no look follows" in said(Verdict.INCONCLUSIVE, 64)


def test_a_drawn_p_has_its_error() -> None:
    evidence = Evidence(SAMPLE, Verdict.A_BETTER, p=0.0398, p_error=0.0015)
    pair = ArmPair("double", "logits", 40, 0, 0, (0, 0), evidence, {}, (), ())
    assert "(p=0.04 ± 0.002, drawn, n=10, d=2)" in sentences.verdict(pair, Declared())
