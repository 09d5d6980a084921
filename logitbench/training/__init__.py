"""Training the arms of one seed; it yields records and knows nothing of files."""

ENGINES = {
    "lockstep": "logitbench.training.lockstep:train",
    "fit": "logitbench.training.fit:train",
}
"""Ways to train the arms of a trial, each ``module:function`` from a ``Setup`` to a stream of ``Progress``."""
