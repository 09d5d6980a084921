"""Canonical names: one for each thing, however it was imported."""

from __future__ import annotations

import re

KERAS_HOMES = (
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.python.keras",
    "tensorflow.keras",
    "tensorflow_core.keras",
    "tf_keras",
    "keras_core",
    "keras.api",
    "keras.src",
)
"""Modules that hold a Keras."""

GROUPS = ("layers", "losses", "metrics", "activations", "models", "applications", "backend", "ops")

_MODELS = {"Sequential", "Model", "Functional"}


def canonical(path: str) -> str:
    """Return the one name of what may be reached by several.

    ``tensorflow.keras.layers.Dense``, ``keras.src.layers.core.dense.Dense`` and ``tf_keras.layers.Dense`` are all
    ``keras.layers.Dense``.
    """
    for home in KERAS_HOMES:
        if path == home or path.startswith(home + "."):
            path = "keras" + path[len(home) :]
            break
    path = re.sub(r"^keras\._?(?:v1|v2|tf_keras)\.keras", "keras", path)
    path = re.sub(r"^tensorflow\.compat\.v[12](?=\.|$)", "tensorflow", path)
    parts = path.split(".")
    if parts[0] == "keras":
        return _of_keras(parts)
    if parts[:2] == ["tensorflow", "math"] and len(parts) == 3:
        return f"tensorflow.{parts[2]}"
    return path


def _of_keras(parts: list[str]) -> str:
    last = parts[-1]
    if last in _MODELS:
        return f"keras.models.{'Model' if last == 'Functional' else last}"
    if len(parts) > 3 and parts[1] in GROUPS and (last[0].isupper() or parts[1] != "applications"):
        return f"keras.{parts[1]}.{last}"
    return ".".join(parts)
