"""What is trained: one trunk a file, one line here. A trunk is a Keras model without its head."""

TRUNKS = {
    "auto": "logitbench.models.auto:Auto",
    "linear": "logitbench.models.linear:Linear",
    "mlp": "logitbench.models.mlp:Mlp",
    "text-average": "logitbench.models.text_average:TextAverage",
}
"""Shipped trunks by name, each ``module:class``; the class is a ``Trunk``."""
