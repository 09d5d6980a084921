"""Known holes in Keras that a model file of another can use."""

from __future__ import annotations

import re

HOLES = (
    ("CVE-2025-1550", "3.9.0", "a .keras file names any Python function, and it is called"),
    ("CVE-2025-8747", "3.11.0", "safe mode is passed by"),
    ("CVE-2025-9906", "3.11.0", "a .keras file switches safe mode off"),
    ("CVE-2025-9905", "3.11.3", "safe mode does nothing for .h5 files"),
    ("CVE-2025-49655", "3.11.3", "TorchModuleWrapper unpickles what a file holds"),
    ("CVE-2025-12058", "3.12.0", "StringLookup reads files and addresses that a model names"),
    ("CVE-2025-12060", "3.12.0", "get_file writes outside its folder"),
    ("CVE-2026-0897", "3.13.2", "HDF5 weights of a declared size fill the memory"),
    ("CVE-2026-1669", "3.13.2", "HDF5 weights read any file"),
    ("CVE-2026-1462", "3.13.2", "TFSMLayer loads a SavedModel in safe mode"),
    ("GHSA-hqp4-2352-xf5r", "3.14.0", "archives are unpacked outside their folder"),
)
"""Advisory, the first version without it, and what it is; of the GitHub advisory database, November 2026."""


def holes_in(version: str) -> list[str]:
    """Return what is known to be open in a version of Keras, one line each."""
    return [
        f"{advisory}: {what}; fixed in {fixed}"
        for advisory, fixed, what in HOLES
        if _numbers(version) < _numbers(fixed)
    ]


def _numbers(version: str) -> tuple[int, ...]:
    """Return major, minor, patch and 0 for a pre-release, 1 for a release."""
    release, *rest = re.split(r"(?=[a-z])", version, maxsplit=1)
    numbers = [int(part) for part in release.strip(".").split(".")[:3]]
    early = bool(rest) and not rest[0].startswith("post")
    return (*numbers, *[0] * (3 - len(numbers)), 0 if early else 1)
