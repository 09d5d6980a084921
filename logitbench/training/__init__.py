"""Training the arms of one seed; it yields records and knows nothing of files."""

ENGINES = {
    "lockstep": "logitbench.training.lockstep:Engine",
    "fit": "logitbench.training.fit:Engine",
}
"""Ways to train the arms of a trial, each a class that is made from a ``Pair``."""
