"""The user's own trunk, ``module:function``."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from logitbench.errors import UsageError, did_you_mean, first_line, is_out_of_memory, limit_of_the_system
from logitbench.models.trunk import Inputs


@dataclass(frozen=True)
class UserTrunk:
    """Builds a trunk by calling ``function(input_shape, num_classes, **options)``.

    A parameter called ``vocabulary_size`` is given the number of token numbers.

    Args:
        target: ``module:function``; the module is looked for in the working directory too.
        options: The other keys of ``[model]``.
    """

    target: str
    options: Mapping[str, Any]

    def build(self, inputs: Inputs) -> Any:
        """Return what the function returns, once it is seen to be a trunk."""
        function = self._function()
        arguments = dict(self.options)
        if "vocabulary_size" in inspect.signature(function).parameters:
            arguments.setdefault("vocabulary_size", inputs.vocabulary_size)
        try:
            model = function(inputs.shape, inputs.num_classes, **arguments)
            self._refuse_a_head(model, inputs)
        except UsageError:
            raise
        except Exception as error:
            if is_out_of_memory(error) or (isinstance(error, OSError) and limit_of_the_system(error)):
                raise
            raise UsageError(
                f"{self.target} raised {type(error).__name__}: {first_line(error)}",
                f"It is called with the input shape {inputs.shape} and {inputs.num_classes} classes, and its model "
                "with a batch of examples. --debug shows the traceback.",
            ) from error
        return model

    def source_sha256(self) -> str | None:
        """Return the digest of the module's file as it is now; None where it is not found as a file."""
        inside = Path(*self.target.partition(":")[0].split("."))
        for folder in (*sys.path, ""):  # as the import looks for it
            for name in (inside.with_suffix(".py"), inside / "__init__.py"):
                if (file := Path(folder) / name).is_file():
                    return hashlib.sha256(file.read_bytes()).hexdigest()
        return None

    def _refuse_a_head(self, model: Any, inputs: Inputs) -> None:
        import keras

        if not isinstance(model, keras.Model):
            raise UsageError(f"{self.target} should return a keras.Model, got {type(model).__name__}")
        features = model(keras.Input(inputs.shape, dtype=inputs.dtype))
        last = model.layers[-1] if model.layers else None
        softmax = isinstance(last, keras.layers.Softmax)
        activation = "softmax" if softmax else getattr(getattr(last, "activation", None), "__name__", None)
        widths = {1, 2} if inputs.num_classes == 2 else {inputs.num_classes}
        if activation in {"linear", "sigmoid", "softmax"} and getattr(features, "shape", (None,))[-1] in widths:
            raise UsageError(
                f"the model of {self.target} has a head already: its last layer {getattr(last, 'name', last)!r} gives "
                f"{features.shape[-1]} unit(s) with {activation} activation",
                "Return the model without that layer; logitbench puts each arm's head on it.",
            )

    def _function(self) -> Callable[..., Any]:
        function = named(self.target, "model.name is module:function")
        if not callable(function):
            raise UsageError(f"{self.target} should be a function, got {type(function).__name__}")
        return function  # type: ignore[no-any-return]


def named(target: str, how: str) -> Any:
    """Return what ``module:name`` stands for; the module is looked for in the working directory last.

    Raises:
        UsageError: There is none. Its hint begins with ``how`` a target is written.
    """
    module_name, _, name = target.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # last: its files never take the place of an installed module
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(f"{error.name}.")
        raise UsageError(
            f"cannot import module {module_name!r}: {type(error).__name__}: {error}",
            f"{how}; the module is looked for where Python looks, then in the working directory."
            if missing
            else "The module was found, and its own code failed. `logitbench --debug ...` shows where.",
        ) from error
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise UsageError(
            f"cannot get {name!r} from module {module_name!r}: it has none",
            _another_module(module) or (did_you_mean(name, own) if (own := _targets(module)) else f"{how}."),
        ) from error


def _another_module(module: ModuleType) -> str:
    """Say that an installed module was imported where the working directory has a file of the same name."""
    inside = Path(*module.__name__.split("."))
    imported = Path(module.__file__).resolve() if module.__file__ else None
    own = [file.resolve() for file in (inside.with_suffix(".py"), inside / "__init__.py") if file.is_file()]
    if not own or imported in own:
        return ""
    return (
        f"Python imported {imported or 'its built-in module'}, not {own[0]}: installed modules come first. "
        "Rename your file."
    )


def _targets(module: ModuleType) -> list[str]:
    """Return the functions that a module defines and the models in it; not what it imports, nor private names."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (
            (inspect.isfunction(value) and value.__module__ == module.__name__)
            or (not inspect.isclass(value) and hasattr(value, "train_on_batch"))
        )
    ]
