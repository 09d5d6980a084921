"""What the rules on PyTorch's losses have in common."""

from __future__ import annotations

from collections.abc import Container, Iterator

from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.rule import Problem
from logitbench.checks.rules import words


def misfits(
    event: Event, kinds: Container[str], wrong: Container[str | None], what: str, remedy: str
) -> Iterator[Problem]:
    """Find heads that a loss of PyTorch is not of.

    Args:
        event: What happens.
        kinds: The loss, as class and as function.
        wrong: Activations that it is not of.
        what: What it takes, what the head gives instead, and what comes of it.
        remedy: Python that puts it right.
    """
    if not isinstance(event, Pair) or event.loss.home != "torch" or event.loss.kind not in kinds:
        return
    if event.tensor.activation in wrong:
        said = f"{event.loss.kind} {what.format(head=words.head(event.tensor))}"
        yield Problem(event.node, said, remedy, head=event.tensor.node)
