"""Which loss an arm really computes, measured on its compiled model."""

from __future__ import annotations

from logitbench.heads import LossPath
from logitbench.models.head import ArmModel
from logitbench.probes.model.paths import Head, read_path


def measure(model: ArmModel) -> LossPath:
    """Return the path whose exact value and gradient agree with the compiled model's own loss at every point.

    The loss is taken in a graph, as in training, of the same layers, loss and precision.
    """
    units = model.task.units
    head = Head(lambda row: model.head(row, training=True), units, (1, units), model.head.inputs[0].dtype, "graph")
    return read_path(head, model.model.loss)
