"""What a good Keras user writes without logitbench: build, compile and fit each head for each seed, one after another.

TensorFlow's text classification tutorial on the film reviews, with what makes Keras fast: texts vectorised once, a
tf.data pipeline that gathers batches from memory and prefetches them, validation in large batches and cached, several
steps per call, nothing printed. It uses nothing of logitbench, and trains what ``logitbench run imdb --engine fit``
trains: the same split, weights, order of examples and dropout masks.

    python peer_script.py aclImdb --arms logits,probs --seeds 8 --epochs 3 --out epochs.csv
"""

import argparse
import csv
import os
import re
import string
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

VOCABULARY, LENGTH, BATCH, VALIDATION_BATCH, STEPS_PER_EXECUTION = 10_000, 250, 32, 4096, 25

HEADS = {  # the layers on the logits, and the loss's from_logits
    "logits": ([], True),
    "probs": ([lambda: keras.layers.Activation("sigmoid")], False),
    "probs-clipped": ([lambda: keras.layers.Activation("sigmoid"), lambda: keras.layers.Reshape((1,))], False),
    "double": ([lambda: keras.layers.Activation("sigmoid"), lambda: keras.layers.Reshape((1,))], True),
    "raw": ([], False),
}


def standardise(texts):
    lowered = tf.strings.regex_replace(tf.strings.lower(texts), "<br />", " ")
    return tf.strings.regex_replace(lowered, f"[{re.escape(string.punctuation)}]", "")


def read(folder):
    """Read, split and vectorise as the tutorial does."""
    files = [file for label in ("neg", "pos") for file in sorted((folder / "train" / label).glob("*.txt"))]
    np.random.RandomState(42).shuffle(files)  # what text_dataset_from_directory(seed=42) does
    texts = [file.read_text(encoding="utf-8") for file in files]
    labels = np.array([file.parent.name == "pos" for file in files], np.float32)[:, None]
    validation = int(0.2 * len(files))
    vectorise = keras.layers.TextVectorization(
        standardize=standardise, max_tokens=VOCABULARY, output_sequence_length=LENGTH
    )
    vectorise.adapt(tf.data.Dataset.from_tensor_slices(texts[:-validation]).batch(1024))
    tokens = np.concatenate(
        [vectorise(tf.constant(texts[i : i + 1024])).numpy() for i in range(0, len(texts), 1024)]
    ).astype(np.int32)
    return (tokens[:-validation], labels[:-validation]), (tokens[-validation:], labels[-validation:])


def read_prepared(folder):
    """Read arrays that are ready."""
    x_train, y_train, x_val, y_val = (
        np.load(folder / f"{name}.npy") for name in ("x_train", "y_train", "x_val", "y_val")
    )
    return (x_train, y_train[:, None].astype(np.float32)), (x_val, y_val[:, None].astype(np.float32))


def training_batches(x, y, seed, epochs):
    orders = np.stack([np.random.default_rng([seed, epoch]).permutation(len(x)) for epoch in range(1, epochs + 1)])
    x, y, orders = tf.constant(x), tf.constant(y), tf.constant(orders.astype(np.int32))
    return (
        tf.data.Dataset.range(epochs)
        .flat_map(lambda epoch: tf.data.Dataset.from_tensor_slices(orders[epoch]).batch(BATCH))
        .map(lambda rows: (tf.gather(x, rows), tf.gather(y, rows)))
        .prefetch(tf.data.AUTOTUNE)
    )


def build(arm):
    layers, from_logits = HEADS[arm]
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(VOCABULARY + 1, 16),
            keras.layers.Dropout(0.2),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1),
            *(layer() for layer in layers),
        ]
    )
    model.compile(
        optimizer="adam",
        loss=keras.losses.BinaryCrossentropy(from_logits=from_logits),
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_EXECUTION,
    )
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder aclImdb; with --prepared a folder of .npy files")
    parser.add_argument("--prepared", action="store_true")
    parser.add_argument("--arms", default="logits,probs")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("epochs.csv"))
    options = parser.parse_args()

    (x_train, y_train), validation = (read_prepared if options.prepared else read)(options.folder)
    validation_batches = tf.data.Dataset.from_tensor_slices(validation).batch(VALIDATION_BATCH).cache().prefetch(2)
    with options.out.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["seed", "arm", "epoch", "loss", "accuracy", "val_loss", "val_accuracy"])
        for seed in range(options.seeds):
            for arm in options.arms.split(","):
                keras.backend.clear_session()
                keras.utils.set_random_seed(seed)
                history = (
                    build(arm)
                    .fit(
                        training_batches(x_train, y_train, seed, options.epochs),
                        epochs=options.epochs,
                        steps_per_epoch=-(-len(x_train) // BATCH),
                        validation_data=validation_batches,
                        shuffle=False,
                        verbose=0,
                    )
                    .history
                )
                for epoch in range(options.epochs):
                    figures = [history[name][epoch] for name in ("loss", "accuracy", "val_loss", "val_accuracy")]
                    table.writerow([seed, arm, epoch + 1, *figures])


if __name__ == "__main__":
    main()
