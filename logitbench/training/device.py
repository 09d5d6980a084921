"""What TensorFlow trains on: ``python -m logitbench.training.device`` prints it.

TensorFlow takes seconds and hundreds of megabytes, and writes on stderr as it likes; a program that only wants the name
of the device asks a process of its own.
"""

from __future__ import annotations

import subprocess
import sys

from logitbench.errors import TrainingError
from logitbench.processes import python


def device_of_training() -> str:
    """Return what TensorFlow trains on, without importing it here.

    Raises:
        TrainingError: TensorFlow cannot be imported.
    """
    done = subprocess.run(  # noqa: S603 - this Python and logitbench's own module
        python("logitbench.training.device"), capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise TrainingError(f"TensorFlow cannot be imported: {last.partition('Error: ')[2] or last}")
    return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    from logitbench.training import backend

    backend.load()  # takes less memory than TensorFlow's own import of Keras
    sys.stdout.write(backend.device() + "\n")
