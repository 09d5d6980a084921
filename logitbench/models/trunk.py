"""What a trunk is, and how an experiment names one: a shipped name or the user's own ``module:function``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from logitbench import models, tables
from logitbench.errors import UsageError, did_you_mean
from logitbench.spec import ModelSpec, Section, validate

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Inputs:
    """What a trunk is built for.

    Args:
        shape: Shape of one example.
        dtype: ``int32`` for token numbers, ``float32`` for features.
        num_classes: Number of classes, at least 2.
        vocabulary_size: Number of token numbers; None for features.
    """

    shape: tuple[int, ...]
    dtype: str
    num_classes: int
    vocabulary_size: int | None


class Builder(Protocol):
    """Anything that builds a trunk."""

    def build(self, inputs: Inputs) -> keras.Model:
        """Return a new Keras model from examples to features, [batch, features], without its head."""


class Trunk(Section, ABC):
    """A shipped trunk's own keys of ``[model]``, and how to build it."""

    @abstractmethod
    def build(self, inputs: Inputs) -> keras.Model:
        """Return a new Keras model from examples to features, [batch, features], without its head.

        Raises:
            UsageError: The trunk does not fit the inputs.
        """


def trunk(spec: ModelSpec) -> Builder:
    """Return the builder that an experiment names; a user's module is not imported before it builds.

    Raises:
        UsageError: There is no such trunk, or a key of it is wrong.
    """
    if ":" in spec.name:
        from logitbench.models.user import UserTrunk

        return UserTrunk(spec.name, spec.options)
    if spec.name not in models.TRUNKS:
        hint = did_you_mean(spec.name, models.TRUNKS)
        raise UsageError(f"there is no model {spec.name!r}", f"{hint} Your own is written module:function.")
    shipped: type[Trunk] = tables.load(models.TRUNKS[spec.name])
    return validate(shipped, spec.options, where=f"[model] of {spec.name!r}")
