from __future__ import annotations

import keras
import numpy as np
import pytest

from logitbench import models, tables
from logitbench.errors import UsageError
from logitbench.models.choice import trunk
from logitbench.models.trunk import Inputs, Trunk
from logitbench.spec import ModelSpec

FEATURES = Inputs((8, 8), "float32", 10, None)
TEXT = Inputs((12,), "int32", 2, vocabulary_size=50)


@pytest.mark.parametrize("name", list(models.TRUNKS))
def test_every_shipped_trunk_is_there(name: str) -> None:
    assert issubclass(tables.load(models.TRUNKS[name]), Trunk)


def test_text_average_is_the_tutorials() -> None:
    model = trunk(ModelSpec(name="text-average")).build(TEXT)

    assert [type(layer).__name__ for layer in model.layers] == [
        "Embedding",
        "Dropout",
        "GlobalAveragePooling1D",
        "Dropout",
    ]
    assert model.layers[0].embeddings.shape == (51, 16)
    assert [model.layers[i].rate for i in (1, 3)] == [0.2, 0.2]


def test_text_average_refuses_features() -> None:
    with pytest.raises(UsageError, match="takes text") as refusal:
        trunk(ModelSpec(name="text-average")).build(FEATURES)

    assert "mlp" in refusal.value.hint


def test_mlp_has_the_layers_asked_for() -> None:
    model = trunk(ModelSpec(name="mlp", hidden=[5, 3], dropout=0.1)).build(FEATURES)

    assert model.output_shape == (None, 3)
    assert sum(isinstance(layer, keras.layers.Dropout) for layer in model.layers) == 2


def test_mlp_gives_an_activation_its_parameters() -> None:
    options = {"negative_slope": 2.0, "threshold": 3.5}
    model = trunk(ModelSpec(name="mlp", hidden=[3], activation_options=options)).build(FEATURES)

    # The example of TensorFlow's documentation of relu.
    values = np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0], np.float32)
    np.testing.assert_allclose(model.layers[-1](values).numpy(), [-17.0, -13.0, -9.0, -5.0, -1.0, 5.0])


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softmax", "gelu", "silu", "leaky_relu"])
def test_mlp_takes_any_activation_of_keras(activation: str) -> None:
    model = trunk(ModelSpec(name="mlp", hidden=[4], activation=activation)).build(FEATURES)

    assert model(np.ones((2, 8, 8), np.float32)).shape == (2, 4)


def test_mlp_names_the_nearest_activation() -> None:
    with pytest.raises(UsageError, match="'rellu'") as refusal:
        trunk(ModelSpec(name="mlp", activation="rellu")).build(FEATURES)

    assert refusal.value.hint == "Did you mean 'relu'?"


def test_mlp_names_nothing_but_activations_where_none_is_near() -> None:
    with pytest.raises(UsageError, match="'zzz' is not one Keras knows") as refusal:
        trunk(ModelSpec(name="mlp", activation="zzz")).build(FEATURES)

    names = refusal.value.hint.removeprefix("Known: ").removesuffix(".").split(", ")
    assert {"gelu", "relu", "tanh"} < set(names)
    for name in names:
        assert callable(keras.activations.get(name))


def test_mlp_refuses_a_parameter_that_the_activation_does_not_have() -> None:
    with pytest.raises(UsageError, match=r"'relu' cannot be used with .*'alpha'") as refusal:
        trunk(ModelSpec(name="mlp", activation="relu", activation_options={"alpha": 1})).build(FEATURES)

    assert "Did you mean" not in refusal.value.hint


def test_auto_takes_what_fits_the_data() -> None:
    assert len(trunk(ModelSpec(name="auto")).build(TEXT).layers) == 4
    assert trunk(ModelSpec(name="auto")).build(FEATURES).output_shape == (None, 16)


def test_linear_has_no_weight() -> None:
    assert trunk(ModelSpec(name="linear")).build(FEATURES).weights == []


def test_an_unknown_trunk_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="no model 'mpl'") as refusal:
        trunk(ModelSpec(name="mpl"))

    assert "'mlp'" in refusal.value.hint


def test_a_key_that_the_trunk_does_not_have_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown key 'hiden'") as refusal:
        trunk(ModelSpec(name="mlp", hiden=[3]))

    assert "'hidden'" in refusal.value.hint
