"""How an experiment names a trunk: a shipped name, or the user's own ``module:function``."""

from __future__ import annotations

from logitbench import models, tables
from logitbench.errors import UsageError, did_you_mean
from logitbench.models.trunk import Builder, Trunk
from logitbench.models.user import UserTrunk
from logitbench.spec import ModelSpec, validate


def trunk(spec: ModelSpec) -> Builder:
    """Return the builder that an experiment names; a user's module is not imported before it builds.

    Raises:
        UsageError: There is no such trunk, or a key of it is wrong.
    """
    if ":" in spec.name:
        return UserTrunk(spec.name, spec.options)
    if spec.name not in models.TRUNKS:
        hint = did_you_mean(spec.name, models.TRUNKS)
        raise UsageError(f"there is no model {spec.name!r}", f"{hint} Your own is written module:function.")
    shipped: type[Trunk] = tables.load(models.TRUNKS[spec.name])
    return validate(shipped, spec.options, where=f"[model] of {spec.name!r}")
