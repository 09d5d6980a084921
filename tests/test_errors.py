from __future__ import annotations

import pickle

import pytest

from logitbench.errors import (
    CheckError,
    DataError,
    LogitbenchError,
    PairingError,
    TrainingError,
    UsageError,
    did_you_mean,
)

KINDS = [LogitbenchError, UsageError, CheckError, DataError, TrainingError, PairingError]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_whole_out_of_another_process(kind: type[LogitbenchError]) -> None:
    error = pickle.loads(pickle.dumps(kind("what came", "what to do")))  # noqa: S301 - what we pickled ourselves
    assert type(error) is kind
    assert (error.message, error.hint, str(error)) == ("what came", "what to do", "what came")


def test_each_kind_ends_in_the_exit_code_that_the_help_promises() -> None:
    assert [kind.exit_code for kind in KINDS] == [1, 2, 2, 3, 4, 4]


def test_the_nearest_name_is_offered() -> None:
    assert did_you_mean("logit", ["probs", "logits", "raw"]) == "Did you mean 'logits'?"


def test_all_names_are_offered_where_none_is_near() -> None:
    assert did_you_mean("zzz", ["probs", "logits"]) == "Known: logits, probs."
