"""Computes the numbers of pages on one backend: ``python -m tests.checks.pages.compute < questions.json``.

A question is a function and the numbers that a page prints, by name. The answer is what the function computed, or the
error that it raised. Keras chooses its backend when it is imported, so each backend has a process.
"""

from __future__ import annotations

import inspect
import json
import sys
import traceback
from importlib import import_module
from typing import Any


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Call a question's function."""
    module, _, name = question["function"].partition(":")
    try:
        function = getattr(import_module(f"tests.checks.pages.{module}"), name)
        given = {name: question["printed"][name] for name in inspect.signature(function).parameters}
        return {"given": given, "computed": function(**given)}
    except Exception:
        return {"error": traceback.format_exc()}


if __name__ == "__main__":
    json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
