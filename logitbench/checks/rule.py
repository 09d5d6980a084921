"""What a rule is: a question to each thing that happens in a program."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from logitbench.checks.fix import Fix
from logitbench.checks.interpret.events import Event
from logitbench.checks.records import Severity


@dataclass(frozen=True)
class Problem:
    """What a rule has to say.

    Args:
        node: Where.
        message: What is wrong, and what it costs.
        remedy: Python that puts it right; empty where there is no one answer.
        severity: Where it is not the rule's own.
        head: Where the head is that it is about.
        fix: What puts it right in the program; None where there is no one answer.
    """

    node: ast.AST
    message: str
    remedy: str = ""
    severity: Severity | None = None
    head: ast.AST | None = None
    fix: Fix | None = None


Check = Callable[[Event, str], Iterator[Problem]]
"""From what happens, and Keras's backend, to what is wrong with it."""


@dataclass(frozen=True)
class Rule:
    """A rule.

    Args:
        code: Such as ``LB101``.
        severity: Of its findings, where they have none of their own.
        page: What ``--explain`` prints.
        check: The question.
    """

    code: str
    severity: Severity
    page: str
    check: Check

    @property
    def title(self) -> str:
        """The first line of its page."""
        return self.page.splitlines()[0].rstrip(".")
