"""Datasets kept ready on disk, so that they are read once and worker processes map them into memory."""

import atexit
import hashlib
import json
import os
import shlex
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from platformdirs import user_cache_path

from logitbench import tables, temporary
from logitbench.data import SOURCES
from logitbench.data.dataset import Dataset, Notify, Source
from logitbench.errors import DataError, UsageError, did_you_mean
from logitbench.spec import DataSpec, Section, validate

FORMAT = 1
"""Of the cached files and of how sources vectorise: raised when either changes; older datasets then lie idle.

1: x_train.npy, y_train.npy, x_val.npy, y_val.npy, meta.json.
"""

_ARRAYS = ("x_train", "y_train", "x_val", "y_val")


class _Meta(Section):
    format: Literal[1]
    digest: str
    classes: tuple[str, ...]
    vocabulary_size: int | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Obtained:
    """A dataset on disk, and what is known of it without reading the examples.

    Args:
        folder: Where ``open_dataset`` finds it.
        digest: ``Dataset.digest()``.
        classes: What each class number stands for.
        notes: What the user should know.
    """

    folder: Path
    digest: str
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def cache_root() -> Path:
    """Return the folder of datasets and downloads: ``LOGITBENCH_CACHE``, or the user's cache folder.

    Raises:
        DataError: It is to be in a home folder, and there is none.
    """
    try:
        return Path(os.environ.get("LOGITBENCH_CACHE") or user_cache_path("logitbench")).expanduser()
    except RuntimeError as error:
        raise DataError(
            f"there is no home folder for the cache: {error}", "Set LOGITBENCH_CACHE to a folder."
        ) from error


def source(spec: DataSpec) -> Source:
    """Return the source that a ``[data]`` section names, its keys validated; nothing is read.

    Raises:
        UsageError: There is no such source, or a key or value is wrong.
    """
    return validate(_source_class(spec.source), spec.options, where="[data]")


def with_path(spec: DataSpec, path: str) -> DataSpec:
    """Return the section with its data taken from a path.

    Raises:
        UsageError: The source reads no file.
    """
    if "path" not in _source_class(spec.source).model_fields:
        raise UsageError(
            f"--data {path}: this experiment's data comes with the packages (source {spec.source!r})",
            f"Leave --data out. To train on your own file: logitbench run csv --data {shlex.quote(path)}",
        )
    return DataSpec(source=spec.source, **{**spec.options, "path": path})


def obtain(spec: DataSpec, notify: Notify) -> Obtained:
    """Return the dataset from the cache, having put it there where it was not.

    Args:
        spec: The ``[data]`` section.
        notify: Takes a line for the user.

    Raises:
        UsageError: The section is wrong.
        DataError: The data cannot be had or used.
    """
    chosen = source(spec)
    datasets = cache_root() / "datasets"
    folder = datasets / _key(spec.source, chosen, notify)
    found = _opened(folder)
    if found is not None:
        return found
    dataset = chosen.load(notify)
    try:
        return _keep(dataset, folder, notify)
    except OSError as error:
        notify(
            f"Cannot write to {datasets} ({error.strerror}); using a temporary folder. "
            "LOGITBENCH_CACHE can name another."
        )
    return _keep_for_now(dataset)


def open_dataset(folder: Path) -> Dataset:
    """Map a cached dataset into memory, read-only, without reading it.

    Raises:
        DataError: It is not a dataset of this version.
    """
    try:
        meta = _Meta.model_validate_json((folder / "meta.json").read_bytes())
        x_train, y_train, x_val, y_val = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS
        )
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"the cached dataset {folder} cannot be read: {error}",
            "Delete the folder; it will be built again.",
        ) from error
    return Dataset(x_train, y_train, x_val, y_val, meta.classes, meta.vocabulary_size, meta.notes)


def _source_class(name: str) -> type[Source]:
    if name not in SOURCES:
        raise UsageError(f"there is no data source {name!r}", did_you_mean(name, SOURCES))
    found: type[Source] = tables.load(SOURCES[name])
    return found


def _key(name: str, chosen: Source, notify: Notify) -> str:
    # Without the path: the content's digest says what lies there, wherever it lies.
    options = chosen.model_dump(mode="json", exclude={"path"})
    parts = [FORMAT, name, options, chosen.content_digest(notify)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _opened(folder: Path) -> Obtained | None:
    """Return the dataset in the folder, or None where it is not what its digest says."""
    try:
        dataset = open_dataset(folder)
        stored = json.loads((folder / "meta.json").read_bytes())["digest"]
    except (DataError, OSError, ValueError):
        return None
    return Obtained(folder, stored, dataset.classes, dataset.notes) if dataset.digest() == stored else None


def _write(dataset: Dataset, folder: Path) -> Obtained:
    digest = dataset.digest()
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", getattr(dataset, name), allow_pickle=False)
    meta = _Meta(
        format=FORMAT,
        digest=digest,
        classes=dataset.classes,
        vocabulary_size=dataset.vocabulary_size,
        notes=dataset.notes,
    )
    (folder / "meta.json").write_text(meta.model_dump_json(indent=1), encoding="utf-8")
    return Obtained(folder, digest, dataset.classes, dataset.notes)


def _keep(dataset: Dataset, folder: Path, notify: Notify) -> Obtained:
    """Write beside, then rename into place, so that nobody ever sees half a dataset; the first finisher wins.

    Raises:
        OSError: The cache cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    new = work / "new"
    try:
        new.mkdir()
        written = replace(_write(dataset, new), folder=folder)
        try:
            new.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            found = _opened(folder)
            if found is not None:  # another process was faster
                return found
            notify(f"The cached dataset {folder} is damaged; it is replaced.")
            folder.rename(work / "damaged")
            new.rename(folder)
        return written
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _keep_for_now(dataset: Dataset) -> Obtained:
    try:
        folder = Path(tempfile.mkdtemp(prefix=temporary.PREFIX))
        temporary.hold(folder)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return _write(dataset, folder)
    except OSError as error:
        raise DataError(
            f"the dataset fits neither in the cache nor in {tempfile.gettempdir()}: {error.strerror}",
            "Free some disk space, or set LOGITBENCH_CACHE to a folder that can be written.",
        ) from error
