"""What decides the figures of a run: it must match before a run is gone on with, or runs are taken together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from logitbench.keras_settings import DEFAULTS
from logitbench.records import RunRecord

SAME_BITS = (
    "logitbench",
    "tensorflow",
    "keras",
    "numpy",
    "machine",
    "onednn",
    "threads_per_trial",
    "model_sha256",
    *DEFAULTS.recorded(),
    "flags",
)
"""The keys of the environment that decide the last bits of a trial."""

UNRECORDED: Mapping[str, Any] = {**DEFAULTS.recorded(), "flags": ""}
"""Keys that older runs do not have, with the values that almost all of them had."""

ASKS = "asks"
"""The key of an experiment that is read by people alone."""

SEEDS = "pairs.seeds"
"""The key that does not decide any figure: how many seeds there are to be."""


@dataclass(frozen=True)
class Difference:
    """A key in which two runs differ.

    Args:
        key: Its dotted name.
        one: Its value in one run; None where it is not there.
        other: Its value in the other.
    """

    key: str
    one: Any
    other: Any

    def told(self, one: str, other: str) -> str:
        """Say it of the runs, each with its verb or name: ``training.epochs was 1 and is 2``."""
        return f"{self.key} {one} {_shown(self.one)} and {other} {_shown(self.other)}"


def differences(one: RunRecord, other: RunRecord) -> list[Difference]:
    """Return the keys of experiment, data and environment in which two runs differ."""
    return [
        *(difference for difference in _differing("", one.spec, other.spec) if difference.key != ASKS),
        *_differing("dataset.", _digest(one), _digest(other)),
        *_differing("", _bits(one), _bits(other)),
    ]


def _digest(run: RunRecord) -> dict[str, Any]:
    return {"sha256": run.dataset.get("sha256")}


def _bits(run: RunRecord) -> dict[str, Any]:
    return {key: run.environment.get(key, UNRECORDED.get(key)) for key in SAME_BITS}


def _differing(prefix: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys([*one, *other]):
        here, there = one.get(key), other.get(key)
        if isinstance(here, dict) and isinstance(there, dict):
            yield from _differing(f"{prefix}{key}.", here, there)
        elif (type(here), here) != (type(there), there):
            yield Difference(f"{prefix}{key}", here, there)


def _shown(value: Any) -> str:
    return "left out" if value is None else repr(value)
