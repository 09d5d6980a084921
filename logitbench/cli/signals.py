"""Signals that end a run as Ctrl-C does: what is trained is kept, and the command that resumes the run is printed."""

from __future__ import annotations

import signal
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT


class EndedBySignal(KeyboardInterrupt):
    """The program is asked to end.

    Args:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def end_as_ctrl_c() -> None:
    """Raise ``EndedBySignal`` at the first SIGTERM or SIGHUP, unless it is ignored, as SIGHUP is under nohup."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _raise)


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code that a shell shows for a program that the signal ends."""
    return interrupt.exit_code if isinstance(interrupt, EndedBySignal) else INTERRUPTED


def _raise(number: int, frame: FrameType | None) -> None:
    del frame
    signal.signal(number, signal.SIG_IGN)  # a terminal that closes sends several, and the first one is being obeyed
    raise EndedBySignal(number)
