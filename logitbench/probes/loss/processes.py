"""Probes on several backends: Keras has one a process, so each has a process of its own."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import IO

from pydantic import TypeAdapter

from logitbench.errors import UsageError, did_you_mean
from logitbench.probes.loss.records import LossProbe, Refused, Setting
from logitbench.processes import python

ANSWER: TypeAdapter[LossProbe | Refused] = TypeAdapter(LossProbe | Refused)

BACKENDS = {"tensorflow": "logitbench", "jax": "logitbench[jax]", "torch": "logitbench[torch]"}
"""What to install for each."""


def require(backend: str) -> None:
    """Refuse a backend that is not there.

    Raises:
        UsageError: There is none of that name, or it is not installed.
    """
    if backend not in BACKENDS:
        raise UsageError(f"there is no backend {backend!r}", did_you_mean(backend, BACKENDS))
    if not installed(backend):
        raise UsageError(f"the backend {backend} is not installed", f"Run: {command(backend)}")


def installed(backend: str) -> bool:
    """Return whether a backend can be imported."""
    return find_spec(backend) is not None


def command(backend: str) -> str:
    """Return what installs a backend."""
    return f"pip install '{BACKENDS[backend]}'"


def probe(backend: str, settings: Iterable[Setting]) -> Iterator[LossProbe | Refused]:
    """Probe settings on a backend, and yield what is found, in their order, as it comes.

    The process is started at once, and so several backends compute side by side.

    Raises:
        UsageError: The backend is not there, or cannot be started.
    """
    require(backend)
    asked, said = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by _answers
    asked.writelines(json.dumps(dataclasses.asdict(setting)) + "\n" for setting in settings)
    asked.seek(0)
    process = subprocess.Popen(  # noqa: S603 - this Python and logitbench's own module
        python("logitbench.probes.loss.worker"),
        stdin=asked,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        text=True,
        encoding="utf-8",
    )
    asked.close()
    answers = _answers(backend, process, said)
    next(answers)  # it has begun: whenever it is dropped, the process ends
    return answers


def _answers(backend: str, process: subprocess.Popen[str], said: IO[str]) -> Iterator[LossProbe | Refused]:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    try:
        yield None  # type: ignore[misc]
        for line in process.stdout:
            yield ANSWER.validate_python(json.loads(line))
        if process.wait():
            said.seek(0)
            last = said.read().strip().splitlines()[-1:]
            raise UsageError(f"Keras cannot be started on {backend}: {' '.join(last)}", "Is it installed whole?")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        said.close()
