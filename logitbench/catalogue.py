"""The experiments that come with the program, by name; what they say is read in ``spec.py``."""

from __future__ import annotations

from pathlib import Path


def shipped() -> dict[str, Path]:
    """Return the shipped experiments' files by name."""
    return {path.stem: path for path in sorted(_folder().glob("*.toml"))}


def _folder() -> Path:
    """Return the folder of shipped experiments: inside an installed package, beside it in a checkout."""
    installed = Path(__file__).parent / "experiments"
    return installed if installed.is_dir() else installed.parents[1] / "experiments"
