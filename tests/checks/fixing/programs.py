"""Programs to fix, and what becomes of them."""

from __future__ import annotations

from logitbench.checks.engine import Settings
from logitbench.checks.fixing.fixer import FixedFile, fix_source
from logitbench.checks.records import Severity
from logitbench.checks.registry import chosen

SETTINGS = Settings(chosen(None, None), severity=Severity.NOTE)


def fixed_file(program: str | bytes, unsafe: bool = True, path: str = "a.py") -> FixedFile:
    """Return what becomes of a program, and see that a second run finds nothing more to do."""
    raw = program if isinstance(program, bytes) else program.encode()
    done = fix_source(path, raw, SETTINGS, unsafe)
    again = fix_source(path, done.after, SETTINGS, unsafe)
    assert (again.after, again.fixed, again.findings) == (done.after, 0, done.findings)
    return done


def fixed(program: str, unsafe: bool = True) -> str:
    """Return a program as it is after its fixes."""
    return fixed_file(program, unsafe).after.decode()
