"""The one place that writes or reads a results folder.

``<results>/<experiment>/<run_id>/run.json``, and for each seed ``seed-0003/trial.json`` and ``seed-0003/epochs.jsonl``.
A run and a trial are written under a hidden name and renamed into place when they are whole, so a reader never sees
half of one and no file has two writers. Every JSON file carries a digest of itself, and a trial one of its epochs. What
is found broken is moved to ``broken/``; nothing is deleted that holds a figure.
"""

from logitbench.store.claims import Claims as Claims
from logitbench.store.layout import require_name as require_name
from logitbench.store.reader import Broken as Broken
from logitbench.store.reader import Results as Results
from logitbench.store.reader import Trial as Trial
from logitbench.store.reader import read as read
from logitbench.store.trial_writer import TrialWriter as TrialWriter
from logitbench.store.writer import RunExistsError as RunExistsError
from logitbench.store.writer import create_run as create_run
from logitbench.store.writer import discard as discard
from logitbench.store.writer import record_failure as record_failure
from logitbench.store.writer import require_space as require_space
from logitbench.store.writer import write_run as write_run
