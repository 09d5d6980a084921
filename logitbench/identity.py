"""What decides the figures of a run: it must match before a run is resumed, or runs are pooled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
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

DECIDE_NOTHING = frozenset({"asks", "data.path"})
"""Keys that decide no figure: text for people, and the path of the data, which their digest identifies."""

SEEDS = "pairs.seeds"
"""The key that does not decide any figure: how many seeds there are to be."""


DIGESTS: Mapping[str, tuple[str, str]] = {
    "dataset.sha256": ("data", "the data differ"),
    "model_sha256": ("model source", "the source of the model differs"),
}
"""Keys whose values are digests, which tell a reader nothing: a name for each, and the sentence for a difference."""

MOST_VALUES = 5
"""Most values of a key that a sentence lists."""


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
        if self.key in DIGESTS:
            return DIGESTS[self.key][1]
        return f"{self.key} {one} {_shown(self.one)} and {other} {_shown(self.other)}"


@dataclass(frozen=True)
class Variation:
    """A key in which two or more groups of runs differ.

    Args:
        key: Its dotted name.
        values: Its value in each group; None where a group does not have the key.
    """

    key: str
    values: tuple[Any, ...]

    def sentence(self) -> str:
        """Return the key with its different values, ``training.epochs 3, 2``."""
        if self.key in DIGESTS:
            return DIGESTS[self.key][1]
        texts = list(dict.fromkeys(map(_text, self.values)))
        more = f" and {len(texts) - MOST_VALUES} more" if len(texts) > MOST_VALUES else ""
        return f"{self.key} {', '.join(texts[:MOST_VALUES])}{more}"

    def of(self, group: int) -> str:
        """Return the key with its value in a group, ``training.epochs 3``; digests are numbered, ``data 2``."""
        if self.key in DIGESTS:
            return f"{DIGESTS[self.key][0]} {list(dict.fromkeys(self.values)).index(self.values[group]) + 1}"
        return f"{self.key} {_text(self.values[group])}"


def variations(by_group: Sequence[Sequence[Difference]]) -> list[Variation]:
    """Return the keys in which groups differ.

    Args:
        by_group: The differences of the first group from each of the others, in order.
    """
    first = {difference.key: difference.one for found in by_group for difference in found}
    others = [{difference.key: difference.other for difference in found} for found in by_group]
    return [Variation(key, (value, *(other.get(key, value) for other in others))) for key, value in first.items()]


def differences(one: RunRecord, other: RunRecord) -> list[Difference]:
    """Return the keys of experiment, data and environment in which two runs differ."""
    return [
        *(difference for difference in _differing("", one.spec, other.spec) if difference.key not in DECIDE_NOTHING),
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


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
