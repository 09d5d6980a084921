from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, signal
from logitbench.cli import signals
signal.signal(signal.{name}, signal.{before})
signals.end_as_ctrl_c()
try:
    os.kill(os.getpid(), signal.{name})
    print("continues")
except KeyboardInterrupt as interrupt:
    os.kill(os.getpid(), signal.{name})  # a terminal that closes sends more than one
    print(signals.exit_code(interrupt))
"""


@pytest.mark.parametrize(
    ("name", "before", "answer"),
    [
        ("SIGHUP", "SIG_DFL", "129"),
        ("SIGINT", "default_int_handler", "130"),
        ("SIGTERM", "SIG_DFL", "143"),
        ("SIGHUP", "SIG_IGN", "continues"),
        ("SIGTERM", "SIG_IGN", "continues"),
    ],
)
def test_a_signal_ends_the_program_as_ctrl_c_does_unless_it_is_ignored(name: str, before: str, answer: str) -> None:
    program = PROGRAM.format(name=name, before=before)
    if name == "SIGINT":
        program = program.replace("    os.kill(os.getpid(), signal.SIGINT)  # a terminal", "    pass  # a terminal")

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert (done.stdout.strip(), done.stderr, done.returncode) == (answer, "", 0)
