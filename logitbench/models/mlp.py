"""Hidden layers with any Keras activation."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from logitbench.errors import UsageError, did_you_mean, first_line
from logitbench.models.trunk import Inputs, Trunk

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras


class Mlp(Trunk):
    """``Flatten``, then ``Dense``, activation and ``Dropout`` for each width in ``hidden``."""

    hidden: tuple[Annotated[int, Field(ge=1)], ...] = (16,)
    activation: str = "relu"
    """A name of ``keras.activations``."""
    activation_options: dict[str, Any] = Field(default_factory=dict)
    """Its parameters: ``negative_slope``, ``max_value`` and ``threshold`` of relu, for example."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0

    def build(self, inputs: Inputs) -> keras.Model:
        """Return the trunk: features [batch, ...] to features [batch, last width]."""
        import keras

        activation = self._activation()
        layers = [keras.Input(inputs.shape, dtype=inputs.dtype), keras.layers.Flatten()]
        for width in self.hidden:
            layers += [keras.layers.Dense(width), keras.layers.Activation(activation)]
            if self.dropout:
                layers.append(keras.layers.Dropout(self.dropout))
        return keras.Sequential(layers)

    def _activation(self) -> Callable[[Any], Any]:
        from functools import partial

        import keras

        try:
            function: Callable[[Any], Any] = keras.activations.get(self.activation)
        except ValueError as error:
            raise UsageError(
                f"model.activation {self.activation!r} is not one Keras knows",
                did_you_mean(self.activation, _activations()),
            ) from error
        if self.activation_options:
            function = partial(function, **self.activation_options)
        try:
            function(keras.ops.zeros((1, 2)))
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"model.activation {self.activation!r} cannot be used with {self.activation_options}: "
                f"{first_line(error)}",
                "See its parameters in Keras's documentation of activations, and model.activation_options.",
            ) from error
        return function


def _activations() -> list[str]:
    """Return the names of the activations that Keras has."""
    import keras

    others = {"get", "serialize", "deserialize"}
    return [name for name, value in vars(keras.activations).items() if inspect.isfunction(value) and name not in others]
