"""A model that a command is pointed at, measured: in this process, or in one of its own, in which its module runs."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING

from logitbench.errors import UsageError
from logitbench.processes import python

if TYPE_CHECKING:
    from logitbench.checks.engine import Settings
    from logitbench.checks.records import Report
    from logitbench.probes.model.records import ModelProbe

CHECK = "logitbench check --backend {backend} {target}"
"""What a module is told that chooses another backend."""


def measured(target: str, again: str | None = None) -> tuple[ModelProbe, str]:
    """Load a model and measure it, on ``KERAS_BACKEND`` or TensorFlow; with what has to be said of how it was loaded.

    Raises:
        UsageError: There is no such model, or the backend is not there.
    """
    from logitbench.probes.loss.processes import require

    require(os.environ.get("KERAS_BACKEND") or "tensorflow")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of what a probe does often
    from logitbench.training.backend import import_keras

    import_keras()
    from logitbench.probes.model import models, targets

    loaded = targets.load(target, again or targets.PROBE)
    return models.probe_model(loaded.model), loaded.note


def add_models(report: Report, targets: Iterable[str], settings: Settings) -> Report:
    """Return a report with what is found in models that modules make; one that cannot be had is left out by name."""
    from logitbench.checks.engine import sorted_out
    from logitbench.checks.measured import findings_of
    from logitbench.checks.records import Unparsable

    for target in dict.fromkeys(targets):
        report = dataclasses.replace(report, models=(*report.models, target))
        try:
            probe = _apart(target, settings.backend)
        except UsageError as error:
            left = Unparsable(target, f"{error.message}. {error.hint}".rstrip())
            report = dataclasses.replace(report, unparsable=(*report.unparsable, left))
            continue
        found, untold = sorted_out(findings_of(target, probe, settings), settings)
        report = dataclasses.replace(report, findings=(*report.findings, *found), untold=(*report.untold, *untold))
    return report


def _apart(target: str, backend: str) -> ModelProbe:
    """Measure a model in a process of its own: Keras has one backend a process, and the module may do as it likes."""
    from pydantic import TypeAdapter

    from logitbench.probes.model.records import ModelProbe

    done = subprocess.run(  # noqa: S603 - the module is one that the user named
        python("logitbench.cli.measuring", target),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, "KERAS_BACKEND": backend},
        text=True,
        encoding="utf-8",
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise UsageError(
            f"its process ended with exit code {done.returncode} before the model was measured",
            "What it said, if anything, stands above.",
        ) from None
    if "error" in answer:
        raise UsageError(answer["error"], answer["hint"])
    return TypeAdapter(ModelProbe).validate_python(answer["probe"])


def main() -> None:
    """Measure the model of the command line, and answer in JSON."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a user's module prints is not the answer
    try:
        probe, _ = measured(sys.argv[1], CHECK)
        answer: dict[str, object] = {"probe": dataclasses.asdict(probe)}
    except UsageError as error:
        if os.environ.get("LOGITBENCH_DEBUG"):
            traceback.print_exc()
        answer = {"error": error.message, "hint": error.hint}
    with answers:
        json.dump(answer, answers)


if __name__ == "__main__":
    main()
