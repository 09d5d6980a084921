"""Settings of Keras and TensorFlow outside an experiment that decide figures. Keras is not imported to read them.

Keras reads ``keras.json`` in ``KERAS_HOME`` (by default ``~/.keras``) when it is imported. A shipped model is trained
with Keras's own defaults, so that its figures are the same for everyone. A user's model is trained with the user's
settings. Both are recorded in ``run.json`` and are part of a run's identity.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from logitbench.errors import UsageError

FLAG_PREFIXES = (
    "CUBLAS_",
    "CUDNN_",
    "DNNL_",
    "NVIDIA_TF32_",
    "ONEDNN_",
    "TF_AUTO_MIXED_PRECISION_",
    "TF_CUDNN_",
    "TF_DETERMINISTIC_",
    "TF_DISABLE_JIT_",
    "TF_ENABLE_",
    "TF_FP16_",
    "TF_FUNCTION_JIT_",
    "TF_JIT_",
    "TF_MATMUL_",
    "TF_ONEDNN_",
    "TF_OVERRIDE_",
    "TF_SET_ONEDNN_",
    "TF_USE_",
    "TF_XLA_",
    "XLA_",
)
"""How the names of environment variables begin that choose how TensorFlow computes.

Not all of ``TF_``: Terraform's variables begin so too, and some hold passwords.
"""


@dataclass(frozen=True)
class KerasSettings:
    """Settings of Keras that a figure depends on; the defaults are Keras's own.

    Args:
        epsilon: What Keras adds to divisors and clips probabilities to, at either end.
        image_data_format: ``channels_last`` or ``channels_first``; pooling and convolution layers follow it.
    """

    epsilon: float = 1e-7
    image_data_format: str = "channels_last"

    def apply(self) -> None:
        """Set them in this process, and float32, from which a run's precision starts."""
        import keras

        keras.config.set_floatx("float32")
        keras.config.set_epsilon(self.epsilon)
        keras.config.set_image_data_format(self.image_data_format)

    def recorded(self) -> dict[str, Any]:
        """Return them as they stand in ``run.json``."""
        return {f"keras_{name}": value for name, value in asdict(self).items()}

    def differences(self) -> list[str]:
        """Return each setting that is not Keras's default, in words."""
        return [
            f"{field.name} = {getattr(self, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(DEFAULTS, field.name)
        ]


DEFAULTS = KerasSettings()


def settings_file() -> Path:
    """Return the path of the settings file that Keras reads; it need not exist."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        user = Path.home()
        home = str((user if os.access(user, os.W_OK) else Path("/tmp")) / ".keras")  # noqa: S108 - as Keras has it
    return Path(home).expanduser() / "keras.json"


def read() -> KerasSettings:
    """Return the settings that Keras takes from its file; its defaults where there is no file or it is not JSON.

    Raises:
        UsageError: The file has a value that Keras refuses when it is imported.
    """
    table = table_of(settings_file())
    floatx = table.get("floatx", "float32")
    if floatx not in ("float16", "float32", "float64"):
        raise _refused("floatx", floatx, '"float16", "float32" or "float64"')
    epsilon = table.get("epsilon", DEFAULTS.epsilon)
    if not isinstance(epsilon, float):
        raise _refused("epsilon", epsilon, "a number with a decimal point, such as 1e-07")
    image_data_format = table.get("image_data_format", DEFAULTS.image_data_format)
    if image_data_format not in ("channels_last", "channels_first"):
        raise _refused("image_data_format", image_data_format, '"channels_last" or "channels_first"')
    return KerasSettings(epsilon, image_data_format)


def table_of(file: Path) -> dict[str, Any]:
    """Return what a settings file holds; Keras ignores one that is not JSON.

    Raises:
        UsageError: It cannot be read, or its JSON is not an object: Keras cannot be imported then.
    """
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    except OSError as error:
        raise UsageError(
            f"Keras cannot read its settings {file}: {error.strerror}", "Make it readable, or remove it."
        ) from error
    if not isinstance(table, dict):
        raise UsageError(f"Keras's settings {file} should be a JSON object, got {table!r}", "Correct or remove it.")
    return table


def flags() -> str:
    """Return the environment variables that choose how TensorFlow computes, ``NAME=value`` in order of their names."""
    return " ".join(
        f"{name}={value}"
        for name, value in sorted(os.environ.items())
        if name.startswith(FLAG_PREFIXES) and name != "TF_ENABLE_ONEDNN_OPTS"  # recorded as "onednn"
    )


def _refused(key: str, value: Any, expected: str) -> UsageError:
    return UsageError(
        f"{key} in {settings_file()} should be {expected}, got {value!r}", "Correct the file or remove it."
    )
