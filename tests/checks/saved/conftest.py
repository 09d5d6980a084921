"""Files of real models, saved once a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checks.saved.models import MODELS


@pytest.fixture(scope="session")
def real() -> dict[str, Any]:
    """Return the models by name."""
    return {name: make() for name, (make, _) in MODELS.items()}


@pytest.fixture(scope="session")
def saved(real: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the models' files."""
    folder = tmp_path_factory.mktemp("saved")
    for name, model in real.items():
        model.save(folder / f"{name}.keras")
    return folder
