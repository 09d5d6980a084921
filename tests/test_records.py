from __future__ import annotations

import dataclasses

import pytest
from pydantic import ValidationError

from logitbench.records import (
    EPOCH_COLUMNS,
    LEARNED,
    METRICS,
    ONLY_CLASS,
    PROMISES,
    REPORTED,
    EpochRecord,
    Fingerprints,
    RunRecord,
    TrialRecord,
    broken_promises,
)

PRINTS = {"trunk": "t", "head": "h", "batches": "b", "dropout": "d", "final": "f"}


def test_every_metric_is_a_field_of_an_epoch_and_a_column_of_the_table() -> None:
    fields = [field.name for field in dataclasses.fields(EpochRecord)]
    assert fields == ["arm", "epoch", *METRICS, "seconds", "status", ONLY_CLASS]
    assert ",".join(EPOCH_COLUMNS) == (
        "experiment,run_id,seed,arm,epoch,"
        "loss,accuracy,val_loss,val_accuracy,matched_accuracy,val_matched_accuracy,val_nll,"
        "saturated_fraction,dead_fraction,seconds,loss_path,status"
    )


def test_what_keras_reports_is_not_what_was_learned() -> None:
    assert set(LEARNED) == set(METRICS) - {"accuracy", "val_accuracy"}
    assert {"accuracy", "val_accuracy"} == REPORTED


def test_a_pair_promises_every_fingerprint_but_the_final_one() -> None:
    assert set(PROMISES) == set(Fingerprints.model_fields) - {"final"}


def test_arms_that_end_in_other_weights_are_still_a_pair() -> None:
    assert broken_promises({"logits": PRINTS, "probs": PRINTS | {"final": "other"}}) == []


@pytest.mark.parametrize("name", PROMISES)
def test_a_broken_promise_is_told_in_words_with_the_digest_of_each_arm(name: str) -> None:
    (told,) = broken_promises({"logits": PRINTS, "probs": PRINTS | {name: "0123456789abcdef"}})
    assert told == f"{PROMISES[name]} (logits {PRINTS[name]}, probs 0123456789ab)"


def test_every_broken_promise_is_told() -> None:
    other = dict.fromkeys(PRINTS, "other")
    assert len(broken_promises({"logits": PRINTS, "probs": other, "raw": PRINTS})) == len(PROMISES)


def test_a_promise_that_no_arm_has_come_to_yet_is_passed_over() -> None:
    assert broken_promises({"logits": {"trunk": "t"}, "probs": {"trunk": "t"}}) == []
    assert len(broken_promises({"logits": {"trunk": "t"}, "probs": {"trunk": "u"}})) == 1


@pytest.mark.parametrize("name", ["../up", "a/b", "a\nb", "a\n", "\x1b[31m", "=1+1", "", "a" * 256, "‮a"])
def test_no_run_and_no_arm_has_a_name_that_could_do_harm(name: str) -> None:
    run = {
        "schema_version": 1,
        "experiment": "e",
        "run_id": "r",
        "created": "",
        "spec": {},
        "spec_sha256": "",
        "dataset": {},
        "environment": {},
    }
    arm = {"loss_path": "fused", "fingerprints": PRINTS}
    trial = {
        "schema_version": 1,
        "status": "finished",
        "seed": 0,
        "engine": "lockstep",
        "device": "",
        "epochs": 1,
        "arms": {"logits": arm},
        "warnings": [],
        "epochs_sha256": "",
    }
    RunRecord.model_validate(run)
    TrialRecord.model_validate(trial)
    for key in ("experiment", "run_id"):
        with pytest.raises(ValidationError, match=key):
            RunRecord.model_validate(run | {key: name})
    with pytest.raises(ValidationError, match="arms"):
        TrialRecord.model_validate(trial | {"arms": {name: arm}})
