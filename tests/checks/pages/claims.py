"""The claims of the rules' pages and of the README: which function computes the numbers of which text."""

from __future__ import annotations

from tests.checks.pages.reading import Claim

TENSORFLOW = ("tensorflow",)
OTHERS = ("jax", "torch")
TORCH = ("torch",)

CLAIMS = (
    Claim(
        "LB101",
        "Keras clips the outputs to the interval from {low} to {high} and takes their log. `BinaryCrossentropy` "
        "has a gradient of exactly {dead} outside this interval: a logit of {z} with label {label} costs {loss} "
        "instead of {right}, with a gradient of {gradient} instead of {slope}.",
        "losses:raw_binary",
    ),
    Claim(
        "LB101",
        "For the logits {a}, {b}, {c} with the second class right, `CategoricalCrossentropy` gives the gradient "
        "{wrong0}, {wrong1}, {wrong2} instead of {right0}, {right1}, {right2}. For the logits {d}, {e}, {f} it "
        "gives {clipped0}, {clipped1}, {clipped2}. `SparseCategoricalCrossentropy` gives {sparse0@jax,torch}, "
        "{sparse1@jax,torch}, {sparse2@jax,torch} for the first row on JAX and PyTorch; on TensorFlow, which "
        "clips before it divides, it gives {sparse0@tensorflow}, {sparse1@tensorflow}, {sparse2@tensorflow}.",
        "losses:raw_categorical",
    ),
    Claim(
        "LB102",
        "A logit of {z} with label {label} costs {loss} instead of {right}, with a gradient of {gradient} "
        "instead of {slope}: confident mistakes are never corrected.",
        "losses:double",
    ),
    Claim(
        "LB102",
        "Keras on TensorFlow recovers the logits from the activation and warns: the same logit costs "
        "{recovered}. It cannot recover them after a `Reshape` or in `mixed_float16`: there the logit costs "
        "{lost} on TensorFlow, too. Nor can it recover them for `BinaryFocalCrossentropy`: there the logit costs "
        "{focal} instead of {focal_right} with the default `gamma={gamma}`.",
        "losses:double_recovered",
        TENSORFLOW,
    ),
    Claim("LB102", "the softmax of log-probabilities gives the probabilities", "losses:log_softmax_twice"),
    Claim(
        "LB103",
        "Take the logits {a}, {b}, {c} with the first class right. A softmax with `BinaryCrossentropy` costs "
        "{softmax@tensorflow} on TensorFlow, which recovers the logits and applies a sigmoid to them, and "
        "{softmax@jax,torch} on JAX and PyTorch. A sigmoid with `CategoricalCrossentropy` costs "
        "{sigmoid@tensorflow} on TensorFlow and {sigmoid@jax,torch} on JAX and PyTorch.",
        "losses:mismatched",
    ),
    Claim(
        "LB104",
        "The softmax of a single number is {prediction}, whatever the number is, so every prediction is "
        "{prediction}. The gradient is {gradient}, and the model learns nothing. There is one exception. On "
        "TensorFlow, the binary cross-entropies (`BinaryCrossentropy` and `BinaryFocalCrossentropy`) recover "
        "the logit, and the model trains; but it still predicts {prediction} for every example.",
        "losses:softmax_of_one",
    ),
    Claim(
        "LB105",
        "A logit of {z} with label {label} costs {loss} instead of {right}.",
        "frameworks:with_logits",
        TENSORFLOW,
    ),
    Claim(
        "LB105",
        "The log of a probability is -inf when the probability is rounded to {value}. In float32, the sigmoid "
        "of a logit is {value} from {zero@tensorflow,jax} down on TensorFlow and JAX, and from {zero@torch} "
        "down on PyTorch.",
        "activations:sigmoid_of_zero",
    ),
    Claim(
        "LB106",
        "A wrong prediction with a logit of {z} has a gradient of exactly {dead}, as from a softmax head; "
        "`CategoricalCrossentropy(from_logits=True)` has a gradient of {slope}.",
        "losses:focal",
    ),
    Claim(
        "LB106",
        "`BinaryFocalCrossentropy(from_logits=True)` applies a sigmoid in the same way: for a logit of {z} with "
        "label {label}, its gradient is {gradient@jax,torch} on JAX and PyTorch. TensorFlow recovers the logit, "
        "and there the gradient is {gradient@tensorflow}.",
        "losses:binary_focal",
    ),
    Claim("LB201", "with their default threshold of {default}, on a head", "metrics:default_threshold"),
    Claim("LB201", "`F1Score` and `FBetaScore` with the threshold {default},", "metrics:default_threshold_of_f_scores"),
    Claim(
        "LB108",
        "The probabilities of one class add up to {total} over the examples of a batch, and those of one example do "
        "not. What the model predicts for an example depends on the other examples. A batch of one example gets "
        "{alone} for every class.",
        "activations:softmax_over_the_batch",
    ),
    Claim(
        "LB201",
        "A logit of {threshold} is a probability of {p}. For a logit between {low} and {threshold} the model "
        "predicts the positive class, but the metric counts the negative class.",
        "metrics:threshold_on_logits",
    ),
    Claim("LB201", "`F1Score` refuses a threshold of {zero}:", "metrics:f1_score"),
    Claim("LB201", 'a threshold other than {threshold}, and `"accuracy"` on several', "metrics:accuracy_of_classes"),
    Claim(
        "LB202",
        "`AUC` and similar metrics use thresholds from {low} to {high}, so all logits above {high} look the "
        "same to them. The logits {first} and {second} with the labels {label} and {other} have an AUC of {raw} "
        "instead of {right}.",
        "metrics:auc",
    ),
    Claim(
        "LB202",
        "clips logits to the interval from {low} to {high} and takes their log: a logit of {z} with label "
        "{label} counts {raw} instead of {right}. With `from_logits=True` on probabilities, the metric applies "
        "the activation twice: the same example counts {double@jax,torch}. Keras on TensorFlow recovers the "
        "logits for a cross-entropy metric and counts {double@tensorflow}, so there it is only a warning.",
        "metrics:crossentropy",
    ),
    Claim("LB202", "similar metrics have no `from_logits`", "metrics:metrics_without_from_logits"),
    Claim(
        "LB203",
        "The outputs {a}, {b}, {c} with the labels {x}, {y}, {z} have an accuracy of {accuracy}, but only "
        "{share} of the labels are predicted right.",
        "metrics:accuracy_of_labels",
    ),
    Claim("LB203", "`keras.metrics.BinaryAccuracy(threshold={threshold})`", "metrics:remedy_on_logits"),
    Claim("LB203", "exactly one label of each row is {one}, so the largest output", "metrics:accuracy_of_one_hot"),
    Claim(
        "LB204",
        "A class number is a single label, so its position is always {position}: the metric shows how often class "
        "{position} is predicted, and raises no error.",
        "metrics:class_numbers_as_one_hot_labels",
    ),
    Claim(
        "LB204",
        "`BinaryAccuracy` compares each probability with {threshold}. With {classes} classes, a confident prediction "
        "of a wrong class has an accuracy of {accuracy}.",
        "metrics:binary_accuracy_of_classes",
    ),
    Claim(
        "LB301",
        "The sigmoid rounds to exactly {value} early: in float16 from a logit of {float16}, in bfloat16 from "
        "{bfloat16}, in float32 only from {float32}.",
        "activations:sigmoid_of_one",
    ),
    Claim(
        "LB301",
        "On TensorFlow and JAX it can round to {value} from {float16} in float16 and from {bfloat16} in bfloat16.",
        "activations:sigmoid_of_one_earlier",
        ("tensorflow", "jax"),
    ),
    Claim(
        "LB301",
        "A logit of {z} with label {label} costs {loss} instead of {right}, with a gradient of {gradient} "
        "instead of {slope}.",
        "losses:half_sigmoid",
    ),
    Claim(
        "LB301",
        "a softmax head has an infinite or NaN gradient over a range: where the logit of the wrong class is "
        "{first} to {last} above that of the right class. From {dead_from} on, the gradient is {dead}.",
        "losses:half_softmax",
    ),
    Claim(
        "LB301",
        "In `mixed_float16`, a logit of {z} with label {label} then costs {right}, with a gradient of {slope}.",
        "losses:half_logits",
    ),
    Claim(
        "LB302",
        "A logit of {z} with label {label} costs {loss} instead of {right}, with a gradient of {gradient} "
        "instead of {slope}.",
        "losses:not_recovered",
    ),
    Claim(
        "LB401",
        "The sigmoid of a probability lies between {least} and {greatest}: with a threshold of {threshold}, "
        "every example is positive.",
        "activations:sigmoid_twice",
    ),
    Claim(
        "LB401",
        "A logit of {threshold} is a probability of {p}: with `> {threshold}`, every logit between {low} and "
        "{threshold} counts as the negative class.",
        "activations:threshold_of_logits",
    ),
    Claim("LB401", "It also finds `> {threshold}`, rounding or", "activations:rounding"),
    Claim("LB401", "Their order is right, but they are not probabilities.", "activations:order_of_logits"),
    Claim("LB401", "`model.predict(x) > {zero}`", "activations:threshold_of_zero"),
    Claim("LB401", "Not reported: a threshold other than {threshold}.", "activations:rounding"),
    Claim(
        "LB402",
        "For a logit of {z} with label {label}, the loss of `predict()` is {by_hand} and `evaluate()` gives "
        "{evaluated@tensorflow}: do not compare them. On JAX and PyTorch both are {evaluated@jax,torch}.",
        "losses:predicted",
    ),
    Claim(
        "LB501",
        "The logits {a}, {b}, {c} with the second class right cost {loss} instead of {right}, with a gradient "
        "of {gradient} instead of {slope} for the right class",
        "frameworks:cross_entropy",
        TORCH,
    ),
    Claim(
        "LB502",
        "A logit of {z} with label {label} costs {loss} instead of {right}, with a gradient of {gradient} "
        "instead of {slope}.",
        "frameworks:bce_with_logits",
        TORCH,
    ),
    Claim(
        "LB503",
        "PyTorch raises an error at the first output below {low} or above {high}. Outputs within this interval "
        "are treated as probabilities without a warning: a logit of {z} with label {label} costs {loss} instead "
        "of {right}.",
        "frameworks:bce",
        TORCH,
    ),
    Claim(
        "LB504",
        "The logits {a}, {b}, {c} with the second class right cost {loss}; {scale} times these logits cost {scaled}.",
        "frameworks:nll_of_logits",
        TORCH,
    ),
    Claim(
        "LB504",
        "For the logits {a}, {b}, {c} with the second class right, the softmax costs {loss} instead of {right}, "
        "with a gradient of {gradient} instead of {slope} for the right class.",
        "frameworks:nll_of_probabilities",
        TORCH,
    ),
    Claim(
        "README",
        "In float32, a sigmoid's gradient is {value} from a logit of {one} up, and from {zero@tensorflow,jax} "
        "down on TensorFlow and JAX ({zero@torch} on PyTorch)",
        "activations:sigmoid_gradient",
    ),
    Claim("README", "{threshold} on a logit is a probability of {p}:", "activations:probability"),
)
"""Claims that a function of this package computes."""

RUNS = (
    Claim(
        "LB101",
        "`logitbench run digits --arms logits,raw --seeds {seeds}` trains for {epochs} epochs on TensorFlow: "
        "the mean validation accuracy is {raw} instead of {logits}.",
        "val_accuracy",
        TENSORFLOW,
        0.02,
    ),
    Claim(
        "LB102",
        "`logitbench run digits --arms logits,double --seeds {seeds}` trains for {epochs} epochs: the mean "
        "validation accuracy is {double} instead of {logits}.",
        "val_accuracy",
        TENSORFLOW,
        0.02,
    ),
    Claim(
        "LB201",
        "`logitbench run breast-cancer --arms logits,probs --epochs {epochs}` shows the effect on TensorFlow. "
        "The logits head reports a mean val_accuracy of {logits} and the sigmoid head {probs}, with equal "
        "losses and equal weights.",
        "val_accuracy",
        TENSORFLOW,
        0.02,
    ),
    Claim(
        "LB302",
        "`logitbench run breast-cancer-raw --arms logits,probs-clipped --epochs {epochs} --seeds {seeds}` "
        "trains such a head (`probs-clipped`): its mean matched validation accuracy is {probs_clipped} instead "
        "of {logits}.",
        "val_matched_accuracy",
        TENSORFLOW,
        0.02,
    ),
)
"""Claims that a command in them computes; the function is a column of its table.

Machines differ in the last digits, hence the tolerance.
"""
