"""Keeps the README's help pages those of the program: ``python tests/readme_help.py`` writes them anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- help: written by tests/readme_help.py -->\n", "<!-- end of help -->\n"
PROBES = ("probe", "probe loss", "probe model", "probe sweep", "probe activations", "probe sampling")
COMMANDS = ("", "run", "compare", "report", "export", *PROBES, "check", "list", "doctor")


def page(command: str) -> str:
    """Return a command's help as a user sees it in 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    call = [sys.executable, "-m", "logitbench", *command.split(), "--help"]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=True, timeout=60)
    # Started as a module, the program is called by the name of the module.
    return done.stdout.replace("python -m logitbench", "logitbench").rstrip()


def section() -> str:
    """Return the help pages of all commands as Markdown."""
    pages = (f"### logitbench {command}".rstrip() + f"\n\n```\n{page(command)}\n```\n" for command in COMMANDS)
    return BEGIN + "\n" + "\n".join(pages) + "\n" + END


def written() -> str:
    """Return what the README has."""
    text = README.read_text(encoding="utf-8")
    return text[text.index(BEGIN) : text.index(END) + len(END)]


if __name__ == "__main__":
    README.write_text(README.read_text(encoding="utf-8").replace(written(), section()), encoding="utf-8")
