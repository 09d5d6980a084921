"""A process that measures losses at any logits, on the backend that ``KERAS_BACKEND`` names.

A line of standard input is JSON: a setting, rows of logits, targets. The answer is the losses and the gradients.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from logitbench.probes.loss.losses import Computed, loss_of, precision
from logitbench.probes.loss.records import Setting

for line in sys.stdin:
    asked = json.loads(line)
    setting = Setting(**asked["setting"])
    rows, targets = np.array(asked["logits"]), np.array(asked["targets"])
    with precision(setting.policy):
        values, gradients = Computed(setting, loss_of(setting.loss), rows.shape[1])(rows, targets)
    sys.stdout.write(json.dumps([values.tolist(), gradients.tolist()]) + "\n")
