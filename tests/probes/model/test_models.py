"""What the probe says of real models, on the backend that the tests run on: TensorFlow."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops
from scipy import special

from logitbench.errors import UsageError
from logitbench.heads import LossPath
from logitbench.probes.model.advice import LOW
from logitbench.probes.model.models import loss_path, probe_model
from logitbench.probes.model.records import Level, OutputProbe
from tests.probes.model import small

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

SPARSE = keras.losses.SparseCategoricalCrossentropy
FUSED, CLIPPED, DOUBLE, RAW = LossPath.FUSED, LossPath.CLIPPED, LossPath.DOUBLE, LossPath.RAW


def only(model: Any) -> OutputProbe:
    (output,) = probe_model(model).outputs
    return output


@pytest.mark.parametrize(
    ("activation", "from_logits", "path"),
    [(None, True, FUSED), (None, False, RAW), ("sigmoid", False, FUSED), ("sigmoid", True, FUSED)],
)
def test_the_tutorials_model_is_probed_before_it_was_ever_built(
    activation: str | None, from_logits: bool, path: LossPath
) -> None:
    model = small.tutorial(activation, from_logits=from_logits)
    found = only(model)
    assert (found.layer, found.units, found.activation) == ("head", 1, activation or "none")
    assert (found.loss, found.from_logits, found.reading.path) == ("BinaryCrossentropy", from_logits, path)
    assert (found.reading.family, found.reading.labels) == ("binary cross-entropy", "numbers")
    assert found.reading.dead_from is None if path is FUSED else found.reading.dead_from is not None
    assert not model.built


def test_a_cast_after_the_activation_shows_in_path_precision_and_the_logit_past_which_nothing_is_learned() -> None:
    found = only(small.tutorial("sigmoid", from_logits=False, dtype="mixed_float16"))
    assert (found.reading.path, found.precision) == (CLIPPED, "float16")
    assert found.reading.dead_from == pytest.approx(8.0, abs=0.4)
    assert only(small.tutorial("sigmoid", from_logits=False)).precision == "float32"


@pytest.mark.parametrize("stub", [small.fused, small.clipped, small.double, small.raw, small.other])
def test_a_planted_stub_of_each_path_is_called_by_its_name_and_one_of_none_other(stub: Any) -> None:
    found = only(small.classes(None, stub, units=1))
    assert found.reading.path == stub.__name__
    assert (found.loss, found.from_logits) == (stub.__name__, None)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_labels_of_either_kind_are_tried_for_a_softmax(loss: str) -> None:
    found = only(small.classes("softmax", loss))
    assert (found.reading.path, found.reading.family) == (FUSED, "categorical cross-entropy")
    assert found.reading.labels == ("class numbers" if loss.startswith("sparse") else "one-hot")
    assert only(small.classes(None, loss)).reading.path is RAW


@pytest.mark.parametrize(
    ("loss", "family"),
    [
        (keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2), "binary cross-entropy"),
        (keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2), "categorical cross-entropy"),
        (
            keras.losses.BinaryFocalCrossentropy(True, alpha=0.3, gamma=1.5, from_logits=True),
            "binary focal cross-entropy",
        ),
    ],
)
def test_settings_of_a_loss_do_not_hide_its_path(loss: Any, family: str) -> None:
    reading = only(small.classes(None, loss)).reading
    assert (reading.path, reading.family) == (FUSED, family)


def test_a_softmax_of_two_classes_is_taken_for_what_it_is() -> None:
    reading = only(small.classes("softmax", "categorical_crossentropy", after=layers.Reshape((2,)), units=2)).reading
    assert (reading.path, reading.family) == (CLIPPED, "categorical cross-entropy")


@pytest.mark.parametrize(
    ("after", "path"),
    [
        (layers.Identity(), FUSED),
        (layers.Activation("linear"), FUSED),
        (layers.Reshape((3,)), CLIPPED),
        (lambda x: x * 1.0, CLIPPED),
    ],
)
def test_what_stands_after_the_head_is_part_of_it(after: Any, path: LossPath) -> None:
    found = only(small.classes("softmax", "categorical_crossentropy", after=after))
    assert (found.layer, found.activation, found.reading.path) == ("head", "softmax", path)


def test_an_activation_layer_after_a_linear_head_is_its_activation() -> None:
    for layer in (layers.Softmax(), layers.Activation("softmax")):
        found = only(small.classes(None, "categorical_crossentropy", after=layer))
        assert (found.layer, found.activation, found.reading.path) == ("head", "softmax", FUSED)


def test_several_outputs_are_probed_one_by_one() -> None:
    mood, spam, tags = probe_model(small.several()).outputs
    assert (mood.name, mood.layer, mood.activation, mood.reading.path) == ("mood", "mood", "softmax", FUSED)
    assert (spam.name, spam.layer, spam.activation, spam.reading.path) == ("spam", "spam", "none", RAW)
    assert (tags.name, tags.precision, tags.reading.path, tags.units) == ("tags", "float16", CLIPPED, 2)
    assert [metric.fits for metric in (*mood.metrics, *spam.metrics)] == [True, False]


def test_a_nested_model_is_driven_through() -> None:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(1, activation="sigmoid", name="deep")])
    inputs = keras.Input((4,))
    model = keras.Model(inputs, inner(layers.Dense(4)(inputs)))
    model.compile(loss="binary_crossentropy")
    assert (only(model).layer, only(model).reading.path) == ("deep", FUSED)


def test_a_subclass_of_model_is_driven_once_it_is_built() -> None:
    model = small.Subclassed("sigmoid")
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    unbuilt = only(model)
    assert unbuilt.reading.path is None
    assert "Build it first" in unbuilt.reading.why
    model(np.zeros((2, 4), "float32"))
    assert (only(model).layer, only(model).activation, only(model).reading.path) == ("head", "sigmoid", FUSED)


def test_heads_of_many_places_are_driven_in_all_of_them() -> None:
    texts = keras.Input((None, 5))
    in_time = keras.Model(texts, layers.TimeDistributed(layers.Dense(3, activation="softmax"))(texts))
    in_time.compile(loss="sparse_categorical_crossentropy")
    assert only(in_time).reading.path is CLIPPED
    images = keras.Input((None, None, 3))
    masks = keras.Model(images, layers.Conv2D(1, 3, activation="sigmoid")(images))
    masks.compile(loss="binary_crossentropy")
    assert only(masks).reading.path is FUSED


def test_a_model_that_is_not_compiled_is_probed_as_far_as_that_goes() -> None:
    model = small.classes("softmax", None)
    model.compiled = False
    found = only(model)
    assert (found.activation, found.reading.path) == ("softmax", None)
    assert "the model is not compiled" in found.reading.why
    assert "model.compile(" in found.reading.why


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (layers.BatchNormalization(name="last"), "BatchNormalization 'last', which has no activation"),
        (small.OwnWeights(name="last"), "OwnWeights 'last', which has no activation"),
    ],
)
def test_a_head_that_cannot_be_driven_is_said_plainly_with_the_reason(last: Any, why: str) -> None:
    model = small.classes(None, "binary_crossentropy", after=last)
    (found,), (advice,) = probe_model(model).outputs, probe_model(model).advice
    assert (found.reading.path, found.activation) == (None, None)
    assert why in found.reading.why
    assert (advice.level, why in advice.what) == (Level.UNKNOWN, True)


def test_an_output_that_depends_on_more_than_the_head_is_not_judged() -> None:
    inputs = keras.Input((1,))
    model = keras.Model(inputs, layers.Add()([layers.Dense(1)(inputs), inputs]))
    model.compile(loss="mse")
    assert "depends on the model's inputs in another way too" in only(model).reading.why


def test_a_recurrent_trunk_is_called_and_a_recurrent_head_is_not_driven() -> None:
    trunk = keras.Sequential([keras.Input((5, 2)), layers.LSTM(3), layers.Dense(1, activation="sigmoid")])
    trunk.compile(loss="binary_crossentropy")
    assert only(trunk).reading.path is FUSED
    head = keras.Sequential([keras.Input((5, 2)), layers.LSTM(1, activation="sigmoid")])
    head.compile(loss="binary_crossentropy")
    assert "LSTM" in only(head).reading.why


def test_a_training_step_of_the_models_own_is_told() -> None:
    class Own(keras.Sequential):  # type: ignore[misc]
        def train_step(self, *arguments: Any) -> Any:
            return super().train_step(*arguments)

    model = Own([keras.Input((2,)), layers.Dense(1)])
    model.compile(loss="mse")
    assert any("has a train_step of its own" in one.what for one in probe_model(model).advice)


def test_a_loss_that_cannot_be_taken_is_said_with_what_it_raised() -> None:
    def broken(target: Any, output: Any) -> Any:
        raise RuntimeError("no such loss today")

    assert "RuntimeError: no such loss today" in only(small.classes(None, broken)).reading.why


def test_a_softmax_of_one_unit_is_found() -> None:
    probe = probe_model(small.tutorial("softmax", from_logits=False))
    assert probe.outputs[0].activation == "softmax"
    assert probe.advice[0].level is Level.WRONG
    assert "softmax of one unit is 1" in probe.advice[0].what


def test_probing_changes_nothing_of_the_model() -> None:
    model = small.Subclassed("sigmoid")
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", keras.metrics.AUC()])
    x, y = np.random.default_rng(0).normal(size=(32, 4)).astype("float32"), np.arange(32) % 2
    model.fit(x, y, epochs=1, verbose=0)
    own = {id(layer): set(vars(layer)) for layer in (model.head, model.hidden, model.dropout)}
    before = [
        np.array(variable) for variable in (*model.variables, *model.optimizer.variables, *model.metrics_variables)
    ]
    probe_model(model)
    after = [
        np.array(variable) for variable in (*model.variables, *model.optimizer.variables, *model.metrics_variables)
    ]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert {id(layer): set(vars(layer)) for layer in (model.head, model.hidden, model.dropout)} == own
    assert model.head.activation is keras.activations.sigmoid


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(UsageError, match=r"expected a keras\.Model, got str"):
        probe_model("model.keras")


@pytest.mark.parametrize(
    ("loss", "activation", "path"),
    [
        ("binary_crossentropy", "sigmoid", FUSED),
        ("binary_crossentropy", None, RAW),
        ("sparse_categorical_crossentropy", "softmax", FUSED),
        ("categorical_crossentropy", None, RAW),
        (keras.losses.BinaryCrossentropy(from_logits=True), keras.activations.linear, FUSED),
        (small.double, None, DOUBLE),
        ("mse", None, LossPath.OTHER),
    ],
)
def test_the_path_of_a_bare_loss(loss: Any, activation: Any, path: LossPath) -> None:
    assert loss_path(loss, activation).path is path


def test_the_path_of_a_bare_loss_in_half_precision() -> None:
    assert loss_path("binary_crossentropy", "sigmoid", policy="mixed_float16").path is CLIPPED


@pytest.mark.parametrize("arguments", [("no_such_loss", None), ("mse", "no_such_activation")])
def test_a_loss_or_activation_that_keras_does_not_have_is_refused(arguments: tuple[str, str | None]) -> None:
    with pytest.raises(UsageError, match="no such head or loss"):
        loss_path(*arguments)


def test_a_model_of_a_users_own_operations_is_driven() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, 1 / (1 + ops.exp(-layers.Dense(1)(inputs))))
    model.compile(loss="binary_crossentropy")
    probe = probe_model(model)
    (found,) = probe.outputs
    assert (found.activation, found.reading.path, found.reading.broken_at) == ("sigmoid", CLIPPED, -100)
    assert "is no number" in probe.advice[0].what  # e^100 is too great for a float32


def test_masks_and_ignored_classes_do_not_hide_a_path() -> None:
    words = keras.Input((None,), dtype="int32")
    tagged = layers.LSTM(4, return_sequences=True)(layers.Embedding(10, 4, mask_zero=True)(words))
    model = keras.Model(words, layers.Dense(5)(tagged))
    for loss in (SPARSE(from_logits=True), SPARSE(from_logits=True, ignore_class=0)):
        model.compile(loss=loss)
        assert (only(model).reading.path, only(model).reading.labels) == (FUSED, "class numbers")


@pytest.mark.parametrize("ignored", [0, 1, 2, -1, 255])
def test_an_ignored_class_is_none_of_those_that_are_tried(ignored: int) -> None:
    loss = SPARSE(from_logits=True, ignore_class=ignored)
    assert only(small.classes(None, loss)).reading.path is FUSED
    assert only(small.classes("softmax", loss, after=lambda x: x * 1.0)).reading.path is not FUSED


def test_an_ignored_class_of_two_leaves_too_few_to_tell() -> None:
    reading = only(small.classes(None, SPARSE(from_logits=True, ignore_class=0), units=2)).reading
    assert (reading.path, "ignore_class" in reading.why) == (None, True)


@pytest.mark.parametrize("reduction", ["sum", "none", "sum_over_batch_size"])
def test_a_loss_that_is_no_mean_of_its_places_is_divided_by_them(reduction: str) -> None:
    model = keras.Sequential([keras.Input((6, 4)), layers.Dense(3)])
    model.compile(loss=keras.losses.CategoricalCrossentropy(from_logits=True, reduction=reduction))
    assert only(model).reading.path is FUSED


def test_a_loss_that_gains_nothing_from_logits_is_no_risk() -> None:
    for activation in (None, "softmax"):
        loss = keras.losses.CategoricalFocalCrossentropy(from_logits=activation is None)
        probe = probe_model(small.classes(activation, loss))
        assert probe.outputs[0].reading.path is CLIPPED
        assert [(one.level, one.code) for one in probe.advice] == [(Level.NOTE, "")]
        assert "Keras has no better form of this loss" in probe.advice[0].what


def test_of_an_unknown_loss_it_is_not_said_that_it_teaches_nothing_but_of_probabilities() -> None:
    (hinge,) = probe_model(small.classes(None, "hinge", units=1)).advice
    (squared,) = probe_model(small.classes("sigmoid", "mse", units=1)).advice
    assert ("never unlearned" in hinge.what, "never unlearned" in squared.what) == (False, True)


def test_a_wide_head_is_said_to_be_wide() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, activation="sigmoid", dtype="float64")])
    model.compile(loss="binary_crossentropy")
    assert only(model).precision == "float64"


@pytest.mark.parametrize("dtype", list(LOW))
def test_the_logit_from_which_a_narrow_sigmoid_is_1_is_as_measured(dtype: str) -> None:
    def of(logit: float) -> float:
        return float(ops.cast(ops.sigmoid(ops.cast(logit, dtype)), "float32"))

    least = next(logit for logit in np.arange(2, 20, 0.01) if of(logit) == 1)
    assert least == pytest.approx(LOW[dtype], rel=0.1)


def test_the_figure_of_a_sigmoid_is_not_said_of_a_softmax() -> None:
    def said(activation: str, loss: str) -> str:
        inputs = keras.Input((4,))
        model = keras.Model(inputs, layers.Dense(3, activation=activation, dtype="mixed_float16")(inputs))
        model.compile(loss=loss)
        return "".join(one.what for one in probe_model(model).advice if "computed in float16" in one.what)

    assert "about 8" in said("sigmoid", "binary_crossentropy")
    assert "about" not in said("softmax", "categorical_crossentropy")
    assert "computed in float16" in said("softmax", "categorical_crossentropy")


def test_a_layer_that_is_called_before_and_after_the_head_is_not_remembered() -> None:
    shared, inputs = layers.Activation("sigmoid"), keras.Input((1,))
    model = keras.Model(inputs, shared(layers.Dense(1, name="head")(shared(inputs))))
    model.compile(loss="binary_crossentropy")
    assert (only(model).layer, only(model).activation, only(model).reading.path) == ("head", "sigmoid", FUSED)


def test_a_model_that_cannot_be_copied_is_said_so() -> None:
    class Own(layers.Layer):  # type: ignore[misc]
        def __init__(self, units: int) -> None:
            super().__init__()
            self.dense = layers.Dense(units)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    model = keras.Sequential([Own(4), layers.Dense(1)])
    model.compile(loss="mse")
    reading = only(model).reading
    assert (reading.path, "cannot be copied: TypeError" in reading.why) == (None, True)


def test_settings_of_a_users_loss_that_are_no_numbers_are_none_of_keras() -> None:
    def own(target: Any, output: Any, gamma: Any = None, label_smoothing: Any = "no") -> Any:
        return ops.mean((target - output) ** 2)

    assert only(small.classes(None, own)).reading.path is LossPath.OTHER


def test_a_head_of_many_units_takes_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    sums: list[int] = []
    calls: list[Any] = []
    real = special.logsumexp

    def summed(*arguments: Any, **named: Any) -> Any:
        sums.append(1)
        return real(*arguments, **named)

    class Counted(keras.losses.SparseCategoricalCrossentropy):  # type: ignore[misc]
        def call(self, target: Any, output: Any) -> Any:
            calls.append(target.shape)
            return super().call(target, output)

    monkeypatch.setattr(special, "logsumexp", summed)
    model = keras.Sequential([keras.Input((16, 2)), layers.Dense(5000)])
    model.compile(loss=Counted(from_logits=True), metrics=["accuracy"], run_eagerly=True)
    tracemalloc.start()
    found = only(model)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.reading.path, found.metrics[0].fits) == (FUSED, True)
    assert (len(sums) < 100, len(calls) < 150, peak < 100e6) == (True, True, True)


def test_an_open_length_is_made_short() -> None:
    lengths: set[int] = set()

    def noting(target: Any, output: Any) -> Any:
        lengths.add(output.shape[1])
        return ops.mean(output, axis=-1)

    texts = keras.Input((None,), dtype="int32")
    model = keras.Model(texts, layers.Dense(3)(layers.Embedding(10, 4)(texts)))
    model.compile(loss=noting)
    only(model)
    assert lengths == {2}


def test_what_a_users_layer_draws_and_counts_is_put_back() -> None:
    import tensorflow as tf

    class Noisy(layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.calls = tf.Variable(0.0, trainable=False)

        def call(self, x: Any) -> Any:
            self.calls.assign_add(1.0)
            return x + tf.random.normal(tf.shape(x)) + float(np.random.normal()) + random.random()

    model = keras.Sequential([keras.Input((4,)), Noisy(), layers.Dense(1)])
    model.compile(loss="mse", run_eagerly=True)

    def drawn(probed: bool) -> tuple[float, ...]:
        keras.utils.set_random_seed(0)
        if probed:
            probe_model(model)
        return float(tf.random.normal(())), float(np.random.normal()), random.random()

    before = float(model.layers[0].calls)
    assert drawn(probed=True) == drawn(probed=False)
    assert float(model.layers[0].calls) == before


def test_who_is_told_to_take_logits_is_told_what_the_metrics_then_need() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
    (advice,) = probe_model(model).advice
    assert "# its metric 'accuracy' then needs thresholds at 0 in place of 0.5" in advice.code
    assert "# its metric 'auc' then needs from_logits=True, or an activation" in advice.code


@pytest.mark.parametrize(
    ("units", "activation", "loss", "codes"),
    [
        (7, "sigmoid", "categorical_crossentropy", ('activation="softmax"', "loss=keras.losses.BinaryCrossentropy()")),
        (2, "softmax", "binary_crossentropy", ('activation="sigmoid"', "loss=keras.losses.CategoricalCrossentropy()")),
    ],
)
def test_a_head_of_another_kind_than_its_loss_is_told_both_that_may_be_meant_and_is_not_called_exact(
    units: int, activation: str, loss: str, codes: tuple[str, str]
) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=activation)])
    model.compile(loss=loss)
    (advice,) = probe_model(model).advice
    assert advice.level is Level.WRONG
    assert all(code in advice.code for code in codes)


def compiled_with(model: Any, advice: Any) -> None:
    """Compile a model with the code of some advice alone, and train it for a step."""
    given = eval(f"dict({advice.code}\n)", {"keras": keras})  # noqa: S307 - the code that a user is given
    model.compile("sgd", run_eagerly=True, **{"loss": keras.losses.BinaryCrossentropy(from_logits=True)} | given)
    outputs = model(np.ones((2, 4)))
    model.fit(np.ones((2, 4)), keras.tree.map_structure(lambda one: np.ones(one.shape), outputs), verbose=0)


def of_two(as_dictionary: bool, **compiled: Any) -> Any:
    inputs = keras.Input((4,))
    spam, kind = layers.Dense(1, name="spam")(inputs), layers.Dense(1, name="kind")(inputs)
    model = keras.Model(inputs, {"spam": spam, "kind": kind} if as_dictionary else [spam, kind])
    model.compile(**compiled)
    return model


@pytest.mark.parametrize("as_dictionary", [True, False])
def test_keras_takes_the_code_that_is_offered_for_one_of_several_outputs(as_dictionary: bool) -> None:
    right, wrong = keras.losses.BinaryCrossentropy(from_logits=True), keras.losses.BinaryCrossentropy()
    for compiled, keyword, code in (
        ({"loss": {"spam": right, "kind": "mse"}, "metrics": {"spam": ["accuracy"]}}, "metrics", "LB201"),
        (
            {"loss": {"spam": right, "kind": "mse"}, "weighted_metrics": {"spam": ["accuracy"]}},
            "weighted_metrics",
            "LB201",
        ),
        ({"loss": {"spam": wrong, "kind": "mse"}}, "loss", "LB101"),
    ):
        model = of_two(as_dictionary, **compiled)
        (advice,) = (one for one in probe_model(model).advice if one.rule == code)
        assert advice.code.startswith(f'{keyword}={{"spam": ')
        compiled_with(model, advice)
        assert all(output.loss for output in probe_model(model).outputs)


@pytest.mark.filterwarnings("ignore:Gradients do not exist:UserWarning")  # of the output without a loss
@pytest.mark.parametrize(
    ("other", "code"),
    [
        ("mse", '"mse"'),
        (None, "None"),
        (keras.losses.mean_squared_error, "keras.losses.mean_squared_error"),
        (keras.losses.Huber(delta=2.0, reduction="sum"), 'keras.losses.Huber(reduction="sum", delta=2.0)'),
    ],
)
def test_the_code_for_the_loss_of_one_output_keeps_that_of_the_others(other: Any, code: str) -> None:
    wrong = keras.losses.BinaryCrossentropy()
    model = of_two(False, loss={"kind": other, "spam": wrong})
    (advice,) = (one for one in probe_model(model).advice if one.rule == "LB101" and one.output == "spam")
    assert advice.code == f'loss={{"spam": keras.losses.BinaryCrossentropy(from_logits=True), "kind": {code}}}'
    compiled_with(model, advice)
    assert model.loss["kind"] == other or model.loss["kind"].get_config() == other.get_config()


def test_a_loss_of_the_users_is_left_to_the_user() -> None:
    def own(target: Any, output: Any) -> Any:
        return ops.mean((target - output) ** 2, axis=-1)

    model = of_two(True, loss={"kind": own, "spam": keras.losses.BinaryCrossentropy()})
    (advice,) = (one for one in probe_model(model).advice if one.rule == "LB101")
    assert advice.code.endswith(', "kind": ...}  # keep the loss of the other outputs in place of ...')


def test_the_code_for_one_of_several_metrics_says_to_keep_the_others() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy", "mae"])
    (advice,) = (one for one in probe_model(model).advice if one.rule == "LB201")
    assert advice.code.endswith("  # change this entry alone: keep the other metrics")


class TwoHeads(keras.Model):  # type: ignore[misc]
    """A subclass of Model whose outputs have no names."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = layers.Dense(1), layers.Dense(1)

    def call(self, x: Any) -> Any:
        return [self.first(x), self.second(x)]


def test_keras_takes_the_code_that_is_offered_for_outputs_without_names() -> None:
    model = TwoHeads()
    model.compile(loss=["mse", keras.losses.BinaryCrossentropy(from_logits=True)], metrics=[[], ["accuracy"]])
    model(np.ones((2, 4)))
    (advice,) = (one for one in probe_model(model).advice if one.rule == "LB201")
    assert advice.code.startswith("metrics=[None, [keras.metrics.BinaryAccuracy(")
    compiled_with(model, advice)


def test_a_weighted_metric_is_put_right_where_it_was_given() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), weighted_metrics=["accuracy"])
    (advice,) = probe_model(model).advice
    assert advice.code == 'weighted_metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")]'
    compiled_with(model, advice)


@pytest.mark.filterwarnings("ignore:`build..` was called on layer:UserWarning")
def test_a_subclass_that_was_built_and_never_called_is_not_called_by_a_probe() -> None:
    model = small.Subclassed(None)
    model.compile(loss="binary_crossentropy")
    model.build((None, 4))
    reading = only(model).reading
    assert "was built and never called" in reading.why
    assert "Call it once on a batch of your data: model(batch)" in reading.why
    assert model.weights == []
    model(np.zeros((2, 4), "float32"))
    assert only(model).reading.path is RAW
