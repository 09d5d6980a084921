"""logitbench compares logit heads with probability heads in paired training runs.

From Python: ``probe_model(model)`` and ``loss_path(loss, activation)`` measure what a model and a loss compute, and
``HeadCheck()`` does so when training begins. Keras is imported when one of them is first asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False  # nothing is imported here: __main__ has to clean the path first
if TYPE_CHECKING:
    from typing import Any

    from logitbench.errors import HeadMismatchError as HeadMismatchError
    from logitbench.probes.model.callback import HeadCheck as HeadCheck
    from logitbench.probes.model.models import loss_path as loss_path
    from logitbench.probes.model.models import probe_model as probe_model

__version__ = "0.1.0"

_ASKED_FOR = {
    "HeadCheck": "logitbench.probes.model.callback",
    "HeadMismatchError": "logitbench.errors",
    "loss_path": "logitbench.probes.model.models",
    "probe_model": "logitbench.probes.model.models",
}


def __getattr__(name: str) -> Any:
    if name not in _ASKED_FOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_ASKED_FOR[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_ASKED_FOR])
