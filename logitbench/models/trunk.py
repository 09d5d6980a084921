"""What a trunk is, and what it is built for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from logitbench.spec import Section

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
