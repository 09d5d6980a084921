"""The model that a command is pointed at: ``module:object``, ``module:function`` or a ``.keras`` file."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from logitbench import kerasfile
from logitbench.errors import UnreadableError, UsageError, first_line
from logitbench.models.user import named
from logitbench.probes.model import naming


@dataclass(frozen=True)
class Loaded:
    """A model.

    Args:
        model: The model.
        note: What has to be said of how it was loaded.
    """

    model: Any
    note: str = ""


PROBE = "KERAS_BACKEND={backend} logitbench probe model {target}"


def load(target: str, again: str = PROBE) -> Loaded:
    """Return the model that a target names.

    A module is imported, and a function of it called, without arguments. A file is read and never run.

    Args:
        target: ``module:object``, ``module:function`` or a ``.keras`` file.
        again: The command that a module is told which chooses another backend than Keras was started on.

    Raises:
        UsageError: There is no such model, or the file would have to be run.
    """
    if python := naming.source_of(target):
        raise _is_source(target, *python, again)
    if target.endswith((".keras", ".h5", ".hdf5")) or ":" not in target or Path(target).exists():
        return _from_file(Path(target))
    return Loaded(_from_module(target, again))


def _is_source(target: str, path: Path, name: str, again: str) -> UsageError:
    command = again.replace("KERAS_BACKEND={backend} ", "").replace(" --backend {backend}", "")
    what = f"{path} is Python source, which is not a model"
    if name and not naming.binds(path, name):
        what = f"{path} has no function {name!r} that needs no argument"
    wanted = "TARGET is a module and a function or model in it" if target != str(path) else "name the model in it"
    got = f", got {target!r}" if target != str(path) else ""
    return UsageError(f"{what}{got}: {wanted}", naming.hint(command, path, name))


def _from_module(target: str, again: str) -> Any:
    try:
        with _argv(target.partition(":")[0]):
            found = named(target, "TARGET is module:object, module:function or a .keras file")
            if not isinstance(found, keras.Model) and callable(found):
                found = found()
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{target} raised {type(error).__name__}: {first_line(error)}",
            "What is no model is called, without arguments. `logitbench --debug ...` shows where.",
        ) from error
    _require_backend(target, again)
    if not isinstance(found, keras.Model):
        raise UsageError(
            f"{target} should be a keras.Model or a function that returns one, got {type(found).__name__}",
            "A function is called without arguments.",
        )
    return found


@contextmanager
def _argv(module: str) -> Iterator[None]:
    """Give a module a command line of its own: logitbench's is not for it."""
    own, sys.argv = sys.argv, [module]
    try:
        yield
    finally:
        sys.argv = own


def _require_backend(target: str, again: str) -> None:
    wanted = os.environ.get("KERAS_BACKEND") or keras.config.backend()
    if wanted != keras.config.backend():
        raise UsageError(
            f"{target} sets KERAS_BACKEND to {wanted!r}, and Keras was started on {keras.config.backend()!r} before",
            f"Set it on the command line: {again.format(backend=wanted, target=shlex.quote(target))}",
        )


def _from_file(path: Path) -> Loaded:
    _require_keras_file(path)
    try:
        return Loaded(keras.saving.load_model(path, safe_mode=True))
    except Exception as error:
        refused = error
    try:
        model = keras.saving.load_model(path, safe_mode=True, compile=False)
    except Exception as error:
        raise _explained(path, error) from error
    why = f"what it was compiled with is not in the file: {_said(refused)}"
    return Loaded(model, why)


LONGEST = 300
"""Characters of an error of Keras's that are shown."""


def _require_keras_file(path: Path) -> None:
    if not path.exists():
        raise UsageError(f"there is no file {path}", "TARGET is module:object, module:function or a .keras file.")
    if path.suffix.lower() != ".keras" or path.is_dir():
        raise UsageError(
            f"expected a .keras file, got {path}",
            "Other formats cannot be read without running what they hold: load it where you trust it, and "
            'model.save("model.keras").',
        )
    try:
        kerasfile.require_loadable(str(path))
    except UnreadableError as error:
        raise UsageError(f"{path} cannot be loaded: {error}") from error


def _explained(path: Path, error: Exception) -> UsageError:
    said = _said(error)
    text = str(error).lower()
    instead = "give module:function instead, a function of your own that builds or loads the model."
    if "safe_mode" in text or "arbitrary code" in text:
        return UsageError(
            f"{path} holds code of its own, and a file is never run: {said}",
            f"If you trust it, {instead}",
        )
    if "could not locate" in text or "custom" in text:
        return UsageError(
            f"{path} needs classes or functions that are not in it: {said}",
            f"A file is loaded without your modules; {instead}",
        )
    return UsageError(f"{path} cannot be loaded: {type(error).__name__}: {said}", f"Where it can, {instead}")


def _said(error: Exception) -> str:
    """Return the sentence of an error of Keras's that tells why: the innermost, where it is of one within another."""
    inner = re.findall(r"Exception encountered: (.+)", str(error)) or [first_line(error)]
    return str(inner[-1]).split(". ")[0][:LONGEST].rstrip(".")
