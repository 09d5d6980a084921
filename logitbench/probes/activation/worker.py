"""A process that measures activations: a request comes in as JSON, and what is found goes out so.

Keras has one backend a process, and libraries print where they please, so this has a process of its own.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from typing import Any

from pydantic import TypeAdapter

from logitbench.errors import UsageError
from logitbench.probes.activation.records import Request


def main() -> None:
    """Measure what standard input asks for."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is not an answer
    absent: Any = dict.fromkeys(("pandas", "sklearn"))
    sys.modules.update(absent)  # Keras imports them where it finds them, takes a second for it, and needs neither here
    from logitbench.keras_settings import DEFAULTS
    from logitbench.probes.activation import activations

    DEFAULTS.apply()
    try:
        found = activations.probe(TypeAdapter(Request).validate_json(sys.stdin.read()))
        answer: dict[str, Any] = {"found": dataclasses.asdict(found)}
    except UsageError as error:
        answer = {"error": error.message, "hint": error.hint}
    with answers:
        json.dump(answer, answers)


if __name__ == "__main__":
    main()
