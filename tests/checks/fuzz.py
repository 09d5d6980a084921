"""Put changed programs and notebooks to the rules and their fixes, led by what the code does with them.

    pip install atheris
    python -m tests.checks.fuzz -max_total_time=600

Nothing may be raised, nothing may take longer than a few seconds, and what is fixed parses.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["logitbench.checks"]):
    from logitbench.checks.engine import Settings, check_source
    from logitbench.checks.fixing.fixer import fix_source
    from logitbench.checks.reading import source_of
    from logitbench.checks.records import Severity
    from logitbench.checks.registry import all_rules
    from logitbench.errors import UnreadableError

FIXTURES = Path(__file__).parents[1] / "fixtures" / "checks"
SETTINGS = Settings(tuple(all_rules().values()), Severity.NOTE, show_unknown=True)


def look(raw: bytes) -> None:
    """Check a file and fix it."""
    path = "a.ipynb" if raw[:1] == b"{" else "a.py"
    try:
        source = source_of(path, raw)
    except UnreadableError:
        return
    if check_source(source, SETTINGS):
        source_of(path, fix_source(path, raw, SETTINGS, unsafe=True).after)


def main() -> None:
    """Begin with the fixtures, and go on until libFuzzer's own options say that it is enough."""
    with tempfile.TemporaryDirectory() as corpus:
        for number, path in enumerate(sorted(FIXTURES.rglob("*.*"))):
            shutil.copyfile(path, Path(corpus, str(number)))
        atheris.Setup([*sys.argv, "-timeout=20", "-max_len=8192", corpus], look)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
