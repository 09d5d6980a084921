"""The first import of TensorFlow and Keras: one thread, determinism, and no noise on the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from logitbench.errors import UsageError
from logitbench.keras_settings import DEFAULTS, KerasSettings


def prepare_environment() -> None:
    """Set what has to be set before TensorFlow is imported.

    The last bits of a sum depend on the number of threads, so a trial has one; trials run side by side instead.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["KERAS_NNX_ENABLED"] = "false"  # whatever keras.json says; it needs flax
    for limit in ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH"):  # they would cut the engine fit short
        os.environ.pop(limit, None)
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[variable] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def load() -> None:
    """Set the environment, and import Keras and TensorFlow."""
    prepare_environment()
    import_keras()


def import_keras() -> None:
    """Import Keras with its backend.

    Keras imports scikit-learn and pandas where it finds them, for wrappers and inputs that are of no use here. They
    take a good part of the seconds, so Keras is told that they are not there. Others may import them later; Keras's
    ``keras.wrappers`` stay without.
    """
    spared = [name for name in ("pandas", "sklearn") if name not in sys.modules]
    absent: Any = dict.fromkeys(spared)
    sys.modules.update(absent)
    try:
        with unheard():
            import keras  # noqa: F401
    finally:
        for name in spared:
            del sys.modules[name]


@contextmanager
def unheard() -> Iterator[None]:
    """Keep what TensorFlow writes on stderr from the terminal; no setting silences what it says of its start."""
    sys.stderr.flush()
    heard = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(heard, 2)
        os.close(heard)


def start(*, deterministic: bool, precision: str, settings: KerasSettings = DEFAULTS) -> None:
    """Import TensorFlow and Keras and set them up; may be called again for another trial of the same process.

    Raises:
        UsageError: Keras was imported before with another backend.
    """
    load()
    import keras
    import tensorflow as tf

    if keras.config.backend() != "tensorflow":
        raise UsageError(
            f"training needs Keras on TensorFlow, and Keras was started on {keras.config.backend()!r}",
            "Unset KERAS_BACKEND.",
        )
    settings.apply()
    keras.config.set_dtype_policy(precision)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)  # other workers want memory too
    if deterministic:
        tf.config.experimental.enable_op_determinism()


def forget() -> None:
    """Free what the models built so far have left behind."""
    import keras

    keras.backend.clear_session()


def rewrite_arithmetic(allowed: bool) -> None:
    """Say whether TensorFlow may rewrite arithmetic in what is compiled from now on.

    It does so differently for arms that stand in one graph, and then equal losses drift apart in the last bits. Keras's
    own ``fit``, one arm a graph, is left as users have it. To forbid it cost nothing measurable.
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": allowed})


def device() -> str:
    """Return what TensorFlow trains on: ``CPU`` or the names of the GPUs."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus]
    return ", ".join(names) or "CPU"
