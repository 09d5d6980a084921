"""``HeadCheck``: the probe of a model as a Keras callback."""

from __future__ import annotations

import warnings
from typing import Any

import keras

from logitbench.errors import HeadMismatchError, UsageError, did_you_mean, first_line
from logitbench.probes.model.models import probe_model
from logitbench.probes.model.records import Advice, Level, ModelProbe

ON_MISMATCH = ("warn", "raise", "ignore")


class HeadCheck(keras.callbacks.Callback):  # type: ignore[misc]
    """Probes the model when training begins, and says where head, loss and metrics do not fit each other.

    Training with Keras's own layers is not changed: the same weights, to the bit, come out with it and without. Layers
    of your own are called a few times more; what ``probe_model`` says of them holds here too.

    Args:
        on_mismatch: ``warn`` (the default); ``raise`` ``HeadMismatchError`` before the first step; or ``ignore``,
            which only leaves what was found in ``probe``. A subclass of Model that was never called is built by its
            first step, and checked after it.

    Attributes:
        probe: What was found, once training has begun; None where the probe failed, which is warned of and no more.

    Raises:
        UsageError: ``on_mismatch`` is none of these.
    """

    def __init__(self, on_mismatch: str = "warn") -> None:
        super().__init__()
        if on_mismatch not in ON_MISMATCH:
            raise UsageError(f"there is no on_mismatch {on_mismatch!r}", did_you_mean(on_mismatch, ON_MISMATCH))
        self.on_mismatch = on_mismatch
        self.probe: ModelProbe | None = None
        self._checked = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Probe the model, unless only the first batch tells the shapes that it has."""
        del logs
        self.probe, self._checked = None, False
        if self.model.built or isinstance(self.model, keras.Sequential):
            self._check()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Probe the model after its first step where that could not be done before."""
        del batch, logs
        if not self._checked:
            self._check()

    def _check(self) -> None:
        self._checked = True
        try:
            self.probe = probe_model(self.model)
        except Exception as error:  # training is worth more than what is said of it
            if self.on_mismatch != "ignore":
                what = f"HeadCheck could not probe the model: {type(error).__name__}: {first_line(error)}"
                warnings.warn(what, stacklevel=3)
            return
        matters = [one for one in self.probe.advice if one.level is not Level.NOTE]
        mismatches = [one for one in matters if one.level is not Level.UNKNOWN]
        if self.on_mismatch == "raise" and mismatches:
            raise HeadMismatchError("\n".join(map(written, mismatches)), "HeadCheck(on_mismatch='warn') goes on.")
        if self.on_mismatch != "ignore":
            for one in matters:
                warnings.warn(written(one), stacklevel=3)


def written(advice: Advice) -> str:
    """Return advice as text, with the rule of ``logitbench check`` that it falls under, its code below it."""
    code = "".join(f"\n    {line}" for line in advice.code.splitlines())
    return f"{advice.output}: {advice.rule} {advice.what}{code}"
