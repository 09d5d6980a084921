"""Tables of what Keras, TensorFlow and PyTorch have: what is not here is unknown, and nothing is said of it."""

from __future__ import annotations

PROBABILITIES = frozenset({"sigmoid", "softmax"})
"""Activations whose outputs a cross-entropy may read as they are."""

UNBOUNDED = frozenset(
    {"linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "softsign", "celu"}
)
"""Activations whose outputs are no probabilities: they leave the interval from 0 to 1."""

ACTIVATIONS = {
    **{name: name for name in (*PROBABILITIES, *UNBOUNDED)},
    **{name: name for name in ("log_softmax", "log_sigmoid", "softplus", "exponential", "hard_sigmoid", "mish")},
    "swish": "silu",
    "identity": "linear",
    "logsigmoid": "log_sigmoid",
}
"""Names by which an activation is asked for, in ``activation=`` and as a function, to the canonical one."""

ACTIVATION_HOMES = (
    "keras.activations.",
    "keras.backend.",
    "keras.ops.",
    "tensorflow.nn.",
    "tensorflow.",
    "torch.nn.functional.",
    "torch.",
    "torch.special.",
)

SPECIAL = {"torch.special.expit": "sigmoid", "jax.nn.sigmoid": "sigmoid", "jax.nn.softmax": "softmax"}

WITH_WEIGHTS = {
    "Dense": ("units", "output_dim"),
    "Convolution1D": ("filters", "nb_filter"),
    "Convolution2D": ("filters", "nb_filter"),
    "Conv1D": ("filters",),
    "Conv2D": ("filters",),
    "Conv3D": ("filters",),
    "Conv1DTranspose": ("filters",),
    "Conv2DTranspose": ("filters",),
    "Conv3DTranspose": ("filters",),
    "SeparableConv1D": ("filters",),
    "SeparableConv2D": ("filters",),
}
"""Keras's layers that make a head, and how the number of its units is called."""

ACTIVATION_LAYERS = {
    "Softmax": "softmax",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
}

SAME_LAYERS = frozenset({"Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianNoise", "Identity", "InputLayer"})
NOISE = SAME_LAYERS - {"Identity", "InputLayer"}
MOVING_LAYERS = frozenset({"Flatten", "Reshape", "Permute", "UpSampling2D", "Cropping2D", "ZeroPadding2D"})

TORCH_WEIGHTS = frozenset({"Linear", "LazyLinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d"})
TORCH_ACTIVATIONS = {
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "LogSigmoid": "log_sigmoid",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "Tanh": "tanh",
}
TORCH_SAME = frozenset({"Dropout", "Dropout1d", "Dropout2d", "Identity"})
TORCH_MOVING = frozenset({"Flatten", "Unflatten"})

SAME_FUNCTIONS = frozenset(
    {
        "tensorflow.identity",
        "tensorflow.stop_gradient",
        "keras.ops.stop_gradient",
        "keras.ops.convert_to_numpy",
        "keras.ops.convert_to_tensor",
        "numpy.array",
        "numpy.asarray",
        "tensorflow.convert_to_tensor",
    }
)
MOVING_FUNCTIONS = frozenset(
    f"{home}.{name}"
    for home, names in {
        "tensorflow": ("squeeze", "reshape", "expand_dims", "cast", "transpose"),
        "keras.ops": ("squeeze", "reshape", "expand_dims", "cast", "transpose", "ravel"),
        "keras.backend": ("squeeze", "reshape", "expand_dims", "cast", "flatten", "batch_flatten"),
        "numpy": ("squeeze", "reshape", "ravel", "expand_dims"),
        "torch": ("squeeze", "reshape", "flatten", "unsqueeze"),
    }.items()
    for name in names
)
ROUNDING_FUNCTIONS = frozenset(
    {"numpy.round", "numpy.rint", "numpy.around", "tensorflow.round", "keras.ops.round", "keras.backend.round"}
    | {"builtins.round", "torch.round"}
)
LOG_FUNCTIONS = frozenset({"tensorflow.log", "keras.ops.log", "keras.backend.log", "numpy.log", "torch.log"})

SAME_METHODS = frozenset({"numpy", "detach", "cpu", "float", "to", "cuda", "contiguous", "clone", "copy"})
MOVING_METHODS = frozenset({"squeeze", "view", "reshape", "flatten", "unsqueeze", "ravel", "transpose", "permute"})

LOSSES: dict[str, tuple[str, str, bool]] = {
    "binary_crossentropy": ("BinaryCrossentropy", "binary", False),
    "bce": ("BinaryCrossentropy", "binary", False),
    "BCE": ("BinaryCrossentropy", "binary", False),
    "BinaryCrossentropy": ("BinaryCrossentropy", "binary", False),
    "binary_focal_crossentropy": ("BinaryFocalCrossentropy", "binary", True),
    "BinaryFocalCrossentropy": ("BinaryFocalCrossentropy", "binary", True),
    "categorical_crossentropy": ("CategoricalCrossentropy", "categorical", False),
    "CategoricalCrossentropy": ("CategoricalCrossentropy", "categorical", False),
    "categorical_focal_crossentropy": ("CategoricalFocalCrossentropy", "categorical", True),
    "CategoricalFocalCrossentropy": ("CategoricalFocalCrossentropy", "categorical", True),
    "sparse_categorical_crossentropy": ("SparseCategoricalCrossentropy", "categorical", False),
    "SparseCategoricalCrossentropy": ("SparseCategoricalCrossentropy", "categorical", False),
}
"""Keras's cross-entropies, by every name: class, family, whether it is a focal loss."""

WITH_LOGITS = {
    "tensorflow.nn.sigmoid_cross_entropy_with_logits": "binary",
    "tensorflow.nn.weighted_cross_entropy_with_logits": "binary",
    "tensorflow.nn.softmax_cross_entropy_with_logits": "categorical",
    "tensorflow.nn.softmax_cross_entropy_with_logits_v2": "categorical",
    "tensorflow.nn.sparse_softmax_cross_entropy_with_logits": "categorical",
}
"""TensorFlow's, which read logits."""

TORCH_LOSSES = {
    "CrossEntropyLoss": ("categorical", True),
    "cross_entropy": ("categorical", True),
    "NLLLoss": ("nll", False),
    "nll_loss": ("nll", False),
    "BCELoss": ("binary", False),
    "binary_cross_entropy": ("binary", False),
    "BCEWithLogitsLoss": ("binary", True),
    "binary_cross_entropy_with_logits": ("binary", True),
}
"""PyTorch's: family, and whether it reads logits."""

METRICS: dict[str, str] = {
    name: kind
    for kind, names in {
        "accuracy": ("accuracy", "acc"),
        "crossentropy": ("crossentropy", "ce"),
        "BinaryAccuracy": ("BinaryAccuracy", "binary_accuracy"),
        "Precision": ("Precision", "precision"),
        "Recall": ("Recall", "recall"),
        "TruePositives": ("TruePositives", "true_positives"),
        "TrueNegatives": ("TrueNegatives", "true_negatives"),
        "FalsePositives": ("FalsePositives", "false_positives"),
        "FalseNegatives": ("FalseNegatives", "false_negatives"),
        "BinaryIoU": ("BinaryIoU", "binary_io_u"),
        "F1Score": ("F1Score", "f1_score"),
        "FBetaScore": ("FBetaScore", "fbeta_score"),
        "AUC": ("AUC", "auc"),
        "BinaryCrossentropy": ("BinaryCrossentropy", "binary_crossentropy", "bce", "BCE"),
        "CategoricalAccuracy": ("CategoricalAccuracy", "categorical_accuracy"),
        "SparseCategoricalAccuracy": ("SparseCategoricalAccuracy", "sparse_categorical_accuracy"),
        "TopKCategoricalAccuracy": ("TopKCategoricalAccuracy", "top_k_categorical_accuracy"),
        "SparseTopKCategoricalAccuracy": ("SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy"),
        "CategoricalCrossentropy": ("CategoricalCrossentropy", "categorical_crossentropy"),
        "SparseCategoricalCrossentropy": ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"),
        "SensitivityAtSpecificity": ("SensitivityAtSpecificity",),
        "SpecificityAtSensitivity": ("SpecificityAtSensitivity",),
        "PrecisionAtRecall": ("PrecisionAtRecall",),
        "RecallAtPrecision": ("RecallAtPrecision",),
    }.items()
    for name in names
}
"""Keras's metrics that need probabilities, by every name."""

CUT_METRICS = frozenset(
    {"BinaryAccuracy", "Precision", "Recall", "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"}
    | {"BinaryIoU"}
)
F_METRICS = frozenset({"F1Score", "FBetaScore"})
CROSSENTROPY_METRICS = frozenset(
    {"BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "crossentropy"}
)
RANGE_METRICS = frozenset(
    {"AUC", "SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall", "RecallAtPrecision"}
)

HARMLESS_DECORATORS = frozenset(
    {"tensorflow.function", "tensorflow.autograph.experimental.do_not_convert", "torch.no_grad", "jax.jit"}
    | {"builtins.staticmethod", "keras.saving.register_keras_serializable", "torch.inference_mode"}
    | {"keras.utils.register_keras_serializable", "torch.compile", "dataclasses.dataclass"}
    | {"builtins.property", "builtins.classmethod"}
)

STAR_HOMES = frozenset({"keras", "tensorflow", "torch", "numpy", "matplotlib", "pylab", "math", "typing", "__future__"})
"""Packages from which all may be imported without hiding a name of ours."""

HARMLESS_HOMES = ("builtins.", "keras.", "tensorflow.", "numpy.", "torch.", "os.", "sys.", "logging.", "time.")
"""Functions of these do not change a model that they are given; of others that is not known."""
