"""``HeadCheck`` says what the command says, and leaves training as it is."""

from __future__ import annotations

import random
import warnings
from typing import Any

import keras
import numpy as np
import pytest

from logitbench import HeadCheck, HeadMismatchError
from logitbench.errors import UsageError
from logitbench.probes.model.models import probe_model
from tests.probes.model import small

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

RNG = np.random.default_rng(0)
TEXTS, LABELS = RNG.integers(0, 50, (64, 12)), RNG.integers(0, 2, 64)


def fit(model: Any, *callbacks: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(TEXTS, LABELS, epochs=2, verbose=0, callbacks=list(callbacks))
    return [str(one.message) for one in caught if str(one.message).startswith("output: ")]


def test_it_warns_with_the_words_of_the_probe() -> None:
    check = HeadCheck()
    (said,) = fit(small.tutorial(), check)
    assert check.probe is not None
    (advice,) = probe_model(small.tutorial()).advice
    assert said == f"output: LB201 {advice.what}\n    {advice.code}"
    assert 'BinaryAccuracy(threshold=0.0, name="accuracy")' in said


def test_it_is_silent_where_head_loss_and_metrics_fit() -> None:
    assert fit(small.tutorial("sigmoid", from_logits=False), HeadCheck()) == []
    assert fit(small.tutorial(from_logits=False), HeadCheck("ignore")) == []


def test_it_stops_training_before_the_first_step_if_asked() -> None:
    model = small.tutorial(from_logits=False)
    with pytest.raises(HeadMismatchError, match="reads logits as if they were probabilities"):
        fit(model, HeadCheck(on_mismatch="raise"))
    assert int(model.optimizer.iterations) == 0
    fit(small.tutorial("sigmoid", from_logits=False), HeadCheck(on_mismatch="raise"))


def test_what_it_could_not_tell_is_no_mismatch() -> None:
    model = small.classes(None, "binary_crossentropy", after=small.OwnWeights())
    with pytest.warns(UserWarning, match="could not determine which loss is computed"):
        model.fit(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0, callbacks=[HeadCheck("raise")])


def test_a_model_that_only_its_first_batch_builds_is_checked_after_that() -> None:
    model = small.Subclassed(None)
    model.compile(loss=keras.losses.BinaryCrossentropy())
    check = HeadCheck()
    with pytest.warns(UserWarning, match="reads logits as if they were probabilities") as caught:
        model.fit(np.zeros((64, 4), "float32"), LABELS, epochs=2, verbose=0, callbacks=[check])
    assert len([one for one in caught if "reads logits" in str(one.message)]) == 1
    assert check.probe is not None
    assert check.probe.outputs[0].reading.path == "raw"


def test_it_refuses_what_it_does_not_know() -> None:
    with pytest.raises(UsageError, match="there is no on_mismatch 'explode'"):
        HeadCheck("explode")


@pytest.mark.parametrize("kind", ["tutorial", "subclassed"])
def test_training_gives_the_same_weights_to_the_bit_with_it_and_without(kind: str) -> None:
    def trained(*callbacks: Any) -> tuple[list[Any], Any]:
        keras.utils.set_random_seed(3)
        if kind == "tutorial":
            model, x = small.tutorial("sigmoid"), TEXTS
        else:
            model, x = small.Subclassed(None), TEXTS[:, :4].astype("float32")
            model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", "AUC"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = model.fit(x, LABELS, epochs=2, verbose=0, callbacks=list(callbacks))
        state = (*model.variables, *model.optimizer.variables)
        drawn = (np.random.random(), random.random())
        return [keras.ops.convert_to_numpy(one) for one in state], (history.history, drawn)

    (with_it, others), (without, expected) = trained(HeadCheck()), trained()
    assert len(with_it) == len(without)
    assert all(np.array_equal(one, other) for one, other in zip(with_it, without, strict=True))
    assert others == expected


def test_an_error_of_the_probe_is_one_warning_and_training_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(model: Any) -> Any:
        raise RuntimeError("a fault of the probe")

    monkeypatch.setattr("logitbench.probes.model.callback.probe_model", broken)
    for how, expected in (("warn", 1), ("raise", 1), ("ignore", 0)):
        check = HeadCheck(how)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            small.tutorial().fit(TEXTS, LABELS, epochs=2, verbose=0, callbacks=[check])
        said = [str(one.message) for one in caught if "a fault of the probe" in str(one.message)]
        assert (len(said), check.probe) == (expected, None)
