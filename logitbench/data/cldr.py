"""Names of places, languages, scripts and currencies, from Unicode's CLDR 47."""

import gzip
import hashlib
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from logitbench.data import text
from logitbench.data.dataset import Dataset, Notify, Source
from logitbench.data.split import ValidationSplit
from logitbench.errors import DataError

NAMES = Path(__file__).parent / "names" / "cldr-47.tsv.gz"
"""One line per concept; ``tests/make_cldr_names.py`` writes it. Its licence is ``LICENSE.unicode`` beside it."""

ROMANCE = ("es", "fr", "pt", "it", "ca", "gl", "ro")
GERMANIC = ("en", "de", "nl", "sv", "da", "nb")
OTHERS = ("pl", "cs", "fi", "hu", "tr")

FAMILY_CLASSES = ("Germanic", "Romance")
LANGUAGE_CLASSES = tuple(sorted(GERMANIC + ROMANCE + OTHERS))
"""All written in Latin script, so that the letters alone do not give the language away."""


class _Name(NamedTuple):
    text: str
    label: int
    position: float
    """Of its concept, in [0, 1)."""


class Cldr(Source):
    """``source = "cldr"``: which language family, or which language, is a name in?"""

    task: Literal["family", "language"] = "family"
    ngram: Annotated[int, Field(ge=1, le=16)] = 3
    """Characters per token."""
    vocabulary_size: text.VocabularySize = 10_000
    sequence_length: text.SequenceLength = 48
    validation_split: ValidationSplit = 0.2
    """Share of the concepts, and so about the share of the names, kept for validation."""

    def content_digest(self, notify: Notify) -> str:  # noqa: ARG002
        """Return a digest of the names' file and the task's languages."""
        return hashlib.sha256(f"{names_digest()} {self._languages()}".encode()).hexdigest()

    def load(self, notify: Notify) -> Dataset:  # noqa: ARG002
        """Read the names and vectorise them.

        Raises:
            DataError: The split leaves one side empty.
        """
        names = list(self._names())
        train = [name for name in names if name.position >= self.validation_split]
        val = [name for name in names if name.position < self.validation_split]
        if not train or not val:
            raise DataError(
                f"validation_split = {self.validation_split} leaves no names on one side",
                "Take one between 0.01 and 0.99.",
            )
        tokens = text.vectorise(
            [name.text for name in train],
            [name.text for name in val],
            partial(text.ngrams, n=self.ngram),
            vocabulary_size=self.vocabulary_size,
            sequence_length=self.sequence_length,
        )
        return Dataset(
            tokens.x_train,
            np.array([name.label for name in train], np.int32),
            tokens.x_val,
            np.array([name.label for name in val], np.int32),
            classes=FAMILY_CLASSES if self.task == "family" else LANGUAGE_CLASSES,
            vocabulary_size=tokens.vocabulary_size,
        )

    def _languages(self) -> dict[str, int]:
        """Return each language with the number of its class, in the order in which names are read."""
        if self.task == "language":
            return {language: number for number, language in enumerate(LANGUAGE_CLASSES)}
        families = {**dict.fromkeys(GERMANIC, "Germanic"), **dict.fromkeys(ROMANCE, "Romance")}
        return {language: FAMILY_CLASSES.index(family) for language, family in families.items()}

    def _names(self) -> Iterator[_Name]:
        for language, label in self._languages().items():
            for (kind, key), name in names_in(language).items():
                yield _Name(name, label, concept_position(kind, key))


def names_in(language: str) -> dict[tuple[str, str], str]:
    """Return the name of each concept, by its kind and key, in one of ``LANGUAGE_CLASSES``."""
    header, *rows = (line.split("\t") for line in _table().decode().removesuffix("\n").split("\n"))
    column = header.index(language)
    return {(row[0], row[1]): row[column] for row in rows if row[column]}


def names_digest() -> str:
    """Return the SHA-256 of the names in all languages."""
    return hashlib.sha256(_table()).hexdigest()


@cache
def _table() -> bytes:
    return gzip.decompress(NAMES.read_bytes())


def concept_position(kind: str, key: str) -> float:
    """Return where in [0, 1) a concept stands in the split.

    By a hash of the concept, so that "Deutschland" is never learned where "Alemania" is asked for, and a
    concept that a later CLDR adds moves no other one.
    """
    first = hashlib.sha256(f"{kind}/{key}".encode()).digest()[:6]
    return int.from_bytes(first) / 2**48
