"""Commands that train do so with Keras on TensorFlow; a user who has chosen another backend is told."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

from logitbench import keras_settings
from logitbench.errors import UsageError


def require_tensorflow() -> None:
    """Refuse to train for a user whose Keras runs on another backend.

    Raises:
        UsageError: ``KERAS_BACKEND`` or else ``keras.json`` names another backend, or no backend that Keras has.
    """
    backend, source = _chosen()
    if backend == "tensorflow":
        return
    command = shlex.join(["logitbench", *sys.argv[1:]])
    raise UsageError(
        f"this command trains with Keras on TensorFlow alone, and {source} {backend!r}",
        f"Its figures would not be those of your backend. To train on TensorFlow: KERAS_BACKEND=tensorflow {command}",
    )


def _chosen() -> tuple[Any, str]:
    """Return the backend that Keras would start on, and what names it; Keras is not imported to find out."""
    if backend := os.environ.get("KERAS_BACKEND"):  # an empty one counts as none
        return backend, "KERAS_BACKEND is"
    file = keras_settings.settings_file()
    return keras_settings.table_of(file).get("backend", "tensorflow"), f"the backend in {file} is"
