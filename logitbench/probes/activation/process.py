"""``probe activations`` in a process of its own, on the backend that ``KERAS_BACKEND`` names."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess

from pydantic import TypeAdapter

from logitbench.errors import UsageError
from logitbench.probes.activation.records import Found, Request
from logitbench.probes.loss.processes import require
from logitbench.processes import python


def probe(request: Request) -> Found:
    """Measure activations on ``KERAS_BACKEND``, or TensorFlow.

    Raises:
        UsageError: The backend is not there or cannot be started, or what is asked for is not there.
    """
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    require(backend)
    done = subprocess.run(  # noqa: S603 - this Python and logitbench's own module
        python("logitbench.probes.activation.worker"),
        input=json.dumps(dataclasses.asdict(request)),
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_ENABLE_X64": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise UsageError(f"Keras cannot be started on {backend}: {' '.join(last)}", "Is it installed whole?")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise UsageError(answer["error"], answer["hint"])
    return TypeAdapter(Found).validate_python(answer["found"])
