"""What all tests share: no network, a cache of their own, one TensorFlow a process."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from logitbench.data.dataset import Dataset
from logitbench.training.backend import prepare_environment

settings.register_profile("logitbench", settings(deadline=None))  # a busy machine fails no test
settings.load_profile("logitbench")

prepare_environment()  # before any test imports TensorFlow

# Tests start hundreds of processes. Without compiled modules each of them compiles this package again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

SHARED_DATA = Path(__file__).parents[1].parent / "shared" / "data"
"""Real data beside the project, where there is any."""


def shared_data(name: str) -> Path:
    """Return a file of real data, or skip the test."""
    path = SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{name}, which is not there")
    return path


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves the machine."""

    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if not (isinstance(address, tuple) and address[0] == "127.0.0.1"):
            raise OSError(f"a test tried to reach {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests away from the user's cache, and share one among the tests of a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGITBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def no_tensorflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which TensorFlow cannot be imported: ``doctor`` then ends seconds earlier."""
    package = tmp_path_factory.mktemp("no-tensorflow") / "tensorflow"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('no such library today')")
    return {"PYTHONPATH": str(package.parent)}


@pytest.fixture(scope="session")
def features() -> Dataset:
    """300 examples of 6 features in two overlapping classes, 200 of them for training."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 2, 300).astype(np.int32)
    rows = (rng.normal(size=(300, 6)) + labels[:, None]).astype(np.float32)
    return Dataset(rows[:200], labels[:200], rows[200:], labels[200:], ("no", "yes"))


@pytest.fixture(scope="session")
def three_classes() -> Dataset:
    """300 examples of 6 features in three overlapping classes, 200 of them for training."""
    rng = np.random.default_rng(8)
    labels = rng.integers(0, 3, 300).astype(np.int32)
    rows = (rng.normal(size=(300, 6)) + labels[:, None]).astype(np.float32)
    return Dataset(rows[:200], labels[:200], rows[200:], labels[200:], ("a", "b", "c"))


@pytest.fixture(scope="session")
def texts() -> Dataset:
    """300 texts of 12 tokens, of which the label decides some; 200 of them for training."""
    rng = np.random.default_rng(9)
    labels = rng.integers(0, 2, 300).astype(np.int32)
    rows = rng.integers(0, 50, size=(300, 12)).astype(np.int32)
    rows[:, 0] = 2 + labels
    return Dataset(rows[:200], labels[:200], rows[200:], labels[200:], ("no", "yes"), vocabulary_size=50)
