"""Small data sets that come with scikit-learn, so nothing is downloaded."""

import hashlib
from importlib.metadata import version

import numpy as np

from logitbench.data.dataset import Dataset, Notify, Source
from logitbench.data.features import as_float32, standardise
from logitbench.data.split import shuffled

_SPLIT_SEED = 0


def _digest(name: str) -> str:
    return hashlib.sha256(f"scikit-learn {version('scikit-learn')} {name}".encode()).hexdigest()


class BreastCancer(Source):
    """``source = "breast-cancer"``: 569 tumours, 30 measurements each; malignant or benign?

    Wisconsin Diagnostic Breast Cancer (Street, Wolberg and Mangasarian, 1993), 400 rows for training, 169 for
    validation, always the same ones. The raw measurements run from 0 to 4,254, so raw logits start out large.
    """

    standardise: bool = True
    """Whether each column gets mean 0 and standard deviation 1, by the training rows."""

    def content_digest(self, notify: Notify) -> str:  # noqa: ARG002
        """Return a digest of scikit-learn's version."""
        return _digest("breast-cancer")

    def load(self, notify: Notify) -> Dataset:  # noqa: ARG002
        """Read, split and scale the rows."""
        from sklearn.datasets import load_breast_cancer

        raw = load_breast_cancer()
        train, val = shuffled(len(raw.data), 169, _SPLIT_SEED)
        x_train, x_val = raw.data[train], raw.data[val]
        if self.standardise:
            x_train, x_val = standardise(x_train, x_val)
        labels = raw.target.astype(np.int32)
        names = [str(name) for name in raw.feature_names]
        return Dataset(
            as_float32(x_train, names),
            labels[train],
            as_float32(x_val, names),
            labels[val],
            classes=tuple(str(name) for name in raw.target_names),
        )


class Digits(Source):
    """``source = "digits"``: 1,797 handwritten digits of 8 × 8 pixels; which digit is it?

    The test part of Alpaydin and Kaynak's optical recognition data (1998); a fifth, always the same, is for
    validation.
    """

    scale: bool = True
    """Whether pixels are divided by 16, their largest value."""

    def content_digest(self, notify: Notify) -> str:  # noqa: ARG002
        """Return a digest of scikit-learn's version."""
        return _digest("digits")

    def load(self, notify: Notify) -> Dataset:  # noqa: ARG002
        """Read, split and scale the images; one example is its 64 pixels, row by row."""
        from sklearn.datasets import load_digits

        raw = load_digits()
        train, val = shuffled(len(raw.data), len(raw.data) // 5, _SPLIT_SEED)
        pixels = (raw.data / 16 if self.scale else raw.data).astype(np.float32)
        labels = raw.target.astype(np.int32)
        return Dataset(
            pixels[train],
            labels[train],
            pixels[val],
            labels[val],
            classes=tuple(str(name) for name in raw.target_names),
        )
