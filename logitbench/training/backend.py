"""The first import of TensorFlow and Keras: one thread, determinism, and no noise on the terminal."""

from __future__ import annotations

import os

from logitbench.errors import UsageError


def prepare_environment() -> None:
    """Set what has to be set before TensorFlow is imported.

    The last bits of a sum depend on the number of threads, so a trial has one; trials run side by side instead.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[variable] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def start(*, deterministic: bool, precision: str) -> None:
    """Import TensorFlow and Keras and set them up; may be called again for another trial of the same process.

    Raises:
        UsageError: Keras was imported before with another backend.
    """
    prepare_environment()
    import keras
    import tensorflow as tf

    if keras.config.backend() != "tensorflow":
        raise UsageError(
            f"training needs Keras on TensorFlow, and Keras was started on {keras.config.backend()!r}",
            "Unset KERAS_BACKEND.",
        )
    keras.backend.clear_session()
    keras.config.set_floatx("float32")  # whatever ~/.keras/keras.json says
    keras.config.set_dtype_policy(precision)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)  # other workers want memory too
    if deterministic:
        tf.config.experimental.enable_op_determinism()


def device() -> str:
    """Return what TensorFlow trains on: ``CPU`` or the names of the GPUs."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus]
    return ", ".join(names) or "CPU"
