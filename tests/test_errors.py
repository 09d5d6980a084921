from __future__ import annotations

import errno
import os
import pickle

import pytest

from logitbench.errors import (
    CheckError,
    DataError,
    LogitbenchError,
    OutOfMemoryError,
    PairingError,
    RaisedInTrainingError,
    TrainingError,
    UsageError,
    did_you_mean,
    first_line,
    is_of_the_system,
    limit_of_the_system,
)

KINDS = [LogitbenchError, UsageError, CheckError, DataError, TrainingError, PairingError]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_whole_out_of_another_process(kind: type[LogitbenchError]) -> None:
    error = pickle.loads(pickle.dumps(kind("what came", "what to do")))  # noqa: S301 - what we pickled ourselves
    assert type(error) is kind
    assert (error.message, error.hint, str(error)) == ("what came", "what to do", "what came")


def test_each_kind_ends_in_the_exit_code_that_the_help_promises() -> None:
    assert [kind.exit_code for kind in KINDS] == [1, 2, 2, 3, 4, 4]


def test_an_error_that_a_repetition_ends_in_again_says_so() -> None:
    again = [UsageError, PairingError, RaisedInTrainingError]
    assert [kind.repeats for kind in again] == [True] * 3
    assert not OutOfMemoryError.repeats
    assert not TrainingError.repeats


GRAPH = """Graph execution error:

Detected at node compile_loss/sparse/SparseSoftmaxCrossEntropyWithLogits defined at (most recent call last):
  File "train.py", line 12, in <module>

  File "keras/src/trainer.py", line 117, in error_handler

Received a label value of 6 which is outside the valid range of [0, 2).  Label values: 5 6
\t [[{{node compile_loss/SparseSoftmaxCrossEntropyWithLogits}}]] [Op:__inference_one_step_on_iterator_2390]"""

IN_USER_CODE = """in user code:

    File "mine.py", line 4, in call  *
        return tf.matmul(x, self.w)

    ValueError: Dimensions must be equal, but are 3 and 4."""

LAYER = "Exception encountered when calling Block.call().\n\n\x1b[1mInput 0 is incompatible: expected 3, got 4\x1b[0m\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GRAPH, "Received a label value of 6 which is outside the valid range of [0, 2).  Label values: 5 6"),
        (IN_USER_CODE, "ValueError: Dimensions must be equal, but are 3 and 4."),
        (LAYER, "Input 0 is incompatible: expected 3, got 4"),
        ("Graph execution error:\n", "Graph execution error:"),
        ("one\ntwo", "one"),
        ("", "ValueError"),
    ],
)
def test_the_line_that_says_what_is_wrong_is_taken_from_an_error(text: str, line: str) -> None:
    assert first_line(ValueError(text)) == line


def test_the_nearest_name_is_offered() -> None:
    assert did_you_mean("logit", ["probs", "logits", "raw"]) == "Did you mean 'logits'?"


def test_all_names_are_offered_where_none_is_near() -> None:
    assert did_you_mean("zzz", ["probs", "logits"]) == "Known: logits, probs."


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EMFILE])
def test_a_limit_of_the_system_names_the_file_and_is_no_fault_of_the_program(number: int) -> None:
    found = limit_of_the_system(OSError(number, os.strerror(number), "some.file"))
    assert found is not None
    assert found.message == f"cannot write or open a file: some.file: {os.strerror(number)}"
    assert limit_of_the_system(OSError(errno.EBADF, "bad")) is None


def test_an_error_of_the_system_is_known_also_as_the_cause_of_another() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    caused = RuntimeError("cannot save")
    caused.__cause__ = full
    assert is_of_the_system(full)
    assert is_of_the_system(caused)
    assert not is_of_the_system(RuntimeError("a wrong shape"))
