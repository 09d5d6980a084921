"""Python processes that import nothing from the working folder.

Python puts the working folder first on the path of ``python -m`` and ``python -c``, where its ``types.py`` would be
taken for the standard library's. A folder's files run only where a command names them as ``module:function``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SAFE_PATH = "PYTHONSAFEPATH"


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module as a program, with the restrictions of this interpreter."""
    restrictions = {"-I": sys.flags.isolated, "-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site}
    return [sys.executable, "-P", *(flag for flag, on in restrictions.items() if on), "-m", module, *arguments]


@contextmanager
def safe_path() -> Iterator[None]:
    """Keep the working folder off the path of each Python that others start meanwhile."""
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        os.environ.pop(SAFE_PATH)
        if before is not None:
            os.environ[SAFE_PATH] = before
