"""A process that probes on one backend: settings come in as a line of JSON each, and what is found goes out so.

It is started by ``probes.loss.processes``, with the backend's name in ``KERAS_BACKEND``.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys

from logitbench.probes.loss.records import LossProbe, Refused, Setting


def main() -> None:
    """Probe each setting of standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is not an answer
    import keras

    from logitbench.keras_settings import DEFAULTS
    from logitbench.probes.loss import losses

    DEFAULTS.apply()

    for line in sys.stdin:
        setting = Setting(**json.loads(line))
        answer: LossProbe | Refused
        try:
            answer = losses.probe(setting)
        except Exception as error:  # whatever a backend raises is what it says of the setting
            answer = Refused(keras.config.backend(), setting, f"{type(error).__name__}: {error}")
        answers.write(json.dumps(dataclasses.asdict(answer)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
