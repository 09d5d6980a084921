"""Fixed programs are run: they work, and their metrics are those of the probabilities."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.checks.fixing.programs import fixed_file

DATA = """
import json
import numpy as np
import keras as K
K.utils.set_random_seed(3)
x = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
y = (x[:, :1] + np.random.default_rng(1).normal(size=(200, 1)) > 0).astype("float32")
history = model.fit(x, y, epochs=1, verbose=0).history
measured = model.evaluate(x, y, verbose=0, return_dict=True)
print(json.dumps([list(history), measured, model.predict(x, verbose=0).tolist(), y.tolist()]))
"""
OBJECTS = """from keras.models import Sequential
from keras.layers import Dense
from keras import Input, metrics as m
model = Sequential([Input((3,)), Dense(1)])
model.compile("adam", loss="binary_crossentropy", metrics=[
    "acc", m.BinaryAccuracy(name="b"), "precision", m.Recall(name="r"), m.TruePositives(name="tp"), "auc",
    m.BinaryIoU(name="iou"), "bce"])
"""
TF = """import tensorflow as tf
model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
model.compile("adam", loss=tf.keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy", "recall"])
"""


def run(program: str, folder: Path) -> tuple[list[str], dict[str, float], np.ndarray, np.ndarray]:
    file = folder / "program.py"
    file.write_text(program + DATA, encoding="utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=250, check=True)
    names, measured, logits, labels = json.loads(done.stdout.splitlines()[-1])
    return names, measured, np.array(logits)[:, 0], np.array(labels)[:, 0]


@pytest.mark.slow
@pytest.mark.parametrize("program", [OBJECTS, TF], ids=["objects", "tf.keras"])
def test_a_fixed_program_runs_and_its_metrics_are_those_of_the_probabilities(program: str, tmp_path: Path) -> None:
    done = fixed_file(program, unsafe=True)
    assert done.findings == ()
    names, measured, logits, labels = run(done.after.decode(), tmp_path)
    before, *_ = run(program, tmp_path)
    assert names == before  # callbacks find what they monitor
    called, right = logits > 0, labels == 1
    hits = (called & right).sum()
    loss = np.mean(np.logaddexp(0, logits) - labels * logits)
    expected = {
        "loss": loss,
        "bce": loss,
        **dict.fromkeys(("acc", "b", "accuracy"), np.mean(called == right)),
        "precision": hits / called.sum(),
        **dict.fromkeys(("r", "recall"), hits / right.sum()),
        "tp": hits,
        "auc": np.mean([[0.5 * (a == b) + (a > b) for b in logits[~right]] for a in logits[right]]),
        "iou": np.mean([hits / (called | right).sum(), (~called & ~right).sum() / (~called | ~right).sum()]),
    }
    assert {name: expected[name] for name in measured} == pytest.approx(measured, abs=2e-3)
