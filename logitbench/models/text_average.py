"""The trunk of TensorFlow's text classification tutorial: embed, average, drop out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from logitbench.errors import UsageError
from logitbench.models.trunk import Inputs, Trunk

if TYPE_CHECKING:
    import keras


class TextAverage(Trunk):
    """``Embedding(vocabulary_size + 1)``, ``Dropout``, ``GlobalAveragePooling1D``, ``Dropout``."""

    embedding_dim: Annotated[int, Field(ge=1)] = 16
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2

    def build(self, inputs: Inputs) -> keras.Model:
        """Return the trunk: token numbers [batch, length] to features [batch, embedding_dim]."""
        import keras

        if inputs.vocabulary_size is None:
            raise UsageError(
                "the model 'text-average' takes text, and this data has features", "Use model.name = 'mlp'."
            )
        return keras.Sequential(
            [
                keras.Input(inputs.shape, dtype=inputs.dtype),
                # One row more than there are token numbers, as in the tutorial.
                keras.layers.Embedding(inputs.vocabulary_size + 1, self.embedding_dim),
                keras.layers.Dropout(self.dropout),
                keras.layers.GlobalAveragePooling1D(),
                keras.layers.Dropout(self.dropout),
            ]
        )
