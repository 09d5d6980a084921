"""No hidden layer at all: logistic regression, once it has its head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logitbench.models.trunk import Inputs, Trunk

if TYPE_CHECKING:
    import keras


class Linear(Trunk):
    """``Flatten``."""

    def build(self, inputs: Inputs) -> keras.Model:
        """Return the trunk: features [batch, ...] to the same features [batch, count]."""
        import keras

        return keras.Sequential([keras.Input(inputs.shape, dtype=inputs.dtype), keras.layers.Flatten()])
