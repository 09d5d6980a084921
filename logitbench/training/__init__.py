"""Training the arms of one seed; it yields records and knows nothing of files."""

ENGINES = {
    "lockstep": "logitbench.training.lockstep:Engine",
    "fit": "logitbench.training.fit:Engine",
}
"""Ways to train the arms of a trial, each a class that is made from a ``Pair``."""

LOCKSTEP_EXACT_IN = frozenset({"float32", "mixed_float16"})
"""Precisions in which ``lockstep`` agrees with ``fit`` to a millionth; in others a run is handed to ``fit``."""
