"""The shipped trunk that fits the data, with its defaults: for a file of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logitbench.models.mlp import Mlp
from logitbench.models.text_average import TextAverage
from logitbench.models.trunk import Inputs, Trunk

if TYPE_CHECKING:
    import keras


class Auto(Trunk):
    """``text-average`` for text, ``mlp`` for features."""

    def build(self, inputs: Inputs) -> keras.Model:
        """Return the trunk that fits."""
        fitting: Trunk = TextAverage() if inputs.vocabulary_size is not None else Mlp()
        return fitting.build(inputs)
